// Snapshots of an instance.
#pragma once
#include <string>
#include <vector>

#include "stores/database/rds/region.h"

namespace backstitch::database {

/// That are available, oldest first. `type`: "automated", "manual"; empty: both.
Result<std::vector<BackupInfo>> snapshots_of(RdsRegion& region, const std::string& instance, const std::string& type);

/// A new one, waited for. It stays until somebody deletes it, and goes back to its own moment. Code::backup_failed.
Result<BackupInfo> make_snapshot(RdsRegion& region, const std::string& instance, const BackupProvider::Say& say);

}  // namespace backstitch::database
