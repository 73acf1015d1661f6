// The catalog of the CRM is brought here, by itself and on demand.
#pragma once
#include "api/platform.h"

namespace backstitch {

void add_catalog_sync_routes(Router& router, Platform& platform);

}  // namespace backstitch
