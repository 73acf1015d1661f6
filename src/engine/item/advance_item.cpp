// Dependencies are met: is it wanted, is it time (5.11), then ready.
#include "engine/item/item.h"
#include "rules/mapping.h"

namespace backstitch {
namespace {

constexpr const char* skipped_branch = "skip-branch";

// P-9: the dependants of a skipped item with the skip-branch flag are skipped with it.
bool branch_is_skipped(const OrderWork& order, int item) {
  for (const int before : order.plan.items[static_cast<std::size_t>(item)].waits_for) {
    const ItemWork& work = order.items[static_cast<std::size_t>(before)];
    if (work.state == ItemState::skipped && (definition_of(order, before).skip_branch || work.error == skipped_branch))
      return true;
  }
  return false;
}

// true for any of the things the item works for makes it true.
bool is_wanted(const OrderWork& order, int item) {
  const ItemDefinition& definition = definition_of(order, item);
  if (!definition.when) return true;
  for (const Scene& scene : scenes_of(order, item))
    if (holds(*definition.when, scene)) return true;
  return false;
}

Time earliest_start(const OrderWork& order, int item) {
  const ItemDefinition& definition = definition_of(order, item);
  if (definition.process_after.empty()) return {};
  Time latest;
  for (const Scene& scene : scenes_of(order, item)) {
    const auto time =
        parse_rfc3339(text_of(resolve(definition.process_after, scene, order.plan.items[static_cast<std::size_t>(item)])));
    if (time && *time > latest) latest = *time;
  }
  return latest;
}

void skip_item(ItemContext& context, int item, bool branch) {
  must_move_item(context, item, ItemEvent::condition_false);
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  work.ended_at = context.desk.now;
  if (branch) work.error = skipped_branch;
  record_item_event(context.desk, context.order, item, "ItemSkipped");
  for (const int after : context.order.plan.items[static_cast<std::size_t>(item)].followed_by)
    if (--context.order.items[static_cast<std::size_t>(after)].unmet == 0) context.todo.push_back(after);
}

}  // namespace

void advance_item(ItemContext& context, int item) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  if (work.state != ItemState::pending) return;
  const bool branch = branch_is_skipped(context.order, item);
  if (branch || !is_wanted(context.order, item)) return skip_item(context, item, branch);
  if (const Time start = earliest_start(context.order, item); start > context.desk.now) {
    must_move_item(context, item, ItemEvent::start_in_future);
    work.due_at = start;
    record_item_event(context.desk, context.order, item, "ItemScheduled");
    context.desk.effects.timers.push_back({context.order.plan.items[static_cast<std::size_t>(item)].id,
                                           context.order.order.account_id, context.order.partition, "processAfter", start});
    return;
  }
  must_move_item(context, item, ItemEvent::dependencies_met);
  make_ready(context, item);
}

}  // namespace backstitch
