// The fixture's rows: put in as a store would, and told as one text.
#include "engine/testing/engine_fixture.h"

namespace backstitch::fixture {
namespace {

template <class Rows, class Table, class Key>
void put_all(const Rows& rows, Table& table, Key key) {
  for (const auto& row : rows) table[key(row)] = row;
}

void put_lines(const std::vector<LineRow>& rows, std::map<Bits128, LineRow>& table) {
  for (const LineRow& row : rows) {
    EXPECT_EQ(row.insert, !table.contains(row.id)) << "a row is inserted once and then only changed";
    table[row.id] = row;
  }
}

/// As the statements of a turn do it: what a user had goes before what is assigned.
void put_access(const TurnRows& rows, Tables& tables) {
  auto put = [](std::set<std::string>& table, const std::string& key, bool remove) {
    if (remove)
      table.erase(key);
    else
      table.insert(key);
  };
  for (const UserRow& row : rows.users) {
    put(tables.users, row.name, row.remove);
    if (row.cleared) std::erase_if(tables.memberships, [&](const std::string& key) { return key.starts_with(row.name + " "); });
  }
  for (const MembershipRow& row : rows.memberships) put(tables.memberships, row.user + " " + row.profile, row.remove);
  for (const GrantRow& row : rows.grants)
    put(tables.grants, row.profile + " " + Grant{row.resource, row.action, row.field}.text(), row.remove);
}

template <class Table>
void erase_order(Table& table, OrderId order) {
  std::erase_if(table, [&](const auto& entry) {
    if constexpr (requires { entry.first.bits; })
      return belongs_to(entry.first.bits, order);
    else
      return belongs_to(entry.first, order);
  });
}

void take(const TakenRows& taken, Tables& tables) {
  for (const OrderId id : taken.orders) {
    erase_order(tables.orders, id), erase_order(tables.docs, id), erase_order(tables.order_items, id);
    erase_order(tables.downstream_orders, id), erase_order(tables.downstream_items, id), erase_order(tables.values, id);
    erase_order(tables.plans, id), erase_order(tables.items, id), erase_order(tables.events, id);
    erase_order(tables.attention, id);
  }
  for (const OrderKeyRow& key : taken.order_keys) tables.keys.erase(key.source_order_id);
  for (const InventoryId id : taken.inventory)
    std::erase_if(tables.inventory, [&](const auto& entry) { return entry.second.id == id; });
  for (const AssetId id : taken.assets) std::erase_if(tables.assets, [&](const auto& entry) { return entry.second.id == id; });
}

}  // namespace

void Tables::apply(const TurnRows& rows) {
  take(rows.taken, *this);
  for (const OrderKeyRow& row : rows.order_keys) {
    EXPECT_FALSE(keys.contains(row.source_order_id)) << "an order key is inserted once";
    keys[row.source_order_id] = row.order;
  }
  put_all(rows.orders, orders, [](const OrderRow& row) { return row.id; });
  put_all(rows.order_docs, docs, [](const OrderDocRow& row) { return row.id; });
  put_lines(rows.order_items, order_items), put_lines(rows.downstream_orders, downstream_orders),
      put_lines(rows.downstream_items, downstream_items);
  put_all(rows.line_values, values, [](const LineValuesRow& row) { return row.id; });
  put_all(rows.plans, plans, [](const PlanRow& row) { return row.id; });
  put_all(rows.items, items, [](const ItemRow& row) { return row.id; });
  for (const EventRow& row : rows.events) events[row.order] += row.data;
  for (const AttentionRow& row : rows.attention)
    if (row.remove)
      attention.erase(row.item);
    else
      attention[row.item] = row;
  put_all(rows.inventory, inventory,
          [](const InventoryRow& row) { return row.account_id + "\n" + row.product + "\n" + row.scope_key; });
  put_all(rows.assets, assets, [](const AssetRow& row) { return row.account_id + "\n" + row.asset_ref; });
  commands.insert(commands.end(), rows.commands.begin(), rows.commands.end());
  put_all(rows.systems, systems, [](const SystemRow& row) { return row.system; });
  put_access(rows, *this);
}

std::string Tables::dump() const {
  std::string out;
  for (const auto& [id, row] : orders)
    out += fmt::format("order {} {} {} {}\n", id.text(), to_text(row.state), row.created_at.us, row.changed_at.us);
  for (const auto& [id, row] : docs) out += fmt::format("doc {} {} {} {}\n", id.text(), row.body_digest, row.document, row.graph);
  for (const auto* table : {&order_items, &downstream_orders, &downstream_items})
    for (const auto& [id, row] : *table)
      out += fmt::format("line {} {} {} {}\n", uuid_text(id), row.what, row.state, row.changed_at.us);
  for (const auto& [id, row] : values) out += fmt::format("values {} {}\n", id.text(), row.values);
  for (const auto& [id, row] : plans)
    out += fmt::format("plan {} {} {} {}\n", id.text(), to_text(row.state), row.created_at.us, row.changed_at.us);
  for (const auto& [id, row] : items)
    out += fmt::format("item {} {} {} {} {} {} {} {} {} {} {}\n", id.text(), row.system, to_text(row.state), row.attempt,
                       row.call, row.error, row.digest, row.started_at.us, row.ended_at.us, row.due_at.us, row.owner);
  for (const auto& [id, text] : events) out += text;
  for (const auto* table : {&users, &memberships, &grants})
    for (const std::string& key : *table) out += "access " + key + "\n";
  for (const auto& [id, row] : attention)
    out += fmt::format("attention {} {} {} {} {} {}\n", id.text(), row.kind, row.state, row.error, row.owner, row.since.us);
  for (const auto& [key, row] : inventory)
    out += fmt::format("inventory {} {} {} {} {} {}\n", key, to_text(row.state), row.values, row.service_record, row.system_ref,
                       row.changed_at.us);
  for (const auto& [key, row] : assets)
    out += fmt::format("asset {} {} {} {}\n", key, to_text(row.state), row.values, row.changed_at.us);
  for (const CommandRow& row : commands)
    out += fmt::format("command {} {} {} {} {}\n", row.id.text(), row.kind, row.state, row.code, row.offset);
  return out;
}

}  // namespace backstitch::fixture
