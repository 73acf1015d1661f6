// The verbs about the CRM.
#pragma once
#include <vector>

#include "cli/verb.h"

namespace backstitch::cli {

std::vector<Verb> crm_verbs();           // crm refresh
std::vector<Verb> catalog_sync_verbs();  // catalog sync

}  // namespace backstitch::cli
