// What other stores take from turn rows: CRM updates not yet published, and the lines of the mirror in the safe.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "stores/database/postgres/connection.h"

namespace backstitch::database {

Result<std::vector<std::pair<std::uint64_t, std::string>>> crm_of_turns(Connection& connection, Partition partition,
                                                                        std::uint64_t after);

/// {"turn":"7","partition":3,"at":"…Z","epoch":"1","term":"2","incoming":["5","9"],"completer":["1","1"],"catalogDigest":"…",
///  "engineVersion":"…","decisionDigest":"16 hex digits","inputs":4}: everything but the CRM updates, which replay makes again.
Result<std::vector<std::pair<std::uint64_t, std::string>>> lines_of_turns(Connection& connection, Partition partition,
                                                                          std::uint64_t after, int limit);

}  // namespace backstitch::database
