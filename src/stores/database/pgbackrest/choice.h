// Which backup leads to a target, and how the target is told to pgBackRest.
#pragma once
#include <string>
#include <vector>

#include "stores/database/backup/provider.h"

namespace backstitch::database {

/// The newest that had ended before the target, or the one that is named. Code::backup_not_found, target_out_of_range.
Result<BackupInfo> choose_backup(const std::vector<BackupInfo>& backups, const RestoreTarget& target);
/// A place that the last archived segment does not reach.
bool is_behind_archive(const Lsn& place, const std::string& last_segment);
/// Of `pgbackrest restore`.
std::vector<std::string> target_arguments(const RestoreTarget& target);

}  // namespace backstitch::database
