// A ready item: milestones complete by themselves, people find manual tasks, everything else is handed out after the commit.
#include "base/hash.h"
#include "engine/account/assetize.h"
#include "engine/item/item.h"
#include "rules/mapping.h"

namespace backstitch {
namespace {

bool must_hold(ItemContext& context, int item) {
  const std::string route = route_of(context.order, item);
  return !route.empty() && !context.desk.work.is_up(route.substr(0, route.find('.')));
}

void hold_item(ItemContext& context, int item) {
  must_move_item(context, item, ItemEvent::system_down);
  record_item_event(context.desk, context.order, item, "ItemHeld");
  set_attention(context, item, "on-hold");
}

}  // namespace

std::string route_of(const OrderWork& order, int item) {
  const ItemDefinition& definition = definition_of(order, item);
  if (definition.type != ItemType::callout) return {};
  return choose_interface(definition, scenes_of(order, item).front());
}

void make_ready(ItemContext& context, int item) {
  const ItemDefinition& definition = definition_of(context.order, item);
  context.order.items[static_cast<std::size_t>(item)].due_at = {};
  switch (definition.type) {
    case ItemType::milestone: return complete_item(context, item);
    case ItemType::manual_task:
      record_item_event(context.desk, context.order, item, "TaskOffered");
      return set_attention(context, item, "manual");
    case ItemType::auto_task:
      if (definition.implementation != "assetize") return start_item(context, item);
      assetize(context.desk, context.order, true);  // pure, so it runs in the turn itself
      must_move_item(context, item, ItemEvent::start);
      return complete_item(context, item);
    case ItemType::callout:
      if (must_hold(context, item)) return hold_item(context, item);
      return start_item(context, item);
    case ItemType::push_event:
    case ItemType::sub_plan: break;  // composition refuses them in this version (BS-3307)
  }
}

std::optional<Task> task_of(const OrderWork& order, int item) {
  const PlanItem& planned = order.plan.items[static_cast<std::size_t>(item)];
  const ItemDefinition& definition = definition_of(order, item);
  if (definition.type != ItemType::callout && definition.type != ItemType::auto_task) return std::nullopt;
  Task task;
  task.item = planned.id, task.key = {planned.effect, order.items[static_cast<std::size_t>(item)].call};
  task.account_id = order.order.account_id, task.partition = order.partition, task.lane = definition.lane;
  task.subject = business_subject(order, item), task.timeout_ms = definition.timeout_ms,
  task.catalog_digest = order.catalog->digest;
  task.body = build_request(definition, planned, scenes_of(order, item));
  task.digest = digest64(task.body);
  if (definition.type == ItemType::auto_task) {
    task.implementation = definition.implementation;
  } else {
    const std::string route = route_of(order, item);
    const auto dot = route.find('.');
    task.system = route.substr(0, dot);
    task.interface = dot == std::string::npos ? std::string() : route.substr(dot + 1);
  }
  return task;
}

void start_item(ItemContext& context, int item) {
  must_move_item(context, item, ItemEvent::start);
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  ++work.attempt;
  work.started_at = context.desk.now, work.ended_at = {}, work.due_at = {}, work.error.clear();
  Task task = *task_of(context.order, item);
  work.digest = task.digest;  // the intent: committed before the call (data model, "Intent")
  record_item_event(context.desk, context.order, item, "ItemStarted", fmt::format(",\"a\":{},\"c\":{}", work.attempt, work.call));
  set_attention(context, item, "");
  context.desk.effects.tasks.push_back(std::move(task));
}

}  // namespace backstitch
