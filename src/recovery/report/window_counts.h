// What the lost window held, by kind: a recovery of a window in which nothing happened proves nothing.
#pragma once
#include <boost/json.hpp>

#include "recovery/assets/asset_changes.h"
#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// {"ordersAcknowledged","ordersActivated","effectsExecuted","unknownOutcomes","completerNotConsumed","timers","assetChanges",
///  "operatorCommands","catalogActivations","grantsRevoked"}: counts of W, from the archive behind the restored
/// positions, the drained queues, the turn mirror and `changes`, of which those since T count.
Result<boost::json::object> count_window(World& world, const Journal& journal, const AssetChanges& changes);

}  // namespace backstitch::recovery
