#include "engine/working_set.h"

#include "base/assert.h"

namespace backstitch {

std::string order_name(std::string_view source, std::string_view source_order_id, int version) {
  return std::string(source) + "\n" + std::string(source_order_id) + "\n" + std::to_string(version);
}

OrderWork* PartitionWork::find_order(OrderId id) {
  const auto found = orders.find(id);
  return found == orders.end() ? nullptr : found->second.get();
}

bool PartitionWork::is_up(const std::string& system) const {
  const auto found = systems.find(system);
  return found == systems.end() || found->second.up;
}

int item_index(const OrderWork& order, ItemId item) {
  for (std::size_t i = 0; i < order.plan.items.size(); ++i)
    if (order.plan.items[i].id == item) return static_cast<int>(i);
  return -1;
}

namespace {

void take_new(const OrderWork& order, TurnRows& rows) {
  const Order& document = order.order;
  rows.order_keys.push_back({document.source, document.source_order_id, document.version, order.id, order.salt});
  rows.order_docs.push_back({order.id, order.body_digest, order.body, order.graph});
  if (!order.items.empty())
    rows.plans.push_back(
        {order.plan.id, order.plan_state, static_cast<int>(order.items.size()), order.created_at, order.changed_at, true});
}

void take_lines(const OrderWork& order, TurnRows& rows) {
  const Time at = order.changed_at;
  if (order.is_new || order.lines_changed)
    for (std::size_t i = 0; i < order.order.lines.size(); ++i) {
      const OrderLine& line = order.order.lines[i];
      rows.order_items.push_back({derive_child(order.id, "orderItem", line.line_id, "", order.order.version),
                                  to_text(line.action), to_text(order.lines[i]), at, order.is_new});
    }
  if (order.is_new || order.downstream_changed)
    for (std::size_t i = 0; i < order.parts.orders.size(); ++i)
      rows.downstream_orders.push_back(
          {order.parts.orders[i].id.bits, order.parts.orders[i].domain, to_text(order.downstream_orders[i]), at, order.is_new});
  for (std::size_t i = 0; i < order.parts.items.size(); ++i) {
    const DownstreamItem& part = order.parts.items[i];
    const DownstreamItemWork& work = order.downstream_items[i];
    if (order.is_new || work.changed)
      rows.downstream_items.push_back({part.id.bits, to_text(part.action), to_text(work.state), at, order.is_new});
    if (work.values_changed) {
      LineValuesRow row{part.id, {}};
      part.values.append_json(row.values);
      rows.line_values.push_back(std::move(row));
    }
  }
}

std::string item_system(const OrderWork& order, std::size_t item) {
  const ItemDefinition* definition = order.catalog->item(order.plan.items[item].plan, order.plan.items[item].item);
  if (!definition) return {};
  if (definition->type == ItemType::manual_task) return definition->manual_queue;
  return definition->type == ItemType::callout ? definition->interface.substr(0, definition->interface.find('.'))
                                               : definition->lane;
}

void take_items(OrderWork& order, TurnRows& rows) {
  for (const int index : order.changed_items) {
    ItemWork& work = order.items[static_cast<std::size_t>(index)];
    ItemRow row;
    row.id = order.plan.items[static_cast<std::size_t>(index)].id,
    row.system = item_system(order, static_cast<std::size_t>(index));
    row.state = work.state, row.attempt = work.attempt, row.call = work.call, row.error = work.error, row.digest = work.digest;
    row.started_at = work.started_at, row.ended_at = work.ended_at, row.due_at = work.due_at, row.owner = work.owner;
    row.insert = order.is_new;
    rows.items.push_back(std::move(row));
    work.changed = false;
  }
}

void take_order(OrderWork& order, std::uint64_t turn, TurnRows& rows) {
  if (order.is_new) take_new(order, rows);
  if (order.is_new || order.changed_at.is_set())
    rows.orders.push_back({order.id, order.order.account_id, order.partition, order.state,
                           order.catalog ? order.catalog->digest : std::string(), order.created_at, order.changed_at,
                           order.is_new});
  take_lines(order, rows);
  if (!order.is_new && order.plan_changed)
    rows.plans.push_back(
        {order.plan.id, order.plan_state, static_cast<int>(order.items.size()), order.created_at, order.changed_at, false});
  take_items(order, rows);
  if (order.event_count > 0) rows.events.push_back({order.id, turn, order.events_at, order.event_count, std::move(order.events)});
  order.is_new = order.order_changed = order.plan_changed = order.lines_changed = order.downstream_changed = false;
  order.changed_items.clear(), order.events.clear(), order.event_count = 0, std::string().swap(order.body),
                                                     std::string().swap(order.graph);
  for (DownstreamItemWork& item : order.downstream_items) item.changed = item.values_changed = false;
}

void release_order(PartitionWork& work, const OrderWork& order) {
  const auto account = work.accounts.find(order.order.account_id);
  if (account != work.accounts.end()) --account->second.open_orders;
  work.known_orders.erase(order_name(order.order.source, order.order.source_order_id, order.order.version));
  work.orders.erase(order.id);
}

void take_accounts(PartitionWork& work, TurnRows& rows) {
  for (const std::string& id : work.changed_accounts) {
    AccountWork& account = work.accounts[id];
    for (const std::string& key : account.changed_assets) rows.assets.push_back(account.assets[key]);
    for (const std::string& key : account.changed_inventory) rows.inventory.push_back(account.inventory[key]);
    account.changed_assets.clear(), account.changed_inventory.clear();
  }
  work.changed_accounts.clear();
}

// Only the last word on an item counts in a turn.
void take_attention(PartitionWork& work, TurnRows& rows) {
  std::set<ItemId> seen;
  for (auto row = work.attention.rbegin(); row != work.attention.rend(); ++row)
    if (seen.insert(row->item).second) rows.attention.push_back(std::move(*row));
  work.attention.clear();
}

void take_access(PartitionWork& work, TurnRows& rows) {
  for (auto& [name, row] : work.access.users) rows.users.push_back(std::move(row));
  for (auto& [key, row] : work.access.memberships) rows.memberships.push_back(std::move(row));
  for (auto& [key, row] : work.access.grants) rows.grants.push_back(std::move(row));
  work.access = {};
}

template <class Row>
void append(std::vector<Row>& to, std::vector<Row>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void take_repaired(PartitionWork& work, std::uint64_t turn, TurnRows& rows) {
  // A turn repairs what it has digests of; what was taken over from the CRM comes without (engine/crm/refresh_record.cpp).
  if (work.account_digests.empty() && work.repaired.line_values.empty()) return;
  TurnRows from = std::move(work.repaired);
  work.repaired = {}, work.account_digests.clear();
  for (EventRow& row : from.events)
    if (row.turn == 0) row.turn = turn;
  append(rows.taken.orders, from.taken.orders), append(rows.taken.order_keys, from.taken.order_keys);
  append(rows.taken.inventory, from.taken.inventory), append(rows.taken.assets, from.taken.assets);
  append(rows.order_keys, from.order_keys), append(rows.orders, from.orders), append(rows.order_docs, from.order_docs);
  append(rows.order_items, from.order_items), append(rows.downstream_orders, from.downstream_orders);
  append(rows.downstream_items, from.downstream_items), append(rows.line_values, from.line_values);
  append(rows.plans, from.plans), append(rows.items, from.items), append(rows.events, from.events);
  append(rows.attention, from.attention), append(rows.inventory, from.inventory), append(rows.assets, from.assets);
}

}  // namespace

void dismiss_order(PartitionWork& work, OrderId id) {
  if (const OrderWork* order = work.find_order(id)) release_order(work, *order);
}

void admit_order(PartitionWork& work, std::unique_ptr<OrderWork> order) {
  AccountWork& account = work.accounts[order->order.account_id];
  account.account_id = order->order.account_id;
  ++account.open_orders;
  if (is_terminal(order->state)) work.visitors.push_back(order->id);
  work.known_orders[order_name(order->order.source, order->order.source_order_id, order->order.version)] = {order->id,
                                                                                                            order->body_digest};
  work.orders[order->id] = std::move(order);
}

void take_rows(PartitionWork& work, std::uint64_t turn, TurnRows& rows) {
  std::vector<OrderId> ended;
  for (const OrderId id : work.changed_orders) {
    OrderWork* order = work.find_order(id);
    BS_ASSERT(order, "a changed order stays until its rows are taken");
    const bool finished = is_terminal(order->state);
    take_order(*order, turn, rows);
    if (finished) ended.push_back(id);
  }
  work.changed_orders.clear();
  take_accounts(work, rows);
  take_repaired(work, turn, rows);
  for (const OrderId id : ended) release_order(work, *work.find_order(id));
  for (const OrderId id : work.visitors)
    if (const OrderWork* order = work.find_order(id)) release_order(work, *order);
  work.visitors.clear();
  std::erase_if(work.accounts, [](const auto& entry) { return entry.second.open_orders <= 0; });
  take_attention(work, rows);
  for (CommandRow& row : work.commands) rows.commands.push_back(std::move(row));
  work.commands.clear();
  for (const std::string& system : work.changed_systems) rows.systems.push_back(work.systems[system]);
  work.changed_systems.clear();
  take_access(work, rows);
}

}  // namespace backstitch
