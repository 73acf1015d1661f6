// Backups of a PostgreSQL that somebody else runs, kept by pgBackRest: restored beside it, into a folder of ours, on this
// machine.
#pragma once
#include "stores/database/backup/provider.h"
#include "stores/database/external/external.h"
#include "stores/safe/port.h"

namespace backstitch::database {

struct PgBackRestSettings {
  std::string stanza, config;  // its configuration file; empty: the one it reads by itself
  ExternalAddress configured;  // of the database; it may have been moved since (external/standing.h)
  ClusterFolders folders;      // copies lie in `pg`
};

/// `safe` must outlive it.
std::unique_ptr<BackupProvider> make_pgbackrest_provider(PgBackRestSettings settings, safe::Safe& safe);

/// Serves the cluster that a recovery has made the database; archives with pgBackRest. Or finds it served.
Status serve_moved(const PgBackRestSettings& settings, const std::string& folder, const std::string& sockets);

}  // namespace backstitch::database
