// Orders and assets of the lost window, classified after the replay; what is not settled by it becomes work for people.
#pragma once
#include <boost/json.hpp>

#include "recovery/assets/asset_changes.h"
#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// {"orders":{"L1":n,…},"assets":{"K1":n,…},"gaps":[…],"activated":n}: classes with their counts, and orders that ended well
/// since T. Adds the rows to the work list.
Result<boost::json::object> classify_window(World& world, const Journal& journal, const AssetChanges& exported);

/// Asset changes since T and the margin by which clocks differ, for this and for what counts them.
Result<AssetChanges> changes_of_window(World& world, const Journal& journal);

}  // namespace backstitch::recovery
