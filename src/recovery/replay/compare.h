// The copy against the database that is left behind, account by account: what is equal was never touched, what differs is the
// damage, or is explained by an exclusion.
#pragma once
#include <boost/json.hpp>
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

/// {"compared","exact","damaged","free","unexplained","partitionsExact", "damagedAccounts":[…]…}: at most 1,000 names a list; the
/// whole list lies in the evidence. Needs the digests of capture; without them everything is "unknown". exact: equal digests.
/// free: an excluded input was its own, or the policy believed none of its calls. damaged: other rows, although every decision of
/// its partition was the same, or after somebody wrote past the engine, so that what was decided since may rest on it.
/// unexplained: none of these.
Result<boost::json::object> compare_accounts(World& world, const Journal& journal);

}  // namespace backstitch::recovery
