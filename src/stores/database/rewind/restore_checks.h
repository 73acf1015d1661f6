// All that a restore needs, asked before anything is touched.
#pragma once
#include <cstdint>
#include <optional>

#include "base/error.h"
#include "stores/database/backup/backup.h"
#include "stores/database/history/archive.h"
#include "stores/database/rewind/restored_cluster.h"

namespace backstitch::database {

/// What is restored from what.
struct CheckedRestore {
  BackupInfo backup;
  std::uint32_t timeline = 1;
  std::optional<Lsn> before;       // not set: the end of the archive
  std::uint64_t last_segment = 0;  // that is read
  bool archive_goes_on = false;    // behind it
  std::int64_t bytes = 0;          // of backup and WAL
};

/// The errors of RestoredCluster::restore().
Result<CheckedRestore> check_restore(const ClusterFolders& folders, const RestoreTarget& target, const RestoredCluster::Say& say);

}  // namespace backstitch::database
