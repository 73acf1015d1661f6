// The verbs about the CRM.
#pragma once
#include <vector>

#include "cli/verb.h"

namespace backstitch::cli {

std::vector<Verb> crm_verbs();  // crm refresh

}  // namespace backstitch::cli
