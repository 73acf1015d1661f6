// T, in a new folder beside the old one. What a prepare() made while the platform ran is taken as it is.
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;

StepResult rewind(World& world, Journal&) {
  auto found = database::RestoredCluster::find(world.folders, world.copy_name());
  if (!found) return fail(std::move(found.error()));
  const bool prepared = *found != nullptr;
  if (!prepared) {
    found = database::RestoredCluster::restore(world.folders, world.copy_name(),
                                               {.before = world.plan.before, .backup = world.plan.backup}, world.say);
    if (!found) return fail(std::move(found.error()));
  }
  world.copy = std::move(*found);
  BS_TRY(open_copy(world));
  return json::object{{"folder", world.copy->folder()}, {"prepared", prepared}};
}

}  // namespace backstitch::recovery
