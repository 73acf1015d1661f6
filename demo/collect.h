// Gathers what the comparisons need: the ledgers' files, the platform over HTTP, the external system's account.
#pragma once
#include "demo/checks.h"
#include "demo/world.h"

namespace backstitch::demo {

/// Code::unreachable, file_failed, json_invalid.
Result<Collected> collect(World& world);

/// scripts/compare_ledgers.sh, which links nothing of ours.
Check check_by_script(World& world);

/// scripts/conservation.sh, which adds up what the outside wrote down and what stands in the database, with what a recovery has
/// left for people. `sums`: its lines, as it printed them.
Check check_conservation(World& world, std::vector<std::string>& sums);

/// The external system's own summary, by interface: calls, executions, replies lost …
Result<boost::json::object> system_summary(World& world);

}  // namespace backstitch::demo
