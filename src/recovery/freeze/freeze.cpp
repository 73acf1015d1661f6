// The platform ends its turns and stops; calls in the air get their deadline; intake goes on in the process of the recovery.
#include "recovery/capture/time_left.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;

Time held_since(const Journal& journal) {
  const Time frozen = journal.step("freeze").ended_at;
  return frozen.is_set() ? frozen : wall_clock();
}

StepResult freeze(World& world, Journal& journal) {
  auto frozen = world.freeze(journal);
  if (!frozen) return fail(std::move(frozen.error()));
  world.queue->hold_retention(true);  // the clock of the evidence stands still from here on
  json::array stopped, ghosts;
  for (const std::string& one : frozen->stopped) stopped.emplace_back(one);
  for (const std::string& one : frozen->ghosts) ghosts.emplace_back(one);
  const TimeLeftSources sources{.since = world.plan.time,
                                .now = wall_clock(),
                                .held_since = held_since(journal),
                                .queue = world.queue,
                                .safe = world.safe,
                                .folders = world.folders,
                                .provider = &provider_of(world)};
  return json::object{{"platformRan", frozen->platform_ran},
                      {"stopped", std::move(stopped)},
                      {"ghosts", std::move(ghosts)},
                      {"evidence", time_left(sources)}};
}

}  // namespace backstitch::recovery
