// An attempt failed: Failed with a retry, or Fatally Failed when attempts are used up (R-1 … R-8).
#include "engine/item/item.h"

namespace backstitch {
namespace {

/// Interval before the retry that follows `attempt` attempts; negative when none is left.
std::int64_t retry_after_ms(const EngineSettings& settings, const ItemDefinition& definition, int attempt) {
  const std::int64_t interval = definition.retry_interval_ms.value_or(settings.default_retry_interval_ms);
  if (definition.retry_forever) return interval;
  if (!definition.staggered_ms.empty())
    return attempt <= static_cast<int>(definition.staggered_ms.size())
               ? definition.staggered_ms[static_cast<std::size_t>(attempt - 1)]
               : -1;
  return attempt <= definition.retries.value_or(settings.default_retries) ? interval : -1;
}

}  // namespace

void fail_attempt(ItemContext& context, int item, const std::string& error) {
  must_move_item(context, item, ItemEvent::attempt_failed);
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  work.error = error, work.ended_at = context.desk.now;
  record_item_event(context.desk, context.order, item, "ItemFailed",
                    fmt::format(",\"a\":{}", work.attempt) + member("error", error));
  const std::int64_t wait_ms = retry_after_ms(context.desk.settings, definition_of(context.order, item), work.attempt);
  if (wait_ms < 0) return give_up_item(context, item, error, "fatally-failed");
  work.due_at = context.desk.now.plus_ms(wait_ms);
  set_attention(context, item, "failed");
  context.desk.effects.timers.push_back({context.order.plan.items[static_cast<std::size_t>(item)].id,
                                         context.order.order.account_id, context.order.partition, "retry", work.due_at});
}

void give_up_item(ItemContext& context, int item, const std::string& error, const char* attention_kind) {
  must_move_item(context, item, ItemEvent::give_up);
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  work.error = error, work.ended_at = context.desk.now, work.due_at = {};
  record_item_event(context.desk, context.order, item, "ItemFatallyFailed", member("error", error));
  set_attention(context, item, attention_kind);
}

Status mark_restored(ItemContext& context, int item, const std::string& reason) {
  BS_TRY(move_item(context, item, ItemEvent::mark_restored));
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  work.error = fmt::format("{} {}", code_text(Code::restored), reason);
  work.ended_at = context.desk.now, work.due_at = {};
  record_item_event(context.desk, context.order, item, "ItemFatallyFailed", member("error", work.error));
  set_attention(context, item, "fatally-failed");
  return {};
}

bool is_restored(const ItemWork& work) { return work.error.starts_with(code_text(Code::restored)); }

}  // namespace backstitch
