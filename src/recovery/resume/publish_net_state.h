// What the CRM is told at the end of a recovery goes into order_orderitems.
#pragma once
#include "recovery/prepared/net_state.h"

namespace backstitch::recovery {

struct NetState {
  TellAll standing;                 // of what stands
  std::vector<CrmUpdate> rejected;  // of orders that were left out
};
/// Reads all that the copy says of it.
Result<NetState> net_state_of(World& world);

/// Level, not edge: how everything stands that was touched since T, in the new epoch. A state in the CRM never goes backwards on
/// the way, because nothing of what a replay passed through is told again.
/// Returns how many updates. Again after a kill: all of them are told again.
Result<std::size_t> publish(NetState state, queue::Queue& log, std::uint64_t epoch);

}  // namespace backstitch::recovery
