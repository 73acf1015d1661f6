// The platform ends its turns and stops; calls in the air get their deadline; intake goes on in the process of the recovery.
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;

StepResult freeze(World& world, Journal&) {
  auto frozen = world.freeze();
  if (!frozen) return fail(std::move(frozen.error()));
  world.queue->hold_retention(true);  // the clock of the evidence stands still from here on
  json::array stopped, ghosts;
  for (const std::string& one : frozen->stopped) stopped.emplace_back(one);
  for (const std::string& one : frozen->ghosts) ghosts.emplace_back(one);
  return json::object{{"platformRan", frozen->platform_ran}, {"stopped", std::move(stopped)}, {"ghosts", std::move(ghosts)}};
}

}  // namespace backstitch::recovery
