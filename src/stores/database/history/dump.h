// pg_waldump over a run of segments, read while it prints.
#pragma once
#include <functional>
#include <string>

#include "base/error.h"
#include "stores/database/history/records.h"

namespace backstitch::database {

struct Dumped {
  std::uint64_t last_place = 0;  // of the last record that it printed
  std::string complaint;         // why it stopped before the end of the last segment; empty when it did not
};

/// Calls `each` with every record of a kind until it answers false, which ends the program too. Code::process_failed when it
/// cannot be run, environment when it is not there. `version` of PostgreSQL wrote them; empty: the one of our own programs.
Result<Dumped> dump_wal(const std::string& folder, const std::string& first, const std::string& last, const std::string& version,
                        const std::function<bool(const WalRecord&)>& each);

}  // namespace backstitch::database
