// What the lost window held, by kind: a recovery of a window in which nothing happened proves nothing.
#pragma once
#include <boost/json.hpp>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// {"ordersAcknowledged","ordersActivated","effectsExecuted","unknownOutcomes","completerNotConsumed","timers","assetChanges",
///  "operatorCommands","catalogActivations","grantsRevoked"}: counts of W, from the archive behind the restored
/// positions, the drained queues and the turn mirror.
Result<boost::json::object> count_window(World& world, const Journal& journal);

}  // namespace backstitch::recovery
