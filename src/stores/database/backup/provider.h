// Who keeps backups of the database and brings a moment of it back: the files of our own, pgBackRest, Amazon RDS. The one way by
// which a recovery comes to a copy, and by which the copy becomes the database (docs/decisions/0022).
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stores/database/backup/backup.h"
#include "stores/database/history/history.h"

namespace backstitch::database {

struct RestoreTarget {
  Lsn before;          // stop before the record there
  std::string backup;  // label; empty: the newest that will do
  Time until;          // instead of `before`: the last commit at or before it; neither set: as late as can be
};

/// A copy of the database beside the one that runs, open to its maker alone. It stays when the object goes, and is found again by
/// its name.
class Copy {
 public:
  virtual ~Copy() = default;
  virtual Status start() = 0;                  // or finds it running; it takes connections when this returns
  virtual Status stop() = 0;                   // a clean stop, where there is something to stop
  virtual std::string connection() const = 0;  // for libpq
  virtual std::string place() const = 0;       // for people: a folder, the name of an instance
  virtual Status remove() = 0;
  /// What of it is otherwise than with the database that it was made of, and what was put right: one line each.
  virtual std::vector<std::string> changes() const { return {}; }
};

/// The database that is about to be left behind, for whoever takes evidence from it.
class LeftDatabase {
 public:
  virtual ~LeftDatabase() = default;
  virtual std::string connection() const = 0;
  virtual Status archive_rest(std::int64_t timeout_ms) = 0;  // all of its WAL lies with the backups when it returns
  virtual Status stop() = 0;                                 // clean, where it is ours to stop
};

/// One recovery at a time uses one. A tool's or service's failure carries its own words.
class BackupProvider {
 public:
  using Say = std::function<void(const std::string&)>;
  virtual ~BackupProvider() = default;

  virtual const char* name() const = 0;
  /// That can be restored, oldest first.
  virtual Result<std::vector<BackupInfo>> backups() = 0;
  /// Code::backup_not_found when there is nothing.
  virtual Result<RestorableRange> range() = 0;
  /// A new one, which can be restored when it returns. Code::backup_failed, disk_full.
  virtual Result<BackupInfo> create(const Say& say) = 0;
  /// The newest one, restored and compared where that costs no more than room on this machine; else what is said of it. Code::
  /// backup_not_found, backup_differs, invariant_violated, and what a restore answers.
  virtual Result<BackupCheck> check(const Say& say) = 0;
  /// Whether a target may be a place in the WAL.
  virtual bool takes_places() const { return true; }
  /// Everything that is committed by now can be gone back to when it returns, or nobody answers there.
  virtual Status archive_rest(std::int64_t timeout_ms) = 0;
  /// For libpq: where the database is now; whether somebody answers there is not asked.
  virtual Result<std::string> live() = 0;
  /// The archived WAL as history, where it lies in a folder of ours; nothing elsewhere.
  virtual std::optional<History> history() { return {}; }
  /// The same from this place on, also where it must be brought here first; then it goes with the provider. Nothing where nobody
  /// hands it out. Code::wal_missing, disk_full; target_out_of_range when `from` is not on the line that the database is on.
  virtual Result<std::optional<History>> history_from(const Lsn&, const Say&) { return history(); }

  /// Beside the running one. Code::backup_not_found, target_out_of_range, wal_missing, disk_full, restore_failed; then nothing is
  /// left behind. It serves, out of recovery, when this returns.
  virtual Result<std::unique_ptr<Copy>> restore(const std::string& name, const RestoreTarget& target, const Say& say) = 0;
  /// What an earlier life restored completely; null when there is none. Not started.
  virtual Result<std::unique_ptr<Copy>> find(const std::string& name) = 0;
  /// Stops and removes what lies under this name, whole or half. A success when there is nothing.
  virtual Status discard(const std::string& name) = 0;

  /// Shuts out whoever can be shut out. `epoch` is the one that closed it.
  virtual Result<std::unique_ptr<LeftDatabase>> seal(std::uint64_t epoch) = 0;
  /// The copy, stopped, becomes the database of this epoch. May be called again after a kill at any line.
  virtual Status switch_to(const std::string& name, std::uint64_t epoch) = 0;
  /// switch_to() has passed the point from which on only its end is left.
  virtual Result<bool> is_switched(std::uint64_t epoch) = 0;
};

}  // namespace backstitch::database
