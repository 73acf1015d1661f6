// What a recovery is going to do, decided before anything is touched and kept in the safe: recoveries/<id>/plan.json.
#pragma once
#include <boost/json/fwd.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "recovery/replay/exclusions.h"
#include "stores/database/history/history.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

/// What happens to a call whose outcome the replay cannot simply take over (recovery, section 4).
enum class Policy { settle, fatally_fail };
const char* to_text(Policy policy);
Result<Policy> policy_from(std::string_view text);  // Code::usage

struct Plan {
  std::string id;        // "rec-20261127T031500Z"
  std::string asked;     // the target in the operator's words
  database::Lsn before;  // restore stops before the record there; not set: the end of the archive
  Time until;            // instead of it, where no place is known: the last commit at or before it is kept
  Time time;             // T: commit time of the last commit that is kept
  std::string backup;    // label of the base backup
  Policy policy = Policy::settle;
  std::vector<Exclusion> exclusions;
  std::vector<std::string> tainted_catalogs;  // digests: neither loaded nor activated
  std::vector<std::string> locked_roles;      // wrote foreign commits: stay locked out
  std::map<std::string, Time> rewound;        // systems that were restored too: what they answered from then on is unknown
  std::string cause;                          // how the cause was removed, and by whom it was said
  std::string actor;
  Time made_at;
};

std::string plan_json(const Plan& plan);
boost::json::array rewound_json(const Plan& plan);  // [{"system":"keyed","since":"2026-11-27T03:15:00.000000Z"}]
std::string rewound_text(const Plan& plan);         // a line for each
Result<Plan> plan_from_json(std::string_view text);
Status keep_plan(safe::Safe& safe, const Plan& plan);
Result<Plan> load_plan(safe::Safe& safe, const std::string& id);  // Code::recovery_not_found
Result<std::vector<std::string>> recoveries(safe::Safe& safe);    // ids, oldest first

}  // namespace backstitch::recovery
