// What the CRM is told at the end of a recovery goes into order_orderitems.
#pragma once
#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// Level, not edge: how everything stands that was touched since T, in the new epoch. A state in the CRM never goes backwards on
/// the way, because nothing of what a replay passed through is told again.
/// Returns how many updates. Again after a kill: all of them are told again.
Result<std::size_t> publish_net_state(World& world, std::uint64_t epoch);

}  // namespace backstitch::recovery
