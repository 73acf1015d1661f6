// Operator's hand on one item: retry, complete, fail, mark Fatally Failed (F053 – F055, B-25). Refusals are written, numbered,
// and answered.
#include "engine/item/commands.h"
#include "engine/item/item.h"

namespace backstitch {
namespace {

// What was marked before its dependencies, condition or time had been looked at is looked at now.
Status reopen_item(ItemContext& context, int item) {
  BS_TRY(move_item(context, item, ItemEvent::reopen));
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  work.error.clear(), work.ended_at = {};
  set_attention(context, item, "");
  if (work.unmet == 0) context.todo.push_back(item);
  return {};
}

Status retry_item(ItemContext& context, int item, const ItemCommandInput& command) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  const bool was_unknown = work.attention == "unknown-outcome";
  if (was_unknown && command.reason.empty())
    return fail(Code::reason_missing, "{}: its outcome is unknown; say why the system has not done it",
                item_name(context.order, item));
  if (work.state == ItemState::fatally_failed && is_restored(work) && work.attempt == 0) return reopen_item(context, item);
  BS_TRY(move_item(context, item, work.state == ItemState::failed ? ItemEvent::retry_due : ItemEvent::operator_retry));
  // Settled by a person: the system lost it. Only then may the number rise after an unknown outcome (law 5).
  if (was_unknown) ++work.call;
  work.attempt = 0;
  make_ready(context, item);
  return {};
}

Status complete_by_hand(ItemContext& context, int item, const ItemCommandInput& command) {
  if (command.reason.empty()) return fail(Code::reason_missing, "{} is completed by hand", item_name(context.order, item));
  const ItemState state = context.order.items[static_cast<std::size_t>(item)].state;
  const auto next = next_state(state, ItemEvent::operator_complete);
  if (next && context.order.items[static_cast<std::size_t>(item)].unmet > 0)
    return fail(Code::item_transition, "{} waits for other items", item_name(context.order, item));
  if (!next) return fail(next.error().code, "{}: {}", item_name(context.order, item), next.error().detail);
  std::vector<std::pair<std::string, Value>> values(command.attributes.begin(), command.attributes.end());
  set_values(context, item, values);
  complete_item(context, item);
  return {};
}

Status fail_by_hand(ItemContext& context, int item, const ItemCommandInput& command) {
  if (definition_of(context.order, item).type != ItemType::callout)
    return fail(Code::item_transition, "{} is no callout: only a callout may be marked failed", item_name(context.order, item));
  if (command.reason.empty()) return fail(Code::reason_missing, "{} is marked failed", item_name(context.order, item));
  BS_TRY(move_item(context, item, ItemEvent::operator_fail));
  give_up_item(context, item, fmt::format("{} marked failed by {}", code_text(Code::item_failed), command.actor),
               "fatally-failed");
  return {};
}

Status carry_out(ItemContext& context, int item, const ItemCommandInput& command) {
  switch (command.verb) {
    case ItemVerb::retry: return retry_item(context, item, command);
    case ItemVerb::complete: return complete_by_hand(context, item, command);
    case ItemVerb::fail: return fail_by_hand(context, item, command);
    case ItemVerb::mark_fatally_failed: return mark_restored(context, item, "restored");
  }
  return {};
}

}  // namespace

void command_item(Desk& desk, const ItemCommandInput& command) {
  OrderWork* order = desk.work.find_order(OrderId{order_of(command.item.bits)});
  const int item = order ? item_index(*order, command.item) : -1;
  if (item < 0) {
    const Error error{Code::item_not_found, command.item.text(), {}};
    return record_command(desk, command.id, "item-command", "refused", command.actor, command.item.text(), &error);
  }
  ItemContext context{desk, *order, {}};
  const Status done = carry_out(context, item, command);
  if (!done)
    return record_command(desk, command.id, "item-command", "refused", command.actor, command.item.text(), &done.error());
  static constexpr const char* names[] = {"OperatorRetried", "OperatorCompleted", "OperatorFailed",
                                          "OperatorMarkedFatallyFailed"};
  record_item_event(desk, *order, item, names[static_cast<int>(command.verb)],
                    member("actor", command.actor) + member("reason", command.reason));
  record_command(desk, command.id, "item-command", "applied", command.actor, command.item.text());
  run_todo(context);
}

}  // namespace backstitch
