// The database role's Shard on PostgreSQL: turns on one connection in pipeline mode, reads on a second one beside it, so that
// a read never waits for a turn in flight. A read sees what was committed when it began.
#pragma once
#include <memory>
#include <string>

#include "stores/database/port.h"

namespace backstitch::database {

/// Connects and prepares the statements of a turn. Code::database_unreachable.
Result<std::unique_ptr<Shard>> open_postgres_shard(const std::string& connection, const std::string& member = {});

}  // namespace backstitch::database
