// At the end of a recovery the CRM's own fields of what changed there since T become inputs again, and where it holds ours
// otherwise it is told: the same code as an operator's refresh (fold/crm_refresh.h).
#pragma once
#include <boost/json/object.hpp>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// Appends the inputs, each once; what was found stands in the evidence. {"records","taken","differences","listed",…}; a CRM that
/// cannot be read stops no recovery: {"error","since"} says from when on it has to be read later.
Result<boost::json::object> refresh_crm(World& world);

}  // namespace backstitch::recovery
