#include "demo/fill_window.h"

#include <signal.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/time.h"
#include "demo/collect.h"
#include "demo/interrupt.h"
#include "demo/progress.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

constexpr std::int64_t death_every_ms = 500, look_every_ms = 100;
constexpr int workers_killed = 6;
constexpr std::int64_t effects_wait_ms = 20'000, effects_still_ms = 3'000, marks_wait_ms = 5'000, answers_wait_ms = 8'000;

std::int64_t number_of(const json::value& from, const char* name) {
  const auto* value = from.is_object() ? from.get_object().if_contains(name) : nullptr;
  if (value && value->is_string()) return std::atoll(value->get_string().c_str());
  return value && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

/// The key of a system that is neither idempotent nor answers look-ups.
std::string blind_of(const Catalog& catalog) {
  for (const System& system : catalog.systems)
    if (!system.effects.idempotent && !system.effects.lookup) return system.key;
  return {};
}

}  // namespace

WindowFiller::WindowFiller(World& world, const Catalog& catalog, const Census& census)
    : world_(world), least_(least_held(census)), blind_(blind_of(catalog)) {
  if (const auto now = executed()) executed_before_ = *now;
}

std::int64_t WindowFiller::least(const char* of) const {
  for (const Held& one : least_)
    if (one.of == of) return one.least;
  return 0;
}

Result<std::int64_t> WindowFiller::executed() {
  const auto summary = system_summary(world_);
  if (!summary) return fail(summary.error());
  std::int64_t sum = 0;
  for (const auto& interface : *summary) sum += number_of(interface.value(), "executions");
  return sum;
}

std::int64_t WindowFiller::piled() {
  const auto status = world_.platform().get("/status", 1);
  const auto now = status ? read_progress(*status) : Result<Progress>(fail(status.error()));
  if (!now) return 0;
  const auto held = now->items.find("OnHold");
  return held == now->items.end() ? 0 : held->second;
}

Result<std::int64_t> WindowFiller::completer_end() {
  const auto queue = world_.platform().get("/queues/completer");
  if (!queue) return fail(queue.error());
  const auto* partitions = queue->is_object() ? queue->get_object().if_contains("partitions") : nullptr;
  if (!partitions || !partitions->is_array()) return fail(Code::json_invalid, "queues/completer names no partitions");
  std::int64_t sum = 0;
  for (const json::value& partition : partitions->get_array()) sum += number_of(partition, "end");
  return sum;
}

Status WindowFiller::say(std::vector<std::string> words) {
  words.insert(words.end(), {"--wait", "0s"});
  const auto done = world_.platform().command(std::move(words));
  return done ? Status() : fail(done.error());
}

Status WindowFiller::fill() {
  BS_TRY(world_.go_at(World::Pace::slow));  // a death finds many calls in the air
  BS_TRY(say({"catalog", "import", world_.options().catalog, "--source", "org1", "--index", "3"}));
  BS_TRY(say({"grants", "grant", "reader", "items", "retry", "--yes"}));
  BS_TRY(say({"grants", "revoke", "reader", "items", "retry", "--yes"}));
  for (int round = 0; round < workers_killed && rest(death_every_ms); ++round) {
    const auto workers = world_.platform().workers();
    if (!workers.empty()) signal_process(workers[static_cast<std::size_t>(round) % workers.size()], SIGKILL);
  }
  return blind_.empty() ? Status() : say({"system", "down", blind_});
}

Status WindowFiller::await_effects() {
  // Some of what was executed is not answered yet, and counts only then.
  const std::int64_t wanted = executed_before_ + least("effectsExecuted") * 5 / 4;
  const std::int64_t end_ms = monotonic_ms() + effects_wait_ms;
  // More than can be on their way at once: when that is let go, some are still in nobody's hands at the end.
  const std::int64_t pile = 3 * least("completerNotConsumed");
  std::int64_t last = -1, moved_ms = monotonic_ms();
  do {
    const auto now = executed();
    if (!now) return fail(now.error());
    if (*now != last) last = *now, moved_ms = monotonic_ms();
    if ((last >= wanted && piled() >= pile) || monotonic_ms() > std::min(end_ms, moved_ms + effects_still_ms)) return {};
  } while (rest(look_every_ms));
  return {};
}

/// `grown`: records of completer since it ended at `before`.
Status WindowFiller::await_records(std::int64_t before, std::int64_t wanted, std::int64_t wait_ms, std::int64_t& grown) {
  const std::int64_t end_ms = monotonic_ms() + wait_ms;
  do {
    const auto now = completer_end();
    if (!now) return fail(now.error());
    grown = *now - before;
  } while (grown < wanted && monotonic_ms() < end_ms && rest(look_every_ms));
  return {};
}

Status WindowFiller::crawl() {
  constexpr std::int64_t begin_calls_ms = 1'500;
  BS_TRY(world_.go_at(World::Pace::crawl));
  rest(begin_calls_ms);
  return {};
}

Status WindowFiller::hold_up() {
  const std::int64_t wanted = least("completerNotConsumed");
  api_ = world_.platform().api();
  others_ = world_.platform().other_apis();
  const auto before = completer_end();
  if (!before) return fail(before.error());
  if (!blind_.empty()) {
    BS_TRY(say({"system", "up", blind_}));
    BS_TRY(say({"system", "unhold", blind_}));
  }
  std::int64_t marks = 0, answers = 0;
  BS_TRY(await_records(*before, wanted, marks_wait_ms, marks));
  if (!console_.hold(world_.platform().database_connection())) {
    world_.voice().say("no lock can be had on the damaged database");
    return {};
  }
  const auto held = completer_end();
  if (!held) return fail(held.error());
  // Nobody tries again before the turns go on: no item runs out of attempts by it.
  BS_TRY(world_.refuse(true));
  held_up_ = true;
  // The turns that are in flight, and those until all have stopped, take some of them.
  BS_TRY(await_records(*held, wanted * 5 / 2, answers_wait_ms, answers));
  BS_TRY(world_.refuse(false));
  world_.voice().say(
      fmt::format("{} calls were let go, a forgotten console holds up the turns, and the outside refuses much: {} records wait",
                  marks, answers));
  return {};
}

void WindowFiller::stop_with_it() {
  const auto serve = world_.platform().serve();
  stopped_ |= !serve || !alive(*serve);
  if (!stopped_)
    for (const ProcessId worker : world_.platform().workers()) signal_process(worker, SIGKILL);
  let_go_once_stopped();
  call_back_once_sealed();
}

void WindowFiller::let_go_once_stopped() {
  constexpr std::int64_t ask_ms = 500;
  if (!console_.holds() || !world_.platform().workers().empty()) return;
  const std::vector<std::string> asked = others_.empty() ? std::vector{api_} : others_;  // they leave first
  for (const std::string& api : asked)
    if (http_.call({.url = api + "/api/v1/status", .timeout_ms = ask_ms}).delivery == Delivery::answered) return;
  rest(look_every_ms);
  console_.let_go();
}

/// The recovery takes callbacks at the platform's address, and says there how far it is.
void WindowFiller::call_back_once_sealed() {
  constexpr std::int64_t ask_ms = 500;
  if (called_back_ || !stopped_) return;
  const HttpAnswer told = http_.call({.url = api_ + "/api/v1/recovery/current", .timeout_ms = ask_ms});
  const auto journal = told.ok() ? parse_json(told.body) : Result<json::value>(fail(Code::unreachable, "{}", told.error));
  if (!journal || !journal->is_object() || !journal->get_object().contains("steps")) return;
  for (const json::value& step : journal->at("steps").as_array())
    if (step.at("step") == "seal" && step.at("state") == "done") called_back_ = world_.call_back_some().has_value();
}

Status WindowFiller::end() {
  console_.let_go();
  return world_.go_at(World::Pace::usual);
}

}  // namespace backstitch::demo
