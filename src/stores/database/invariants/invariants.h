// The named queries of this folder: each .sql file answers with one JSON row a violation; its head says title and owner.
#pragma once
#include <string>
#include <vector>

#include "stores/database/port.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// All invariants, or the one of this name ("V-3"; Code::usage when there is none), in one snapshot. An entry with count 0 held.
Result<std::vector<Violation>> check_invariants(Connection& connection, const std::string& only);

}  // namespace backstitch::database
