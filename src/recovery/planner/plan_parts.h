// What every way of planning asks.
#pragma once
#include <string>

#include "recovery/planner/make_plan.h"

namespace backstitch::recovery {

/// "rec-20261127T031500Z"; a second one of the same second is "rec-20261127T031500Z-2".
Result<std::string> new_plan_id(safe::Safe& safe, Time now);
/// Append time of the first excluded input: no turn that committed before it can have consumed it.
Result<Time> first_excluded(safe::Safe& safe, const std::vector<Exclusion>& exclusions);
/// What is left out must lie behind T, or what it did comes back with the rows.
Status check_left_out(const PlanRequest& request, const PlanSources& sources, Time kept_until);

/// What was asked for, as far as it can be checked at once: the faults of words come before everything that takes time.
Result<Planned> begin_plan(const PlanRequest& request, const PlanSources& sources);
/// Once it is known where to go back to, and from which backup: its name, what it costs, and until when the evidence is kept. The
/// plan itself is kept in the safe.
Status finish_plan(const PlanSources& sources, Planned& planned);

/// Where others keep the backups. Who hands out no WAL cannot say who wrote past the engine: then somebody names the moment.
Result<Planned> plan_by_provider(const PlanRequest& request, const PlanSources& sources, database::BackupProvider& provider);

}  // namespace backstitch::recovery
