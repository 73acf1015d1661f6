// How a call stands (law 5): done, refused, not-taken or unknown; unknown is never folded into failed. Or its system has accepted
// it, and calls back when it has ended (order-management 5.15).
#include <boost/json.hpp>

#include "base/json.h"
#include "engine/item/commands.h"
#include "engine/item/item.h"
#include "rules/mapping.h"

namespace backstitch {
namespace {

void list_late(Desk& desk, const AnswerInput& answer, const Error& why) {
  const char* repeats = to_text(answer.repetition);
  record_command(desk, {}, "completer.callback", *repeats ? repeats : "late", "", answer.item.text(), &why);
}

void ignore(ItemContext& context, int item, const AnswerInput& answer, const char* why) {
  record_item_event(context.desk, context.order, item, "AnswerNotNeeded",
                    member("why", why) + member("outcome", to_text(answer.outcome)));
  if (answer.callback && answer.outcome != CallOutcome::accepted)
    list_late(context.desk, answer,
              {Code::item_transition, fmt::format("{}: {}, {}", answer.key.text(), to_text(answer.outcome), why), {}});
}

std::int64_t callback_timeout_ms(const OrderWork& order, int item) {
  const SystemInterface* interface = order.catalog->find_interface(route_of(order, item)).second;
  return interface ? interface->callback_timeout_ms : default_callback_timeout_ms;
}

void await_callback(ItemContext& context, int item, const AnswerInput& answer) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  const bool first = !work.due_at.is_set();
  record_item_event(context.desk, context.order, item, first ? "CalloutAccepted" : "InterimUpdate", member("code", answer.code));
  if (!first) return;
  work.due_at = context.desk.now.plus_ms(callback_timeout_ms(context.order, item));
  note_item_change(context.desk, context.order, item);
  context.desk.effects.timers.push_back(
      {answer.item, context.order.order.account_id, context.order.partition, "callback", work.due_at});
}

void take_done(ItemContext& context, int item, const AnswerInput& answer) {
  if (const auto response = parse_json(answer.response.empty() ? "null" : answer.response))
    set_values(context, item, apply_response(definition_of(context.order, item), *response));
  complete_item(context, item);
}

void take_answer(ItemContext& context, int item, const AnswerInput& answer) {
  switch (answer.outcome) {
    case CallOutcome::done: return take_done(context, item, answer);
    case CallOutcome::refused:
      ++context.order.items[static_cast<std::size_t>(item)].call;  // the number rises only after a decision of the system
      return fail_attempt(context, item, answer.code);
    case CallOutcome::not_taken: return fail_attempt(context, item, answer.code);
    case CallOutcome::accepted: return await_callback(context, item, answer);
    case CallOutcome::unknown:
      return give_up_item(context, item, fmt::format("{} unknown-outcome {}", code_text(Code::unknown_outcome), answer.code),
                          "unknown-outcome");
  }
}

/// Nobody could say whether it was done, and now its system has.
bool is_resolved_by(const ItemWork& work, const AnswerInput& answer) {
  return answer.callback && answer.outcome == CallOutcome::done && work.state == ItemState::fatally_failed &&
         work.attention == "unknown-outcome";
}

}  // namespace

void receive_answer(Desk& desk, const AnswerInput& answer) {
  OrderWork* order = desk.work.find_order(OrderId{order_of(answer.item.bits)});
  const int item = order ? item_index(*order, answer.item) : -1;
  if (item < 0) {
    const Error error{Code::item_not_found, "an answer for an item that is not there: " + answer.key.text(), {}};
    if (answer.callback) return list_late(desk, answer, error);
    return record_command(desk, {}, "completer.answer", "conflict", "", answer.item.text(), &error);
  }
  ItemContext context{desk, *order, {}};
  const ItemWork& work = order->items[static_cast<std::size_t>(item)];
  if (order->plan.items[static_cast<std::size_t>(item)].effect != answer.key.effect)
    return ignore(context, item, answer, "foreign effect");
  const bool waits = work.state == ItemState::running || is_resolved_by(work, answer);
  if (!waits || work.call != answer.key.call) return ignore(context, item, answer, "not waiting for it");
  take_answer(context, item, answer);
  run_todo(context);
}

}  // namespace backstitch
