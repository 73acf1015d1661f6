#include "demo/progress.h"

#include <boost/json.hpp>
#include <numeric>

#include "base/json.h"
#include "base/time.h"
#include "demo/interrupt.h"

namespace backstitch::demo {
namespace {

using Counts = std::map<std::string, std::int64_t>;

constexpr std::int64_t tick_ms = 50, look_every_ms = 400;
constexpr int still_looks = 2;  // the same picture so many times in a row

std::int64_t number_of(const boost::json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

Counts counts_of(const boost::json::object& object, const char* name) {
  Counts counts;
  if (const auto* group = object.if_contains(name); group && group->is_object())
    for (const auto& entry : group->get_object())
      counts[std::string(entry.key())] = number_of(group->get_object(), entry.key().data());
  return counts;
}

/// Every order of org and client has its answer.
bool all_answered(World& world) {
  if (world.client().exit_status() < 0) return false;
  const auto summary = world.org().get("/ledger/summary");
  if (!summary || !summary->is_object()) return false;
  const auto* orders = summary->get_object().if_contains("orders");
  return orders && orders->is_object() && number_of(orders->get_object(), "open") == 0;
}

}  // namespace

std::int64_t Progress::orders_known() const {
  return std::accumulate(orders.begin(), orders.end(), std::int64_t{0},
                         [](auto sum, const auto& entry) { return sum + entry.second; });
}

std::int64_t Progress::orders_in(const std::string& state) const {
  const auto found = orders.find(state);
  return found == orders.end() ? 0 : found->second;
}

bool Progress::at_rest() const {
  for (const char* state : {"Scheduled", "Ready", "Running", "Failed"})
    if (items.contains(state)) return false;
  return backlog == 0 && crm_lag == 0 && (!items.contains("Pending") || !attention.empty());
}

Result<Progress> read_progress(const boost::json::value& status) {
  const auto* counts = status.is_object() ? status.get_object().if_contains("counts") : nullptr;
  if (!counts || !counts->is_object()) return fail(Code::json_invalid, "status holds no counts");
  Progress progress;
  progress.orders = counts_of(counts->get_object(), "orders");
  progress.items = counts_of(counts->get_object(), "items");
  progress.attention = counts_of(counts->get_object(), "attention");
  progress.backlog = number_of(status.get_object(), "backlog");
  if (const auto* crm = status.get_object().if_contains("crm"); crm && crm->is_object()) {
    progress.crm_lag = number_of(crm->get_object(), "lag");
    progress.crm_delivered = number_of(crm->get_object(), "delivered");
  }
  return progress;
}

std::string progress_text(const Progress& progress) {
  std::string text = fmt::format("{} orders", progress.orders_known());
  for (const auto& [state, count] : progress.orders) text += fmt::format(", {} {}", count, state);
  for (const char* state : {"Ready", "Running", "Failed", "FatallyFailed"})
    if (const auto found = progress.items.find(state); found != progress.items.end())
      text += fmt::format("; items {} {}", found->second, state);
  if (progress.crm_lag > 0) text += fmt::format("; {} updates to the org wait", progress.crm_lag);
  return text;
}

Result<Progress> drive(World& world, Troubles& troubles, int orders, const std::function<Status(const Progress&)>& on_look) {
  Progress last;
  bool answered = false;
  int still = 0;
  for (std::int64_t next_look_ms = 0; !interrupted(); rest(tick_ms)) {
    BS_TRY(troubles.tick());
    if (monotonic_ms() < next_look_ms) continue;
    next_look_ms = monotonic_ms() + look_every_ms;
    if (troubles.done() && troubles.since_last_ms() > world.options().settle_ms_max)
      return fail(Code::timed_out, "not at rest {} s after the last trouble: {}", world.options().settle_ms_max / 1000,
                  progress_text(last));
    const auto status = world.platform().get("/status", 1);
    const auto now = status ? read_progress(*status) : Result<Progress>(fail(status.error()));
    if (!now) continue;  // it is being killed right now, or has been
    still = *now == last ? still + 1 : 0;
    last = *now;
    const double share = static_cast<double>(last.orders_in("Activated")) / orders;
    world.voice().progress(share, fmt::format("{}; {}", progress_text(last), troubles.words()));
    if (on_look) BS_TRY(on_look(last));
    answered = answered || all_answered(world);
    if (troubles.done() && answered && last.orders_known() >= orders && last.at_rest() && still >= still_looks) break;
  }
  return last;
}

}  // namespace backstitch::demo
