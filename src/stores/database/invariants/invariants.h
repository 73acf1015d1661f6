// The named queries of this folder: each .sql file answers with one JSON row a violation; its head says title and owner.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "stores/database/port.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// All invariants, or the one of this name ("V-3"; Code::usage when there is none), in one snapshot. An entry with count 0 held.
Result<std::vector<Violation>> check_invariants(Connection& connection, const std::string& only);

/// Names this moment: what is committed later was written since. 0: no moment.
Result<std::uint64_t> moment_now(Connection& connection);

/// All of them, V-10, V-16 and V-17 over everything and the others as if there were these accounts alone, and what was written
/// since the moment; without a moment V-1 over everything, too, as its rows may be nobody's. In a session of its own, whose
/// tables take the rows in: for a copy in which nobody else writes. What was taken away since is not seen.
Result<std::vector<Violation>> check_invariants_of(const std::string& connection, const std::vector<std::string>& accounts,
                                                   std::uint64_t moment = 0);

/// "V-1", "V-2", … in the order of their files.
std::vector<std::string> invariant_ids();

}  // namespace backstitch::database
