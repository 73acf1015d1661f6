// The copy against the database that is left behind, account by account: what is equal was never touched, what differs is the
// damage, or is explained: by an exclusion, by another engine that had decided.
#pragma once
#include <boost/json.hpp>
#include <vector>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// {"compared","exact","damaged","free","freeByExclusion","freeByEngine","unexplained","partitionsExact","damagedAccounts":[…]…,
/// "engine","otherEngines":[{"engine","turns"}]}: at most 1,000 names a list; the whole list lies in the evidence. Needs the
/// digests of capture; without them everything is "unknown". `from`: where every partition stood at T. exact: equal digests.
/// free: an excluded input was its own, or the policy believed none of its calls (by exclusion), or an input of its own was
/// decided by an engine of another name (engine_name()). damaged: other rows, although every decision of its partition was the
/// same, or after somebody wrote past the engine, so that what was decided since may rest on it. unexplained: none of these.
Result<boost::json::object> compare_accounts(World& world, const std::vector<database::Position>& from);

}  // namespace backstitch::recovery
