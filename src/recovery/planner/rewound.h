// Which external systems were restored themselves, and to when: what an operator says of it, judged before it goes into a plan.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct SaidRewound {
  std::string system, since;  // since: a time, or how long ago
};

/// "keyed=2026-11-27T03:15:00Z" or "keyed=20m". Code::usage.
Result<SaidRewound> said_rewound(const std::string& words);

/// By system. Code::system_not_found (in no catalog of the safe), usage (no time, a time to come, the same system twice), and
/// what reading catalogs gives.
Result<std::map<std::string, Time>> rewound_systems(const std::vector<SaidRewound>& said, safe::Safe& safe, Time now);

}  // namespace backstitch::recovery
