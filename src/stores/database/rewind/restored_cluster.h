// A cluster restored from a base backup and archived WAL into a folder of its own beside the live one, open to its maker alone
// (private socket, archiving off). It stays when the object goes, and is found again by its name; at last it becomes the live
// one, or is removed.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "stores/database/backup/provider.h"

namespace backstitch::database {

class RestoredCluster : public Copy {
 public:
  using Say = std::function<void(const std::string&)>;

  /// Checked before anything is touched: backup there and intact, every WAL segment up to the target there and readable, room on
  /// the disk, same checksums/encryption as the live one. Code::backup_not_found, wal_missing, target_out_of_range, disk_full,
  /// restore_failed; then nothing is left behind. Returns with the server running, out of recovery, in DIR/pg/<name>.
  static Result<std::unique_ptr<RestoredCluster>> restore(const ClusterFolders& folders, const std::string& name,
                                                          const RestoreTarget& target, const Say& say = {});
  /// What an earlier life restored completely; not set when there is none (a half one is removed by restore()). Not started.
  static Result<std::unique_ptr<RestoredCluster>> find(const ClusterFolders& folders, const std::string& name);
  /// Stops and removes what lies under this name, whole or half: who is restoring it fails. A success when there is nothing.
  static Status discard(const ClusterFolders& folders, const std::string& name);
  ~RestoredCluster() override;  // leaves everything as it is, also a running server

  Status start() override;
  Status stop() override;  // a clean stop
  /// For libpq, over its private socket.
  std::string connection() const override;
  std::string place() const override { return folder_; }
  std::string folder() const { return folder_; }
  const std::string& name() const { return name_; }

  /// Stops it cleanly and renames it to the next epoch's folder ("e0002"): PrivateCluster::open finds it as the live one. Once.
  /// A kill at any line leaves it under one of the two names.
  Status become_live(std::uint64_t epoch);
  /// Goes on with become_live() where an earlier life was killed behind the rename. A success when it had come to its end.
  static Status finish_becoming_live(const ClusterFolders& folders, const std::string& name, std::uint64_t epoch);
  /// Stops and removes it.
  Status remove() override;

 private:
  RestoredCluster(ClusterFolders folders, std::string name);
  ClusterFolders folders_;
  std::string name_, folder_, sockets_;
};

/// The live cluster's folder of this epoch number: "…/pg/e0002".
std::string epoch_folder(const ClusterFolders& folders, std::uint64_t epoch);

/// `alter role … nologin`, and ends its sessions. Code::database_failed when there is no such role, or it is ours.
Status lock_role_out(const std::string& connection, const std::string& role);

}  // namespace backstitch::database
