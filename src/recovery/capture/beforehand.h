// Derived queues are exported beside the running platform as far as they go, so that the outage has to export the rest alone.
#pragma once
#include "recovery/drain/drain.h"
#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// Label of the drains that were made beforehand: "<id>/beforehand".
std::string beforehand_label(const Plan& plan);

/// Every derived queue of this log into evidence/<id>/beforehand/, up to its end as it is now. Nothing is moved. Again: what came
/// since goes on behind it.
Status export_beforehand(World& world, queue::Queue& log);

/// Where what was exported beforehand ends, per partition in which the log still holds the same last record of it: a log that
/// lost its tail since may have given its offsets to others, and is exported from its begin.
Result<Ends> exported_beforehand(World& world, const std::string& topic);

}  // namespace backstitch::recovery
