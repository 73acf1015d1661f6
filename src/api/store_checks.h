// Every invariant of a running platform: those that rows alone can tell (stores/database/invariants/), and those that compare
// what stores and services hold with one another.
#pragma once
#include <string>
#include <vector>

#include "stores/database/port.h"

namespace backstitch {

class Platform;

/// "V-11" …: those of which at least a part cannot be told by rows alone.
std::vector<std::string> store_check_ids();

/// All, or the one of this name (Code::usage when there is none); an entry with count 0 held. When something differs it looks
/// again for some seconds, since what is only on its way from one store to the other is no violation. Code::not_running when the
/// platform stops meanwhile, and what the stores answer.
Result<std::vector<database::Violation>> check_invariants(Platform& platform, const std::string& only);

}  // namespace backstitch
