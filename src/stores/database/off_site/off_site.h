// The second place of backups and WAL: in a safe that is no folder of this host, under the names that a safe of files gives them.
//
//   backups/system                     which cluster they are of
//   backups/wal/<segment>.zst          written once, in the order in which they were archived here
//   backups/base/<label>/00000.tar.zst the pieces of a base backup (packed_folder.h), then
//   backups/base/<label>.json          its note, which lists it
//
// PostgreSQL archives into the folder, which is there whatever the network does; from there they are carried on.
// docs/decisions/0024-backups-off-site.md.
#pragma once
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "stores/database/backup/backup.h"
#include "stores/safe/port.h"

namespace backstitch::database {

/// One thread, but behind().
class OffSite {
 public:
  OffSite(ClusterFolders folders, safe::Safe& safe) : folders_(std::move(folders)), safe_(safe) {}

  struct Count {
    std::int64_t segments = 0, backups = 0, bytes = 0;  // bytes as they lie here
  };
  using GoesOn = std::function<bool()>;
  /// Carries what is here and not there yet: WAL first, and between the pieces of base backups, until `goes_on` says no. What is
  /// there is never written over: Code::store_unfit when it is of another cluster; else what the safe fails with. The rest is for
  /// the next time.
  Result<Count> carry(const GoesOn& goes_on);
  /// What was not there at the last look of carry(). From any thread.
  std::int64_t segments_behind() const { return segments_behind_; }

  struct Kept {
    BackupInfo info;
    int pieces = 0;
  };
  /// Oldest first.
  Result<std::vector<Kept>> backups();

  /// What must come so that one can go back to `until` (not set: the newest moment): one base backup, and the WAL from its begin
  /// on. Nothing of what is here already.
  struct Wanted {
    Kept backup;
    bool backup_is_here = false;
    std::vector<std::string> wal;  // names, in order
  };
  /// Code::backup_not_found when there is no backup, target_out_of_range when all are younger, store_unfit when the cluster that
  /// is here is another one.
  Result<Wanted> wanted(Time until);
  /// `say` tells how far it is. A kill at any line leaves what is whole, and the next call goes on behind it. Code::disk_full
  /// before anything is brought; restore_failed when a backup is not what it was.
  Result<Count> fetch(const Wanted& wanted, const std::function<void(const std::string&)>& say);

 private:
  Status claim();
  Status learn();
  Status same_cluster();
  Status carry_wal(const GoesOn& goes_on, Count& count);
  Status carry_backup(const BackupInfo& backup, const GoesOn& goes_on, Count& count);
  Status fetch_backup(const Kept& kept, const std::function<void(const std::string&)>& say);
  Status fetch_segment(const std::string& name);

  ClusterFolders folders_;
  safe::Safe& safe_;
  bool claimed_ = false;
  std::int64_t looked_at_ = 0;         // when the folder of WAL had changed last, at the last look
  std::set<std::string> wal_, bases_;  // files and labels that are there
  std::atomic<std::int64_t> segments_behind_{0};
};

}  // namespace backstitch::database
