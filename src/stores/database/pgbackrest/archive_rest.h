// Everything that is committed, brought into pgBackRest's archive.
#pragma once
#include <string>

#include "stores/database/pgbackrest/tool.h"

namespace backstitch::database {

/// Switches to a new segment behind everything that is committed, and waits until the one before is in the repository: its name.
/// Code::backup_failed, with the right that our role lacks.
Result<std::string> archive_rest_of(const std::string& connection, const PgBackRest& tool, std::int64_t timeout_ms);

}  // namespace backstitch::database
