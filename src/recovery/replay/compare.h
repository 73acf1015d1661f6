// The copy against the database that is left behind, account by account: what is equal was never touched, what differs is the
// damage, or is explained by an exclusion.
#pragma once
#include <boost/json.hpp>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// {"compared","exact","damaged","free","unexplained","partitionsExact", "damagedAccounts":[…]…}: at most 1,000 names a list; the
/// whole list lies in the evidence. Needs the digests of capture; without them everything is "unknown". exact: equal digests.
/// free: an excluded input was its own. damaged: other rows, although every decision of its partition was the same, or after
/// somebody wrote past the engine, so that what was decided since may rest on it. unexplained: none of these.
Result<boost::json::object> compare_accounts(World& world);

}  // namespace backstitch::recovery
