// A call is settled by what the outside was found to have done (recovery, section 4). A settlement that does not fit is refused
// in writing: the work list shows it to a person.
#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "engine/item/item.h"
#include "engine/recovery/recovery.h"
#include "rules/mapping.h"

namespace backstitch {
namespace {

Status refuse(const ItemContext& context, int item, std::string_view why) {
  const ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  return fail(Code::item_transition, "{} is {}: {}", item_name(context.order, item), to_text(work.state), why);
}

Status must_call_outside(const ItemContext& context, int item) {
  const ItemType type = definition_of(context.order, item).type;
  if (type == ItemType::callout || type == ItemType::auto_task) return {};
  return fail(Code::decision_invalid, "{} calls nothing", item_name(context.order, item));
}

/// In its call, on the way to it, or with a person because nobody could say how it ended.
bool waits_for_call(const ItemWork& work) {
  switch (work.state) {
    case ItemState::ready:
    case ItemState::on_hold:
    case ItemState::running:
    case ItemState::failed: return true;
    case ItemState::fatally_failed: return work.unmet == 0 && (work.attention == "unknown-outcome" || is_restored(work));
    default: return false;
  }
}

Status adopt(ItemContext& context, int item, const SettlementInput& settlement) {
  BS_TRY(must_call_outside(context, item));
  if (settlement.outcome != CallOutcome::done) return fail(Code::decision_invalid, "only a call that was done can be adopted");
  if (const auto key = CallKey::parse(settlement.key); !key)
    return fail(Code::decision_invalid, "effectKey: {}", key.error().detail);
  const auto response = parse_json(settlement.response.empty() ? "null" : settlement.response);
  if (!response) return fail(Code::decision_invalid, "response: {}", response.error().detail);
  const ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  if (!waits_for_call(work)) return refuse(context, item, "it does not wait for a call");
  if (work.state == ItemState::on_hold) must_move_item(context, item, ItemEvent::released);
  record_item_event(context.desk, context.order, item, "AnswerAdopted",
                    member("key", settlement.key) + member("reason", settlement.reason));
  set_values(context, item, apply_response(definition_of(context.order, item), *response));
  complete_item(context, item);
  return {};
}

/// The number behind the one that was settled, which may be ahead of the row.
int number_behind(const ItemContext& context, int item, const SettlementInput& settlement) {
  const auto key = CallKey::parse(settlement.key);
  const int call = context.order.items[static_cast<std::size_t>(item)].call;
  const bool own = key && key->effect == context.order.plan.items[static_cast<std::size_t>(item)].effect;
  return (own ? std::max(call, key->call) : call) + 1;
}

Status next_call(ItemContext& context, int item, const SettlementInput& settlement) {
  BS_TRY(must_call_outside(context, item));
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  if (work.unmet > 0) return refuse(context, item, "it waits for other items");
  const int number = number_behind(context, item, settlement);
  switch (work.state) {
    case ItemState::on_hold:
    case ItemState::ready: return work.call = number, note_item_change(context.desk, context.order, item), Status();
    case ItemState::running: must_move_item(context, item, ItemEvent::attempt_failed); [[fallthrough]];
    case ItemState::failed: must_move_item(context, item, ItemEvent::retry_due); break;
    case ItemState::fatally_failed: must_move_item(context, item, ItemEvent::operator_retry); break;
    default: return refuse(context, item, "it has no call to repeat");
  }
  work.call = number, work.attempt = 0;
  make_ready(context, item);
  return {};
}

Status carry_out(ItemContext& context, int item, const SettlementInput& settlement) {
  switch (*settlement.decision) {
    case SettlementDecision::adopt: return adopt(context, item, settlement);
    case SettlementDecision::fatally_fail:
      return mark_restored(context, item, settlement.reason.empty() ? "restored" : settlement.reason);
    case SettlementDecision::next_call: return next_call(context, item, settlement);
    case SettlementDecision::note: return {};
  }
  return {};
}

}  // namespace

void settle_item(Desk& desk, const SettlementInput& settlement) {
  auto outcome = [&](const char* state, const Error* error) {
    record_command(desk, settlement.id, "settlement", state, settlement.actor, settlement.item.text(), error);
  };
  if (!settlement.decision) {
    const Error error{Code::decision_invalid, "\"" + settlement.decision_text + "\"", {}};
    return outcome("refused", &error);
  }
  OrderWork* order = desk.work.find_order(OrderId{order_of(settlement.item.bits)});
  const int item = order ? item_index(*order, settlement.item) : -1;
  // A note is just as good of an item that is not there any more: what was netted, what is listed.
  if (item < 0 && settlement.decision == SettlementDecision::note) return outcome("applied", nullptr);
  if (item < 0) {
    const Error error{Code::item_not_found, settlement.item.text(), {}};
    return outcome("refused", &error);
  }
  ItemContext context{desk, *order, {}};
  if (const Status done = carry_out(context, item, settlement); !done) return outcome("refused", &done.error());
  record_item_event(desk, *order, item, "CallSettled",
                    member("decision", settlement.decision_text) + member("key", settlement.key) +
                        member("reason", settlement.reason) + member("actor", settlement.actor));
  outcome("applied", nullptr);
  run_todo(context);
}

}  // namespace backstitch
