// The steps, one file each in the folder of its name.
#pragma once
#include "recovery/saga/saga.h"

namespace backstitch::recovery {

StepResult freeze(World& world, Journal& journal);      // the platform has ended its turns; intake goes on
StepResult seal(World& world, Journal& journal);        // epoch n+1, closed, ours; a seal in every partition of every queue
StepResult capture(World& world, Journal& journal);     // evidence before anything is rewound
StepResult rewind(World& world, Journal& journal);      // T, in a new folder
StepResult fence(World& world, Journal& journal);       // epoch n+1, closed, in the copy; its schema is this binary's
StepResult drain(World& world, Journal& journal);       // derived queues into evidence
StepResult rebuild(World& world, Journal& journal);     // catalogs, grants: loaded, not activated
StepResult replay_log(World& world, Journal& journal);  // the archive, minus exclusions
StepResult reconcile_effects(World& world, Journal& journal);
StepResult verify(World& world, Journal& journal);
StepResult resume(World& world, Journal& journal);

/// Of the seal step: the epoch that was open, and the one the recovery holds.
struct Epochs {
  std::uint64_t from = 0, to = 0;
};
Epochs epochs_of(const Journal& journal);
/// Of the seal step: the offset behind the seal, per partition of a topic. What stands from there on is of the new epoch.
std::map<Partition, std::uint64_t> sealed_ends(const Journal& journal, const std::string& topic);

struct ReconcileSettings;
/// What reconcile goes by.
Result<ReconcileSettings> reconcile_settings(World& world);

/// Of the freeze step: from then on no retention removed anything. The present when it has not ended.
Time held_since(const Journal& journal);

/// Folds what the archive holds behind the last mirrored turn: {"inputs","turns","ms"}. May be repeated.
Result<boost::json::object> fold_rest(World& world, std::uint64_t epoch);
/// Of the rewind step: where every partition stood at T.
std::vector<database::Position> restored_positions(const Journal& journal);

}  // namespace backstitch::recovery
