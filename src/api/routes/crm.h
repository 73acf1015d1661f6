// Routes about the CRM.
#pragma once
#include "api/platform.h"

namespace backstitch {

void add_crm_routes(Router& router, Platform& platform);

}  // namespace backstitch
