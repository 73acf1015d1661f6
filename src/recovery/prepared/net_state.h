// What the CRM is told after a recovery, worked out beforehand as far as it can be.
#pragma once
#include <functional>

#include "fold/net_updates.h"
#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// The net state of everything that was touched since T, as the copy stands; kept in the evidence.
Status prepare_net_state(World& world);
using TellUpdate = std::function<Status(CrmUpdate)>;
/// Calls `tell` with each of the same as the copy stands now, orders first, until it fails. What was prepared is worked out anew
/// where the tail has changed it.
Status tell_net_state(World& world, const TellUpdate& tell);

}  // namespace backstitch::recovery
