#include "model/transitions.h"

#include <array>

#include "model/names.h"

namespace backstitch {
namespace {

using S = ItemState;
using E = ItemEvent;

// order-management 3.7, without what freeze and supplements add: this version refuses those with a number.
constexpr ItemTransition item_table[] = {
    {S::pending, E::dependencies_met, S::ready},
    {S::pending, E::start_in_future, S::scheduled},
    {S::pending, E::condition_false, S::skipped},
    {S::scheduled, E::time_reached, S::ready},
    {S::scheduled, E::system_down, S::on_hold},
    {S::ready, E::system_down, S::on_hold},
    {S::ready, E::start, S::running},
    {S::ready, E::complete, S::completed},  // a milestone completes by itself
    {S::on_hold, E::released, S::ready},
    {S::running, E::complete, S::completed},
    {S::running, E::attempt_failed, S::failed},
    {S::running, E::operator_fail, S::failed},
    {S::running, E::give_up, S::fatally_failed},  // an unknown outcome never passes through Failed: nothing may retry it
    {S::failed, E::retry_due, S::ready},
    {S::failed, E::system_down, S::on_hold},
    {S::failed, E::give_up, S::fatally_failed},
    {S::failed, E::operator_complete, S::completed},
    {S::fatally_failed, E::operator_retry, S::ready},
    {S::fatally_failed, E::operator_complete, S::completed},
    {S::pending, E::mark_restored, S::fatally_failed},
    {S::scheduled, E::mark_restored, S::fatally_failed},
    {S::ready, E::mark_restored, S::fatally_failed},
    {S::on_hold, E::mark_restored, S::fatally_failed},
    {S::running, E::mark_restored, S::fatally_failed},
    {S::failed, E::mark_restored, S::fatally_failed},
    {S::fatally_failed, E::reopen, S::pending},
};

// order-management 3.3. Decomposing and composing happen in one turn, so Submitted goes on to InProgress in one step; the
// states between are there for the modes that stop in them.
constexpr OrderTransition order_table[] = {
    {OrderState::draft, OrderEvent::submit, OrderState::submitted},
    {OrderState::draft, OrderEvent::reject, OrderState::rejected},
    {OrderState::draft, OrderEvent::error, OrderState::failed},
    {OrderState::queued, OrderEvent::submit, OrderState::submitted},
    {OrderState::queued, OrderEvent::reject, OrderState::rejected},
    {OrderState::queued, OrderEvent::error, OrderState::failed},
    {OrderState::submitted, OrderEvent::compose, OrderState::in_progress},
    {OrderState::submitted, OrderEvent::reject, OrderState::rejected},
    {OrderState::submitted, OrderEvent::error, OrderState::failed},
    {OrderState::decomposed, OrderEvent::compose, OrderState::in_progress},
    {OrderState::submitted_for_fulfillment, OrderEvent::compose, OrderState::in_progress},
    {OrderState::in_progress, OrderEvent::activate, OrderState::activated},
};

template <class Table, class From>
constexpr bool leaves(const Table& table, From from) {
  for (const auto& row : table)
    if (row.from == from) return true;
  return false;
}

template <class Table>
constexpr bool unambiguous(const Table& table) {
  for (const auto& a : table)
    for (const auto& b : table)
      if (&a != &b && a.from == b.from && a.on == b.on) return false;
  return true;
}

static_assert(unambiguous(item_table) && unambiguous(order_table), "one pair, one next state");
static_assert(!leaves(item_table, S::completed) && !leaves(item_table, S::skipped) && !leaves(item_table, S::amended) &&
                  !leaves(item_table, S::canceled) && !leaves(item_table, S::discarded) &&
                  !leaves(item_table, S::failed_discarded),
              "a final state of an item is final");
static_assert(!leaves(order_table, OrderState::activated) && !leaves(order_table, OrderState::superseded) &&
                  !leaves(order_table, OrderState::rejected) && !leaves(order_table, OrderState::cancelled) &&
                  !leaves(order_table, OrderState::failed),
              "a final state of an order is final");
static_assert(leaves(item_table, S::fatally_failed), "an operator can go on from Fatally Failed");

constexpr Named<ItemEvent> event_names[] = {{E::dependencies_met, "dependencies-met"},
                                            {E::start_in_future, "start-in-future"},
                                            {E::condition_false, "condition-false"},
                                            {E::time_reached, "time-reached"},
                                            {E::system_down, "system-down"},
                                            {E::released, "released"},
                                            {E::start, "start"},
                                            {E::complete, "complete"},
                                            {E::attempt_failed, "attempt-failed"},
                                            {E::retry_due, "retry-due"},
                                            {E::give_up, "give-up"},
                                            {E::operator_retry, "operator-retry"},
                                            {E::operator_complete, "operator-complete"},
                                            {E::operator_fail, "operator-fail"},
                                            {E::mark_restored, "mark-restored"},
                                            {E::reopen, "reopen"}};
constexpr Named<OrderEvent> order_event_names[] = {{OrderEvent::submit, "submit"},
                                                   {OrderEvent::compose, "compose"},
                                                   {OrderEvent::reject, "reject"},
                                                   {OrderEvent::error, "error"},
                                                   {OrderEvent::activate, "activate"}};

}  // namespace

const char* to_text(ItemEvent event) { return name_in(event_names, event); }
std::span<const ItemTransition> item_transitions() { return item_table; }
std::span<const OrderTransition> order_transitions() { return order_table; }

Result<ItemState> next_state(ItemState from, ItemEvent event) {
  for (const ItemTransition& row : item_table)
    if (row.from == from && row.on == event) return row.to;
  return fail(Code::item_transition, "{} is not possible for an item that is {}", to_text(event), to_text(from));
}

Result<OrderState> next_state(OrderState from, OrderEvent event) {
  for (const OrderTransition& row : order_table)
    if (row.from == from && row.on == event) return row.to;
  return fail(Code::order_transition, "{} is not possible for an order that is {}", name_in(order_event_names, event),
              to_text(from));
}

}  // namespace backstitch
