// The restored database joins the recovery's epoch, closed: a shard of the old one that finds its way to it writes nothing. Then
// its schema is brought to this binary's, and whoever wrote past the engine stays out.
#include "base/probe.h"
#include "recovery/saga/steps.h"
#include "stores/database/rewind/restored_cluster.h"

namespace backstitch::recovery {
namespace json = boost::json;

StepResult fence(World& world, Journal& journal) {
  BS_TRY(open_copy(world));
  const std::uint64_t epoch = epochs_of(journal).to;
  BS_TRY(world.database->migrate());
  if (guarded(Guard::epoch_database)) BS_TRY(world.database->set_epoch(epoch, false));
  json::array locked, absent;
  for (const std::string& role : world.plan.locked_roles) {
    const Status out = database::lock_role_out(world.copy->connection(), role);
    (out ? locked : absent).emplace_back(role);  // a role made in the window is not there any more
  }
  return json::object{{"epoch", epoch}, {"locked", std::move(locked)}, {"absent", std::move(absent)}};
}

}  // namespace backstitch::recovery
