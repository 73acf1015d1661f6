// Copies of the cluster at a place in its history, in folders and on sockets of their own.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "stores/database/private/folders.h"

namespace backstitch::database {

/// Where a copy lies and how it runs.
struct CopySettings {
  std::string folder, sockets;
  std::string configuration;  // further lines of its configuration
  std::string log_file() const { return folder + "/restore.log"; }
};

/// The command by which PostgreSQL fetches what is archived. PostgreSQL takes status 1 for "there is no such file", and so for
/// the end of history; that is said only when a listing of the folder proves it. Whatever else fails ends with more than 125,
/// which stops the recovery.
std::string restore_command(const std::string& wal_folder);

/// Every file of the backup against its checksum. Code::restore_failed names the first that differs.
Status verify_backup(const ClusterFolders& folders, const std::string& label);

/// Copies the base backup to `folder`, which must not be there, has it replay the archive and waits until it has left
/// recovery. Code::target_out_of_range when the archive ended before the target, wal_missing when it could not be read,
/// disk_full, else restore_failed with the last words of its log. What was made stays, also after a failure.
Status recover_copy(const ClusterFolders& folders, const std::string& label, const CopySettings& settings);

/// PostgreSQL says "started" as soon as it takes read-only sessions; the restore is done when it has left recovery.
Status await_promotion(const CopySettings& settings, const std::string& connection);
/// Why a recovery failed, as its log says.
tl::unexpected<Error> reason_of(const CopySettings& settings, const Error& error);

/// "0/3000148", where the last record begins that a recovery read, as its log says; empty when it got no further than that.
std::string last_record_read(const CopySettings& settings);

/// Starts a copy that has left recovery, or finds it running. Code::database_start.
Status start_copy(const CopySettings& settings);

/// Stops the server there and removes folder and sockets.
Status remove_copy(const CopySettings& settings);

/// A copy for looking at. Archives nothing; stops and removes itself with the object.
class RestoredCopy {
 public:
  /// Copies the base backup, replays the archived WAL to the named restore point (empty: to the end of the archive) and waits
  /// until it has left recovery. Code::restore_failed with the last words of its log.
  static Result<std::unique_ptr<RestoredCopy>> make(const ClusterFolders& folders, const std::string& label,
                                                    const std::string& point);
  ~RestoredCopy();
  RestoredCopy(const RestoredCopy&) = delete;
  RestoredCopy& operator=(const RestoredCopy&) = delete;
  std::string connection() const;
  std::string folder() const { return settings_.folder; }

 private:
  explicit RestoredCopy(CopySettings settings) : settings_(std::move(settings)) {}
  CopySettings settings_;
};

}  // namespace backstitch::database
