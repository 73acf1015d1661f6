// Backups of a database that Amazon RDS runs: a copy is a new instance beside the old one, restored to a time.
#pragma once
#include "stores/database/backup/provider.h"
#include "stores/database/external/external.h"
#include "stores/database/rds/api.h"
#include "stores/safe/port.h"

namespace backstitch::database {

struct RdsSettings {
  RdsApiSettings api;
  std::string instance;                                               // identifier of the one that database.url names
  ExternalAddress configured;                                         // it may have been moved since (external/standing.h)
  std::int64_t ask_every_ms_least = 500, ask_every_ms_most = 20'000;  // while an instance changes
};

/// `safe` must outlive it.
std::unique_ptr<BackupProvider> make_rds_provider(RdsSettings settings, safe::Safe& safe);

}  // namespace backstitch::database
