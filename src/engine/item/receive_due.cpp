// A timer is due: a retry, the earliest start of a scheduled item, or the end of waiting for a callback. A timer that no longer
// fits is no error: the item went on.
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
  if (work.state == ItemState::running)  // not heard of is not failed (law 5)
    return give_up_item(context, item, fmt::format("{} unknown-outcome no-callback", code_text(Code::unknown_outcome)),
                        "unknown-outcome");
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
