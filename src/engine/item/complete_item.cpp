#include "engine/item/item.h"

namespace backstitch {

void complete_item(ItemContext& context, int item) {
  const ItemState before = context.order.items[static_cast<std::size_t>(item)].state;
  must_move_item(
      context, item,
      before == ItemState::failed || before == ItemState::fatally_failed ? ItemEvent::operator_complete : ItemEvent::complete);
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  work.ended_at = context.desk.now, work.due_at = {}, work.error.clear();
  record_item_event(context.desk, context.order, item, "ItemCompleted");
  set_attention(context, item, "");
  for (const int after : context.order.plan.items[static_cast<std::size_t>(item)].followed_by)
    if (--context.order.items[static_cast<std::size_t>(after)].unmet == 0) context.todo.push_back(after);
}

}  // namespace backstitch
