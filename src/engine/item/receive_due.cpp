// A timer is due: a retry, or the earliest start of a scheduled item. A timer that no longer fits is no error: the item went on.
#include "engine/item/commands.h"
#include "engine/item/item.h"

namespace backstitch {

void receive_due(Desk& desk, const DueInput& due) {
  OrderWork* order = desk.work.find_order(OrderId{order_of(due.item.bits)});
  const int item = order ? item_index(*order, due.item) : -1;
  if (item < 0) return;
  const ItemWork& work = order->items[static_cast<std::size_t>(item)];
  if (work.due_at != due.due_at) return;
  ItemContext context{desk, *order, {}};
  if (work.state == ItemState::failed)
    must_move_item(context, item, ItemEvent::retry_due);
  else if (work.state == ItemState::scheduled)
    must_move_item(context, item, ItemEvent::time_reached);
  else
    return;
  record_item_event(desk, *order, item, "ItemDue");
  make_ready(context, item);
  run_todo(context);
}

}  // namespace backstitch
