// The platform's own base backups and archived WAL, of the private cluster.
#pragma once
#include "stores/database/backup/provider.h"

namespace backstitch::database {

std::unique_ptr<BackupProvider> make_own_provider(ClusterFolders folders, ClusterSettings settings);

}  // namespace backstitch::database
