// Policy fatally-fail (recovery, section 4): a call of which any mark or answer exists behind the restore point is adopted by
// nobody.
#include "base/assert.h"
#include "engine/item/item.h"
#include "engine/recovery/recovery.h"

namespace backstitch {

void distrust_call(Desk& desk, const DistrustedInput& evidence) {
  OrderWork* order = desk.work.find_order(OrderId{order_of(evidence.item.bits)});
  const int item = order ? item_index(*order, evidence.item) : -1;
  if (item < 0) return;
  const ItemWork& work = order->items[static_cast<std::size_t>(item)];
  if (work.state != ItemState::running || work.call != evidence.key.call ||
      order->plan.items[static_cast<std::size_t>(item)].effect != evidence.key.effect)
    return;
  ItemContext context{desk, *order, {}};
  const Status marked = mark_restored(context, item, "restored");
  BS_ASSERT(marked, "a running item can be marked");
}

}  // namespace backstitch
