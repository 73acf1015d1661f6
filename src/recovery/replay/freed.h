// Accounts that may end otherwise than live because of what the plan says: an exclusion, or a policy that believes no call.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// Accounts that may have been decided otherwise than live: their own inputs are left out, or an activation of a catalog version
/// is that some of their inputs met. Code::checksum_mismatch, safe_failed.
Result<std::set<std::string>> freed_by_exclusions(safe::Safe& safe, const std::vector<Exclusion>& exclusions);

/// Accounts with marks or answers from these places on: the policy fatally-fail believes none of them, so that their items come
/// to other states than live. Code::checksum_mismatch, safe_failed.
Result<std::set<std::string>> freed_by_distrust(safe::Safe& safe, const std::vector<database::Position>& restored);

}  // namespace backstitch::recovery
