// What the CRM is told after a recovery, worked out beforehand as far as it can be.
#pragma once
#include <functional>

#include "fold/net_updates.h"
#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// The net state of everything that was touched since T, as the copy stands; kept in the evidence.
Status prepare_net_state(World& world);
using TellUpdate = std::function<Status(CrmUpdate)>;
using TellAll = std::function<Status(const TellUpdate&)>;
/// The same as the copy stands now: what was prepared is worked out anew where the tail has changed it. What is returned needs no
/// database any more; called once, it calls with each update, orders first, until that fails.
Result<TellAll> read_net_state(World& world);

}  // namespace backstitch::recovery
