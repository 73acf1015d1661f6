// Backups of the private cluster: base backups and continuously archived WAL, both in the safe. Works on files and one
// connection; listing and the restorable range also work with the server down.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "stores/database/private/cluster.h"

namespace backstitch::database {

struct BackupInfo {
  std::string label;  // "20261124T070549Z", the name of its folder in the safe
  Time started_at, ended_at;
  std::string start_lsn, end_lsn;  // "1:0/3000148": timeline and place
  std::int64_t bytes = 0;
};

struct RestorePoint {
  std::string lsn;  // "1:0/3000148"
  Time time;        // commit time; not set when there is none
};
/// What can be gone back to on the line of history that the live database stands on: from the end of the oldest backup to the
/// last commit that was archived. What was given up by going back is not on that line.
struct RestorableRange {
  /// Without a hole, on one timeline. The next one begins where the database went back, or behind WAL that is missing.
  struct Stretch {
    RestorePoint earliest, latest;
    std::uint32_t timeline = 1;
  };
  RestorePoint earliest, latest;   // overall
  std::vector<Stretch> stretches;  // oldest first, at least one
  std::int64_t backups = 0;        // that can be used
  std::string text() const;        // one sentence for people, which names the holes
};

struct BackupCheck {
  std::string label, target_lsn;
  std::int64_t accounts = 0, tables = 0, rows = 0;  // compared; all equal
  bool compared = false;  // false: the live database was down, so the copy was only started and its invariants checked
  std::int64_t restore_ms = 0, size_bytes = 0;
  std::string known;  // where nothing is restored: what whoever keeps it says of it, in words
  std::string text() const;
};

class Backups {
 public:
  explicit Backups(const PrivateCluster& cluster) : folders_(cluster.folders()), connection_(cluster.connection()) {}
  /// Without a server: for list() and range().
  explicit Backups(ClusterFolders folders, std::string connection = {})
      : folders_(std::move(folders)), connection_(std::move(connection)) {}

  /// Copies the running cluster, verifies every file against its checksum, then lists it: an abort at any line leaves only
  /// whole backups listed. The WAL it needs is archived when it returns. Code::backup_failed, disk_full, database_unreachable.
  Result<BackupInfo> create(Time now);
  /// Oldest first.
  Result<std::vector<BackupInfo>> list() const;
  /// When the newest one of the live database's timeline ended; not set when there is none. One of the timeline before does not
  /// count: right behind a switch it leads back only as long as no segment since then is lost.
  Result<Time> newest_of_live() const;
  /// Code::backup_not_found when there is no backup.
  Result<RestorableRange> range() const;
  /// Restores the newest backup and the WAL behind it into a scratch folder, to a point at which the live database was
  /// measured, and compares account by account and table by table. The live one is touched by one lock of some milliseconds.
  /// Code::backup_differs lists the differences; restore_failed, backup_not_found. `step` says what is being done.
  Result<BackupCheck> check(const std::function<void(const std::string&)>& step = {});

 private:
  ClusterFolders folders_;
  std::string connection_;
};

/// "1:0/3000148" of a timeline and what PostgreSQL calls an LSN.
std::string lsn_text(std::int64_t timeline, const std::string& place);

}  // namespace backstitch::database
