// What pgBackRest does to its repository at our word.
#pragma once
#include "stores/database/backup/provider.h"
#include "stores/database/external/standing.h"
#include "stores/database/pgbackrest/tool.h"

namespace backstitch::database {

/// Calls `tell` every few seconds while the tool runs.
Result<std::string> run_telling(const PgBackRest& tool, const std::vector<std::string>& arguments,
                                const std::function<void()>& tell);

/// Of the cluster where it stands now: what has changed since the newest one, or everything when there is none. So the full ones
/// stay those that whoever runs the database has planned, and none of them expires earlier. Code::backup_failed.
Result<BackupInfo> run_backup(const PgBackRest& tool, const Standing& standing, const BackupProvider::Say& say);

/// Every file of the repository against its checksum, as the tool does it. Code::backup_differs with its words.
Status verify_repository(const PgBackRest& tool, const BackupProvider::Say& say);

}  // namespace backstitch::database
