// A catalog version becomes the active one at this place in the partition's log; orders that run keep theirs (O-10).
#pragma once
#include "engine/engine.h"

namespace backstitch {
void activate_catalog(Desk& desk, const CatalogActivateInput& command);
}
