// Rows of tables as JSON documents, a member a column, back into rows.
#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"
#include "base/json_member.h"
#include "engine/account/repair_account.h"

namespace backstitch {
namespace json = boost::json;
namespace {

/// Reads the columns of one row and keeps the first fault, so that a row is read in one expression.
class Columns {
 public:
  Columns(const char* table, const json::value& row, Status& fault) : table_(table), row_(row.if_object()), fault_(fault) {
    if (!row_) note("", "no object");
  }
  std::string text(const char* name) {
    const json::value* value = find(name);
    if (value && value->is_string()) return std::string(value->get_string());
    if (value && !value->is_null()) note(name, "no text");
    return {};
  }
  std::int64_t number(const char* name) {
    const json::value* value = find(name);
    if (value && value->is_int64()) return value->get_int64();
    if (value && !value->is_null()) note(name, "no whole number");
    return 0;
  }
  std::int32_t small(const char* name) { return static_cast<std::int32_t>(number(name)); }
  Bits128 uuid(const char* name) {
    const std::string written = text(name);
    const auto bits = parse_uuid(written);
    if (!bits) note(name, bits.error().detail);
    return bits ? *bits : Bits128{};
  }
  std::optional<AssetId> asset(const char* name) {
    return text(name).empty() ? std::nullopt : std::optional(AssetId{uuid(name)});
  }
  Time time(const char* name) {
    const std::string written = text(name);
    if (written.empty()) return {};
    const auto time = parse_rfc3339(written);
    if (!time) note(name, time.error().detail);
    return time ? *time : Time{};
  }
  template <class State>
  State state(std::optional<State> (*from)(std::string_view)) {
    const std::string written = text("state");
    const auto state = from(written);
    if (!state) note("state", "\"" + written + "\" is none");
    return state ? *state : State{};
  }

 private:
  const json::value* find(const char* name) {
    const json::value* value = row_ ? row_->if_contains(name) : nullptr;
    if (row_ && !value) note(name, "missing");
    return value;
  }
  void note(const char* column, std::string_view why) {
    if (fault_) fault_ = fail(Code::json_invalid, "row of {}, {}: {}", table_, column, why);
  }
  const char* table_;
  const json::object* row_;
  Status& fault_;
};

template <class State>
std::optional<State> active_or_ended(std::string_view text) {
  for (const State state : {State::active, State::ended})
    if (text == to_text(state)) return state;
  return std::nullopt;
}

/// Calls `read(columns)` for each row of the table; a table that is not named has none.
template <class Read>
void each_row(const json::object& tables, const char* table, Status& fault, Read read) {
  const json::value* rows = tables.if_contains(table);
  if (!rows) return;
  if (!rows->is_array() && fault) fault = fail(Code::json_invalid, "{} is no list", table);
  if (!rows->is_array()) return;
  for (const json::value& row : rows->get_array()) {
    Columns columns(table, row, fault);
    read(columns);
  }
}

OrderKeyRow order_key(Columns& c) {
  return {c.text("source"), c.text("source_order_id"), c.small("version"), {c.uuid("order_id")}, c.small("salt")};
}

LineRow line(Columns& c, const char* what) { return {c.uuid("id"), c.text(what), c.text("state"), c.time("changed_at"), true}; }

ItemRow item(Columns& c) {
  ItemRow row;
  row.id = {c.uuid("id")}, row.system = c.text("system"), row.state = c.state(&item_state_from), row.attempt = c.small("attempt");
  row.call = c.small("call"), row.error = c.text("error"), row.digest = static_cast<std::uint64_t>(c.number("digest"));
  row.started_at = c.time("started_at"), row.ended_at = c.time("ended_at"), row.due_at = c.time("due_at");
  row.owner = c.text("owner"), row.insert = true;
  return row;
}

AttentionRow attention(Columns& c) {
  AttentionRow row;
  row.item = {c.uuid("item_id")}, row.order = {c.uuid("order_id")}, row.kind = c.text("kind"), row.state = c.text("state");
  row.system = c.text("system"), row.error = c.text("error"), row.item_key = c.text("item_key");
  row.account_id = c.text("account_id"), row.owner = c.text("owner"), row.since = c.time("since");
  return row;
}

InventoryRow inventory(Columns& c) {
  InventoryRow row;
  row.id = {c.uuid("id")}, row.account_id = c.text("account_id"), row.partition = c.small("partition");
  row.product = c.text("product"), row.scope_key = c.text("scope_key"), row.state = c.state(&active_or_ended<InventoryState>);
  row.asset = c.asset("asset_id"), row.no_asset_reason = c.text("no_asset_reason"), row.asset_ref = c.text("asset_ref");
  row.system = c.text("system"), row.system_ref = c.text("system_ref"), row.values = c.text("data");
  row.service_record = c.text("service_record"), row.changed_by = {c.uuid("changed_by")};
  row.created_at = c.time("created_at"), row.changed_at = c.time("changed_at");
  return row;
}

AssetRow asset(Columns& c) {
  AssetRow row;
  row.id = {c.uuid("id")}, row.account_id = c.text("account_id"), row.partition = c.small("partition");
  row.asset_ref = c.text("asset_ref"), row.product = c.text("product"), row.state = c.state(&active_or_ended<AssetState>);
  row.quantity = c.number("quantity"), row.values = c.text("data"), row.changed_by = {c.uuid("changed_by")};
  row.line_id = c.text("line_id"), row.created_at = c.time("created_at"), row.changed_at = c.time("changed_at");
  return row;
}

Status read_orders(const json::object& tables, TurnRows& rows) {
  Status fault;
  each_row(tables, "order_key", fault, [&](Columns& c) { rows.order_keys.push_back(order_key(c)); });
  each_row(tables, "orders", fault, [&](Columns& c) {
    rows.orders.push_back({{c.uuid("id")},
                           c.text("account_id"),
                           c.small("partition"),
                           c.state(&order_state_from),
                           c.text("catalog_digest"),
                           c.time("created_at"),
                           c.time("changed_at"),
                           true});
  });
  each_row(tables, "order_doc", fault, [&](Columns& c) {
    rows.order_docs.push_back({{c.uuid("id")}, c.text("body_digest"), c.text("doc"), c.text("graph")});
  });
  each_row(tables, "order_item", fault, [&](Columns& c) { rows.order_items.push_back(line(c, "action")); });
  each_row(tables, "downstream_order", fault, [&](Columns& c) { rows.downstream_orders.push_back(line(c, "domain")); });
  each_row(tables, "downstream_item", fault, [&](Columns& c) { rows.downstream_items.push_back(line(c, "action")); });
  each_row(tables, "line_values", fault, [&](Columns& c) { rows.line_values.push_back({{c.uuid("id")}, c.text("data")}); });
  each_row(tables, "plan", fault, [&](Columns& c) {
    rows.plans.push_back(
        {{c.uuid("id")}, c.state(&plan_state_from), c.small("item_count"), c.time("created_at"), c.time("changed_at"), true});
  });
  each_row(tables, "item", fault, [&](Columns& c) { rows.items.push_back(item(c)); });
  each_row(tables, "event", fault, [&](Columns& c) {
    rows.events.push_back(
        {{c.uuid("order_id")}, static_cast<std::uint64_t>(c.number("turn")), c.time("at"), c.small("count"), c.text("data")});
  });
  each_row(tables, "attention", fault, [&](Columns& c) { rows.attention.push_back(attention(c)); });
  return fault;
}

Status read_things(const json::object& tables, TurnRows& rows) {
  Status fault;
  each_row(tables, "inventory", fault, [&](Columns& c) { rows.inventory.push_back(inventory(c)); });
  each_row(tables, "asset", fault, [&](Columns& c) { rows.assets.push_back(asset(c)); });
  return fault;
}

Status read_taken(const json::object& tables, TakenRows& taken) {
  Status fault;
  each_row(tables, "orders", fault, [&](Columns& c) { taken.orders.push_back({c.uuid("id")}); });
  each_row(tables, "order_key", fault, [&](Columns& c) { taken.order_keys.push_back(order_key(c)); });
  each_row(tables, "inventory", fault, [&](Columns& c) { taken.inventory.push_back({c.uuid("id")}); });
  each_row(tables, "asset", fault, [&](Columns& c) { taken.assets.push_back({c.uuid("id")}); });
  return fault;
}

Result<std::uint64_t> digest_of(const std::string& text) {
  std::uint64_t digest = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), digest, 16);
  if (text.size() != 16 || error != std::errc() || end != text.data() + text.size())
    return fail(Code::json_invalid, "\"{}\" is no digest", text);
  return digest;
}

}  // namespace

Result<AccountRepairInput> parse_account_repair(const json::object& object) {
  AccountRepairInput input;
  const auto id = CommandId::parse(text_in(object, "commandId"));
  if (!id) return fail(Code::json_invalid, "member commandId: {}", id.error().detail);
  const auto compared = digest_of(text_in(object, "compared")), corrected = digest_of(text_in(object, "corrected"));
  if (!compared) return fail(compared.error());
  if (!corrected) return fail(corrected.error());
  input.id = *id, input.compared = *compared, input.corrected = *corrected;
  input.account_id = text_in(object, "accountId"), input.plan = text_in(object, "plan");
  input.actor = text_in(object, "actor"), input.reason = text_in(object, "reason");
  const json::value *tables = object.if_contains("rows"), *taken = object.if_contains("taken");
  if (input.account_id.empty() || !tables || !tables->is_object() || !taken || !taken->is_object())
    return fail(Code::json_invalid, "a repair names its account, its rows, and what they take the place of");
  auto rows = std::make_shared<TurnRows>();
  BS_TRY(read_orders(tables->get_object(), *rows));
  BS_TRY(read_things(tables->get_object(), *rows));
  BS_TRY(read_taken(taken->get_object(), rows->taken));
  input.rows = std::move(rows);
  return input;
}

}  // namespace backstitch
