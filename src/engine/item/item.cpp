#include "engine/item/item.h"

#include "base/assert.h"
#include "engine/order/order.h"
#include "rules/condition.h"

namespace backstitch {

const ItemDefinition& definition_of(const OrderWork& order, int item) {
  const PlanItem& planned = order.plan.items[static_cast<std::size_t>(item)];
  const ItemDefinition* definition = order.catalog->item(planned.plan, planned.item);
  BS_ASSERT(definition, "a plan keeps the definitions it was made with (O-10)");
  return *definition;
}

std::string item_name(const OrderWork& order, int item) {
  const PlanItem& planned = order.plan.items[static_cast<std::size_t>(item)];
  return planned.plan + "/" + planned.item + "[" + planned.instance + "]";
}

std::string business_subject(const OrderWork& order, int item) {
  const PlanItem& planned = order.plan.items[static_cast<std::size_t>(item)];
  const std::string line =
      planned.lines.size() == 1 ? order.order.lines[static_cast<std::size_t>(planned.lines[0])].line_id : planned.instance;
  return order.order.account_id + "/" + order.order.source_order_id + ":" + line + "/" + planned.plan + "/" + planned.item;
}

std::vector<Scene> scenes_of(const OrderWork& order, int item) {
  const PlanItem& planned = order.plan.items[static_cast<std::size_t>(item)];
  std::vector<Scene> scenes;
  for (const int index : planned.downstream_items) {
    const DownstreamItem& part = order.parts.items[static_cast<std::size_t>(index)];
    const OrderLine* line =
        part.source_lines.empty() ? nullptr : &order.order.lines[static_cast<std::size_t>(part.source_lines[0])];
    scenes.push_back({&order.order, line, order.catalog->product(part.product), &part.values});
  }
  if (scenes.empty())
    for (const int index : planned.lines) {
      const OrderLine& line = order.order.lines[static_cast<std::size_t>(index)];
      scenes.push_back({&order.order, &line, order.catalog->product(line.product), &line.attributes});
    }
  if (scenes.empty()) scenes.push_back({&order.order, nullptr, nullptr, nullptr});
  return scenes;
}

Status move_item(ItemContext& context, int item, ItemEvent event) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  const auto next = next_state(work.state, event);
  if (!next) return fail(next.error().code, "{}: {}", item_name(context.order, item), next.error().detail);
  if (is_terminal(*next) && !is_terminal(work.state)) --context.order.items_open;
  work.state = *next;
  note_item_change(context.desk, context.order, item);
  return {};
}

void must_move_item(ItemContext& context, int item, ItemEvent event) {
  const Status moved = move_item(context, item, event);
  BS_ASSERT(moved, moved ? "" : moved.error().detail);
}

void set_values(ItemContext& context, int item, const std::vector<std::pair<std::string, Value>>& values) {
  OrderWork& order = context.order;
  for (const int index : order.plan.items[static_cast<std::size_t>(item)].downstream_items) {
    DownstreamItem& part = order.parts.items[static_cast<std::size_t>(index)];
    for (const auto& [name, value] : values) part.values.set(name, value);
    order.downstream_items[static_cast<std::size_t>(index)].values_changed |= !values.empty();
  }
  if (!values.empty()) note_change(context.desk, order);
}

void set_attention(ItemContext& context, int item, const std::string& kind) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  if (kind.empty() && work.attention.empty()) return;
  const PlanItem& planned = context.order.plan.items[static_cast<std::size_t>(item)];
  const ItemDefinition& definition = definition_of(context.order, item);
  AttentionRow row;
  row.item = planned.id, row.order = context.order.id, row.kind = kind, row.remove = kind.empty();
  row.state = to_text(work.state), row.error = work.error, row.item_key = item_name(context.order, item);
  row.account_id = context.order.order.account_id, row.owner = work.owner, row.since = context.desk.now;
  row.system = definition.type == ItemType::manual_task ? definition.manual_queue : route_of(context.order, item);
  work.attention = kind;
  context.desk.work.attention.push_back(std::move(row));
}

void run_todo(ItemContext& context) {
  for (std::size_t next = 0; next < context.todo.size(); ++next) advance_item(context, context.todo[next]);
  context.todo.clear();
  if (context.order.items_open == 0 && context.order.state == OrderState::in_progress)
    activate_order(context.desk, context.order);
}

}  // namespace backstitch
