// Prices the ways back before anything stops: which commits wrote past the engine, where to go back to, what would be folded
// again. Reads the safe, the archived WAL and, when it answers, the live database; changes nothing but the plan's own object in
// the safe.
#pragma once
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "recovery/planner/rewound.h"
#include "recovery/saga/plan.h"
#include "stores/database/backup/provider.h"

namespace backstitch::recovery {

struct PlanRequest {
  /// "2026-11-27T03:15:00Z", "20m" (ago), "1:0/5A0"; empty: before the first foreign commit, or before the first excluded input.
  std::string target;
  std::vector<Exclusion> exclusions;
  Policy policy = Policy::settle;
  std::string cause, actor;
  std::vector<std::string> tainted_catalogs;
  std::vector<SaidRewound> rewound;  // systems that were restored too
};

struct PlanSources {
  const database::ClusterFolders& folders;
  safe::Safe& safe;
  int partitions = 64;
  /// PostgreSQL answers: its newest WAL is archived first, and it gives tables their names.
  bool live = false;
  /// The data folder's lock is held by the caller: what does not run may be served for a moment. Where neither holds, tables that
  /// were written to bear numbers.
  bool alone = false;
  Time now;
  queue::Queue* queue = nullptr;                 // says how long the evidence lasts; null: the caller asks who has the log
  database::BackupProvider* provider = nullptr;  // of a database that somebody else runs; null: our own backups
  std::function<void(const std::string&)> say = [](const std::string&) {};  // while WAL is brought from elsewhere
};

struct Planned {
  Plan plan;
  std::vector<database::ForeignCommit> foreign;  // behind T
  std::string foreign_unread;                    // why they are not known; empty: they are
  database::RestorableRange range;
  std::int64_t window_ms = 0;                 // T to now
  std::uint64_t inputs = 0;                   // of the log, folded again
  std::int64_t backup_bytes = 0;              // copied
  std::int64_t accounts = 0;                  // with inputs in the window: what a repair would look at
  std::int64_t switch_ms = 0, outage_ms = 0;  // estimated at `rate_source`'s rates
  std::string rate_source;                    // "measured by rec-…" or "assumed"
  boost::json::array evidence;                // rows of time_left()
};

/// Code::backup_not_found, target_out_of_range, wal_missing, exclusion_invalid, usage (nothing says where to go back to),
/// target_behind_input (an excluded input would be in the restored rows; the message names the latest moment), and what
/// rewound_systems() gives.
Result<Planned> make_plan(const PlanRequest& request, const PlanSources& sources);
std::string planned_json(const Planned& planned);
std::string planned_text(const Planned& planned);

}  // namespace backstitch::recovery
