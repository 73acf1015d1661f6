#include "demo/killer.h"

#include <signal.h>

#include "base/time.h"
#include "demo/interrupt.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t gap_least_ms = 400;  // some work gets done between two deaths
constexpr int up_attempts_max = 5;
constexpr std::int64_t up_again_after_ms = 300;

}  // namespace

Killer::Killer(World& world, std::vector<PlannedKill> plan)
    : world_(world), plan_(std::move(plan)), started_ms_(monotonic_ms()) {}

std::optional<ProcessId> Killer::find(const PlannedKill& kill) const {
  auto of_stand_in = [](const StandIn& stand_in) { return stand_in.running() ? std::optional(stand_in.id()) : std::nullopt; };
  switch (kill.victim) {
    case Victim::serve: return world_.platform().serve();
    case Victim::postgres: return world_.platform().postmaster();
    case Victim::org: return of_stand_in(world_.org());
    case Victim::manual: return of_stand_in(world_.manual());
    case Victim::worker: break;
    case Victim::queue:
    case Victim::cache:
    case Victim::objects:
    case Victim::orchestrator: return world_.stores().find(kill.victim);
  }
  auto workers = world_.stores().workers();
  if (workers.empty()) workers = world_.platform().workers();
  return workers.empty() ? std::nullopt : std::optional(workers[kill.which % workers.size()]);
}

void Killer::strike(const PlannedKill& kill, ProcessId victim) {
  if (!world_.stores().kill_hard(kill.victim)) signal_process(victim, SIGKILL);
  while (alive(victim) && rest(1)) {}  // until it is gone, or a zombie
  start_settling();
  ++counts_[to_text(kill.victim)];
  world_.voice().say(fmt::format("kill -9 {} ({})", to_text(kill.victim), victim.pid));
}

Status Killer::tick() {
  if (!done()) {
    const PlannedKill& kill = plan_[next_];
    const bool due = monotonic_ms() - started_ms_ >= kill.at_ms && (next_ == 0 || since_last_ms() >= gap_least_ms);
    if (const auto victim = due ? find(kill) : std::nullopt) {
      strike(kill, *victim);
      ++next_;
    }
  }
  return bring_back();
}

Status Killer::bring_back() {
  BS_TRY(world_.stores().bring_back());
  for (StandIn* stand_in : {&world_.org(), &world_.manual()})
    if (!stand_in->running()) BS_TRY(stand_in->start());
  if (world_.platform().serve()) return {};
  Status up;
  // At first the lock may still be held by what is left of the killed process.
  for (int attempt = 0; attempt < up_attempts_max && !interrupted(); ++attempt) {
    if ((up = world_.platform().up())) break;
    rest(up_again_after_ms);
  }
  start_settling();  // the time to recover does not count as time to work
  return up;
}

}  // namespace backstitch::demo
