// What the CRM is told after a recovery, worked out beforehand as far as it can be.
#pragma once
#include "fold/net_updates.h"
#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// The net state of everything that was touched since T, as the copy stands; kept in the evidence.
Status prepare_net_state(World& world);
/// The same as the copy stands now. What was prepared is worked out anew where the tail has changed it.
Result<NetUpdates> net_state(World& world);

}  // namespace backstitch::recovery
