// Going back, step by step: freeze → seal → capture → rewind → fence → drain → rebuild → replay → reconcile → verify → resume
// (recovery, section 3). Each step is idempotent, journaled, and refuses to run out of order; resume is the point of no return.
#pragma once
#include <string>
#include <vector>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

using StepResult = Result<boost::json::object>;
struct Step {
  const char* name;
  StepResult (*run)(World& world, Journal& journal);
};
/// In their order.
const std::vector<Step>& saga_steps();

/// Runs every step that is not done, up to and with `last`. Code::recovery_conflict when another recovery holds the epoch,
/// step_out_of_order after an undo, conservation_broken when verify did not close, and what the steps answer; run it again to go
/// on.
Status run_saga(World& world, Journal& journal, const std::string& last = "resume");

/// Restores and folds as far as the archive goes while the platform runs: what is left for the outage is the tail. May be
/// repeated. Needs no log.
Status prepare_copy(World& world, Journal& journal);

/// Points back to the old database: removes the copy, opens the next epoch. Until resume has begun: Code::step_out_of_order.
Status undo_saga(World& world, Journal& journal);

}  // namespace backstitch::recovery
