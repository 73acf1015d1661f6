// A cluster that pgBackRest has restored into a folder of ours. Its configuration was made for another place, so what must be
// otherwise here stands on the command line, which beats every file.
#pragma once
#include <string>

#include "stores/database/external/external.h"
#include "stores/database/pgbackrest/tool.h"

namespace backstitch::database {

struct RestoredFolder {
  std::string folder, sockets;
  std::string log_file() const { return folder + "/restore.log"; }
};

/// Replays the archive and waits until it has left recovery, on a socket that its maker alone can enter; nothing of it reaches
/// the archive. `connection` is one of a role that the restored database knows. Code::target_out_of_range when the archive ended
/// before the target, wal_missing, disk_full, else restore_failed with the last words of its log.
Status recover_folder(const RestoredFolder& at, const std::string& connection);
/// The same for one that has left recovery.
Status start_folder(const RestoredFolder& at, const std::string& connection);
/// As the database: what it writes goes to the archive again.
Status serve_folder(const RestoredFolder& at, const std::string& connection, const PgBackRest& tool);

std::int64_t bytes_below(const std::string& folder);

/// What of its configuration does not hold here, a line each.
std::vector<std::string> changes_of(const RestoredFolder& at);

}  // namespace backstitch::database
