// One transition table per life cycle. A pair that is not in the table is refused, in one place, with a number.
#pragma once
#include <optional>
#include <span>

#include "base/error.h"
#include "model/states.h"

namespace backstitch {

enum class ItemEvent : std::uint8_t {
  dependencies_met,  // and its condition holds, no future time
  start_in_future,   // dependencies met, process-after in the future
  condition_false,
  time_reached,
  system_down,  // about to run while its system is down
  released,     // unhold
  start,        // taken by a worker or a person
  complete,     // success, or a milestone by itself
  attempt_failed,
  retry_due,
  give_up,  // attempts used up, refused for good, or unknown outcome
  operator_retry,
  operator_complete,
  operator_fail,  // callouts only (H-STATE)
  mark_restored,  // the restore tool (B-25)
  reopen,         // marked restored before its turn had come: it waits for that again
};
const char* to_text(ItemEvent event);

struct ItemTransition {
  ItemState from;
  ItemEvent on;
  ItemState to;
};
std::span<const ItemTransition> item_transitions();
/// Code::item_transition when the table has no such pair.
Result<ItemState> next_state(ItemState from, ItemEvent event);

enum class OrderEvent : std::uint8_t { submit, compose, reject, error, activate };
struct OrderTransition {
  OrderState from;
  OrderEvent on;
  OrderState to;
};
std::span<const OrderTransition> order_transitions();
Result<OrderState> next_state(OrderState from, OrderEvent event);

}  // namespace backstitch
