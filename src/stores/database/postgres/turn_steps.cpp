#include "stores/database/postgres/turn_steps.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "stores/database/postgres/access.h"
#include "stores/database/postgres/loads.h"

namespace backstitch::database {
namespace {

template <class Row>
using Pointers = std::vector<const Row*>;

template <class Row, class Wanted>
Pointers<Row> choose(const std::vector<Row>& rows, Wanted wanted) {
  Pointers<Row> chosen;
  for (const Row& row : rows)
    if (wanted(row)) chosen.push_back(&row);
  return chosen;
}

template <class Row>
Pointers<Row> inserts(const std::vector<Row>& rows) {
  return choose(rows, [](const Row& row) { return row.insert; });
}
template <class Row>
Pointers<Row> updates(const std::vector<Row>& rows) {
  return choose(rows, [](const Row& row) { return !row.insert; });
}

std::optional<std::string_view> text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}
std::optional<Time> time_or_null(Time time) { return time.is_set() ? std::optional<Time>(time) : std::nullopt; }

class Steps {
 public:
  std::vector<Step> list;

  /// Calls `fill(parameters)` when there are rows.
  template <class Rows, class Fill>
  void add(Statement statement, const Rows& rows, Fill fill) {
    if (rows.empty()) return;
    Step& step = list.emplace_back(Step{statement, static_cast<std::int64_t>(rows.size()), {}});
    fill(step.parameters);
  }
};

template <class Row>
auto state_of() {
  return [](const Row& row) { return std::string_view(to_text(row.state)); };
}

void add_positions(Steps& steps, const std::vector<PartitionTurn>& turns) {
  Pointers<PartitionTurn> rows = choose(turns, [](const PartitionTurn&) { return true; });
  std::sort(rows.begin(), rows.end(), [](auto* a, auto* b) { return a->after.partition < b->after.partition; });
  auto after = [](auto member) { return [member](const PartitionTurn& row) { return row.after.*member; }; };
  steps.add(Statement::fence, rows, [&](Parameters& p) {
    p.int4s(rows, after(&Position::partition)).int8s(rows, after(&Position::epoch)).int8s(rows, after(&Position::term));
    p.int8s(rows, after(&Position::turn)).int8s(rows, after(&Position::incoming)).int8s(rows, after(&Position::completer));
    p.int8s(rows, after(&Position::published)).texts(rows, after(&Position::catalog_digest));
    p.int8s(rows, after(&Position::decision_digest)).times(rows, &PartitionTurn::at);
  });
  steps.list.back().rows = 1;  // it answers with one row
  steps.add(Statement::turn, rows, [&](Parameters& p) {
    p.int4s(rows, after(&Position::partition)).int8s(rows, after(&Position::turn)).times(rows, &PartitionTurn::at);
    p.int8s(rows, after(&Position::epoch)).int8s(rows, after(&Position::term));
    p.int8s(rows, &PartitionTurn::incoming_from).int8s(rows, after(&Position::incoming));
    p.int8s(rows, &PartitionTurn::completer_from).int8s(rows, after(&Position::completer));
    p.texts(rows, after(&Position::catalog_digest)).texts(rows, &PartitionTurn::engine_version);
    p.int8s(rows, after(&Position::decision_digest)).int4s(rows, &PartitionTurn::inputs);
    p.texts(rows, [](const PartitionTurn& row) { return text_or_null(row.crm); });
  });
}

void add_lines(Steps& steps, const std::vector<LineRow>& rows, Statement insert, Statement update) {
  const auto added = inserts(rows), changed = updates(rows);
  steps.add(insert, added, [&](Parameters& p) {
    p.uuids(added, &LineRow::id).texts(added, &LineRow::what).texts(added, &LineRow::state).times(added, &LineRow::changed_at);
  });
  steps.add(update, changed, [&](Parameters& p) {
    p.uuids(changed, &LineRow::id).texts(changed, &LineRow::state).times(changed, &LineRow::changed_at);
  });
}

void add_taken(Steps& steps, const TakenRows& taken) {
  steps.add(Statement::take_orders, taken.orders, [&](Parameters& p) {
    p.uuids(taken.orders, &OrderId::bits).uuids(taken.orders, [](OrderId id) { return last_of(id).bits; });
  });
  steps.add(Statement::take_keys, taken.order_keys, [&](Parameters& p) {
    p.texts(taken.order_keys, &OrderKeyRow::source).texts(taken.order_keys, &OrderKeyRow::source_order_id);
    p.int4s(taken.order_keys, &OrderKeyRow::version);
  });
  steps.add(Statement::take_inventory, taken.inventory, [&](Parameters& p) { p.uuids(taken.inventory, &InventoryId::bits); });
}

void add_orders(Steps& steps, const TurnRows& rows) {
  steps.add(Statement::order_key, rows.order_keys, [&](Parameters& p) {
    p.texts(rows.order_keys, &OrderKeyRow::source).texts(rows.order_keys, &OrderKeyRow::source_order_id);
    p.int4s(rows.order_keys, &OrderKeyRow::version)
        .uuids(rows.order_keys, &OrderKeyRow::order)
        .int4s(rows.order_keys, &OrderKeyRow::salt);
  });
  const auto added = inserts(rows.orders), changed = updates(rows.orders);
  steps.add(Statement::orders_insert, added, [&](Parameters& p) {
    p.uuids(added, &OrderRow::id).texts(added, &OrderRow::account_id).int4s(added, &OrderRow::partition);
    p.texts(added, state_of<OrderRow>()).texts(added, &OrderRow::catalog_digest);
    p.times(added, &OrderRow::created_at).times(added, &OrderRow::changed_at);
  });
  steps.add(Statement::orders_update, changed, [&](Parameters& p) {
    p.uuids(changed, &OrderRow::id).texts(changed, state_of<OrderRow>());
    p.texts(changed, &OrderRow::catalog_digest).times(changed, &OrderRow::changed_at);
  });
  steps.add(Statement::order_doc, rows.order_docs, [&](Parameters& p) {
    p.uuids(rows.order_docs, &OrderDocRow::id).texts(rows.order_docs, &OrderDocRow::body_digest);
    p.texts(rows.order_docs, &OrderDocRow::document).texts(rows.order_docs, &OrderDocRow::graph);
  });
  add_lines(steps, rows.order_items, Statement::order_item_insert, Statement::order_item_update);
  add_lines(steps, rows.downstream_orders, Statement::downstream_order_insert, Statement::downstream_order_update);
  add_lines(steps, rows.downstream_items, Statement::downstream_item_insert, Statement::downstream_item_update);
  steps.add(Statement::line_values, rows.line_values, [&](Parameters& p) {
    p.uuids(rows.line_values, &LineValuesRow::id).texts(rows.line_values, &LineValuesRow::values);
  });
}

void add_item_columns(Parameters& p, const Pointers<ItemRow>& rows) {
  p.uuids(rows, &ItemRow::id).texts(rows, [](const ItemRow& row) { return text_or_null(row.system); });
  p.texts(rows, state_of<ItemRow>()).int4s(rows, &ItemRow::attempt).int4s(rows, &ItemRow::call);
  p.texts(rows, [](const ItemRow& row) { return text_or_null(row.error); });
  p.int8s(rows, [](const ItemRow& row) { return row.digest == 0 ? std::nullopt : std::optional<std::uint64_t>(row.digest); });
  p.times(rows, [](const ItemRow& row) { return time_or_null(row.started_at); });
  p.times(rows, [](const ItemRow& row) { return time_or_null(row.ended_at); });
  p.times(rows, [](const ItemRow& row) { return time_or_null(row.due_at); });
  p.texts(rows, [](const ItemRow& row) { return text_or_null(row.owner); });
}

void add_plans(Steps& steps, const TurnRows& rows) {
  const auto added = inserts(rows.plans), changed = updates(rows.plans);
  steps.add(Statement::plan_insert, added, [&](Parameters& p) {
    p.uuids(added, &PlanRow::id).texts(added, state_of<PlanRow>()).int4s(added, &PlanRow::item_count);
    p.times(added, &PlanRow::created_at).times(added, &PlanRow::changed_at);
  });
  steps.add(Statement::plan_update, changed, [&](Parameters& p) {
    p.uuids(changed, &PlanRow::id).texts(changed, state_of<PlanRow>()).int4s(changed, &PlanRow::item_count);
    p.times(changed, &PlanRow::changed_at);
  });
  const auto new_items = inserts(rows.items), changed_items = updates(rows.items);
  steps.add(Statement::item_insert, new_items, [&](Parameters& p) { add_item_columns(p, new_items); });
  steps.add(Statement::item_update, changed_items, [&](Parameters& p) { add_item_columns(p, changed_items); });
  steps.add(Statement::event, rows.events, [&](Parameters& p) {
    p.uuids(rows.events, &EventRow::order).int8s(rows.events, &EventRow::turn).times(rows.events, &EventRow::at);
    p.int4s(rows.events, &EventRow::count).texts(rows.events, &EventRow::data);
  });
}

void add_attention(Steps& steps, const std::vector<AttentionRow>& all) {
  const auto rows = choose(all, [](const AttentionRow& row) { return !row.remove; });
  const auto removed = choose(all, [](const AttentionRow& row) { return row.remove; });
  steps.add(Statement::attention_set, rows, [&](Parameters& p) {
    p.uuids(rows, &AttentionRow::item).uuids(rows, &AttentionRow::order).texts(rows, &AttentionRow::kind);
    p.texts(rows, &AttentionRow::state).texts(rows, &AttentionRow::system).texts(rows, &AttentionRow::error);
    p.texts(rows, &AttentionRow::item_key).texts(rows, &AttentionRow::account_id).texts(rows, &AttentionRow::owner);
    p.times(rows, &AttentionRow::since);
  });
  steps.add(Statement::attention_remove, removed, [&](Parameters& p) { p.uuids(removed, &AttentionRow::item); });
}

void add_accounts(Steps& steps, const std::vector<AssetRow>& assets, const std::vector<InventoryRow>& inventory) {
  steps.add(Statement::asset, assets, [&](Parameters& p) {
    p.uuids(assets, &AssetRow::id).texts(assets, &AssetRow::account_id).int4s(assets, &AssetRow::partition);
    p.texts(assets, &AssetRow::asset_ref).texts(assets, &AssetRow::product).texts(assets, state_of<AssetRow>());
    p.int8s(assets, &AssetRow::quantity).texts(assets, &AssetRow::values).uuids(assets, &AssetRow::changed_by);
    p.texts(assets, &AssetRow::line_id).times(assets, &AssetRow::created_at).times(assets, &AssetRow::changed_at);
  });
  steps.add(Statement::inventory, inventory, [&](Parameters& p) {
    p.uuids(inventory, &InventoryRow::id).texts(inventory, &InventoryRow::account_id).int4s(inventory, &InventoryRow::partition);
    p.texts(inventory, &InventoryRow::product)
        .texts(inventory, &InventoryRow::scope_key)
        .texts(inventory, state_of<InventoryRow>());
    p.uuids(inventory, &InventoryRow::asset)
        .texts(inventory, &InventoryRow::no_asset_reason)
        .texts(inventory, &InventoryRow::asset_ref);
    p.texts(inventory, &InventoryRow::system).texts(inventory, &InventoryRow::system_ref).texts(inventory, &InventoryRow::values);
    p.texts(inventory, &InventoryRow::service_record).uuids(inventory, &InventoryRow::changed_by);
    p.times(inventory, &InventoryRow::created_at).times(inventory, &InventoryRow::changed_at);
  });
}

void add_rest(Steps& steps, const TurnRows& rows) {
  steps.add(Statement::command, rows.commands, [&](Parameters& p) {
    p.uuids(rows.commands, &CommandRow::id)
        .int4s(rows.commands, &CommandRow::partition)
        .int8s(rows.commands, &CommandRow::offset);
    p.texts(rows.commands, &CommandRow::kind).texts(rows.commands, &CommandRow::state).texts(rows.commands, &CommandRow::code);
    p.texts(rows.commands, &CommandRow::detail)
        .texts(rows.commands, &CommandRow::actor)
        .texts(rows.commands, &CommandRow::subject);
    p.times(rows.commands, &CommandRow::at);
  });
  steps.add(Statement::system_state, rows.systems, [&](Parameters& p) {
    p.int4s(rows.systems, &SystemRow::partition).texts(rows.systems, &SystemRow::system);
    p.booleans(rows.systems, &SystemRow::up).times(rows.systems, &SystemRow::changed_at);
  });
}

}  // namespace

std::vector<Step> steps_of(const TurnWrite& turn) {
  BS_ASSERT(!turn.partitions.empty(), "a turn without a partition would commit without its fence");
  Steps steps;
  add_positions(steps, turn.partitions);
  add_taken(steps, turn.rows.taken);
  add_orders(steps, turn.rows);
  add_plans(steps, turn.rows);
  add_attention(steps, turn.rows.attention);
  add_accounts(steps, turn.rows.assets, turn.rows.inventory);
  const auto& taken_assets = turn.rows.taken.assets;  // behind the inventory, which refers to them
  steps.add(Statement::take_assets, taken_assets, [&](Parameters& p) { p.uuids(taken_assets, &AssetId::bits); });
  add_rest(steps, turn.rows);
  for (Step& step : access_steps({turn.rows.users, turn.rows.memberships, turn.rows.grants}))
    steps.list.push_back(std::move(step));
  return std::move(steps.list);
}

}  // namespace backstitch::database
