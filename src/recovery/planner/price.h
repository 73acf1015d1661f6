// What a way back costs, at rates that an earlier recovery of this instance has measured, else at assumed ones.
#pragma once
#include "recovery/planner/make_plan.h"

namespace backstitch::recovery {

/// Fills window, inputs, accounts and times. Code::checksum_mismatch, safe_failed.
Status price(Planned& planned, const PlanSources& sources);

}  // namespace backstitch::recovery
