// A call has ended (law 5): done, refused, not-taken or unknown. Unknown is never folded into failed.
#include <boost/json.hpp>

#include "base/json.h"
#include "engine/item/commands.h"
#include "engine/item/item.h"
#include "rules/mapping.h"

namespace backstitch {
namespace {

void ignore(ItemContext& context, int item, const AnswerInput& answer, const char* why) {
  record_item_event(context.desk, context.order, item, "AnswerNotNeeded",
                    member("why", why) + member("outcome", to_text(answer.outcome)));
}

void take_answer(ItemContext& context, int item, const AnswerInput& answer) {
  switch (answer.outcome) {
    case CallOutcome::done:
      if (const auto response = parse_json(answer.response.empty() ? "null" : answer.response))
        set_values(context, item, apply_response(definition_of(context.order, item), *response));
      return complete_item(context, item);
    case CallOutcome::refused:
      ++context.order.items[static_cast<std::size_t>(item)].call;  // the number rises only after a decision of the system
      return fail_attempt(context, item, answer.code);
    case CallOutcome::not_taken: return fail_attempt(context, item, answer.code);
    case CallOutcome::unknown:
      return give_up_item(context, item, fmt::format("{} unknown-outcome {}", code_text(Code::unknown_outcome), answer.code),
                          "unknown-outcome");
  }
}

}  // namespace

void receive_answer(Desk& desk, const AnswerInput& answer) {
  OrderWork* order = desk.work.find_order(OrderId{order_of(answer.item.bits)});
  const int item = order ? item_index(*order, answer.item) : -1;
  if (item < 0) {
    const Error error{Code::item_not_found, "an answer for an item that is not there: " + answer.key.text(), {}};
    return record_command(desk, {}, "completer.answer", "conflict", "", answer.item.text(), &error);
  }
  ItemContext context{desk, *order, {}};
  const ItemWork& work = order->items[static_cast<std::size_t>(item)];
  if (order->plan.items[static_cast<std::size_t>(item)].effect != answer.key.effect)
    return ignore(context, item, answer, "foreign effect");
  if (work.state != ItemState::running || work.call != answer.key.call)
    return ignore(context, item, answer, "not waiting for it");
  take_answer(context, item, answer);
  run_todo(context);
}

}  // namespace backstitch
