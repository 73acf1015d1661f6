// Orders and assets of the lost window, classified after the replay; what is not settled by it becomes work for people.
#pragma once
#include <boost/json.hpp>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// {"orders":{"L1":n,…},"assets":{"K1":n,…},"gaps":[…],"activated":n,"assetChanges":n}: classes with their counts, orders that
/// ended well since T, and exported changes since T. Adds the rows to the work list. What was prepared and stands is not looked
/// at.
Result<boost::json::object> classify_window(World& world, const Journal& journal);

}  // namespace backstitch::recovery
