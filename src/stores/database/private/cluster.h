// The private PostgreSQL cluster of a data folder: made at first use, checksums on, WAL archived into the safe, reachable
// over one unix socket that only its user and root can enter.
#pragma once
#include <memory>
#include <string>

#include "base/error.h"
#include "stores/database/private/settings.h"

namespace backstitch::database {

/// Functions may be called from one thread at a time, but is_alive() from any.
class PrivateCluster {
 public:
  /// Makes folders and, at first use, the cluster; writes its configuration; starts nothing.
  static Result<PrivateCluster> open(ClusterSettings settings);

  /// Starts it, or finds it running. Recovery after a crash is waited for. Code::database_start.
  Status start();
  /// Ends sessions, writes a checkpoint, archives what is left. No effect when it is not running.
  Status stop();
  bool is_alive() const;
  /// Starts it again when it died; a stale pid file and backends left by kill -9 are no obstacle.
  Status ensure_running() { return start(); }

  /// For libpq: superuser over the socket.
  std::string connection() const;
  /// Empty, or the sentence that the start line says when the cluster lies outside the data folder.
  std::string notice() const;
  std::string folder() const { return folder_; }  // PGDATA
  const ClusterFolders& folders() const { return folders_; }
  int postmaster() const;  // pid, 0 when not running; tests kill it

  /// Removes what lies outside the data folder; the cluster must be stopped.
  Status purge();

 private:
  PrivateCluster(ClusterSettings settings, ClusterFolders folders)
      : settings_(std::move(settings)), folders_(std::move(folders)) {}
  ClusterSettings settings_;
  ClusterFolders folders_;
  std::string folder_;
};

/// For libpq, as superuser; its statements are not logged, those of everybody else are.
std::string socket_connection(const std::string& socket_folder);

}  // namespace backstitch::database
