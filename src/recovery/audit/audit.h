// The database is what its log says, or somebody wrote past the engine: the log is folded again beside the live system, to
// exactly where that stood at one moment, and every account is compared by digest. Nothing stops and nothing is changed.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fold/catalog_library.h"
#include "recovery/replay/replay.h"
#include "stores/database/backup/provider.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/private/folders.h"

namespace backstitch::recovery {

using AccountDigests = std::map<std::string, std::uint64_t>;

/// The live database as it was at the moment of an audit, and the copy that was folded to the same place.
struct BothDatabases {
  database::Connection& live;  // a session that goes on seeing that moment
  std::string copy;            // for libpq
  const AccountDigests &here, &there;
  const std::vector<Partition>& decided_otherwise;
};

struct AuditSettings {
  /// Fold all of history into an empty database. Off: only what lies behind the oldest backup, which is taken as it is; what was
  /// wrong in it already is not found then.
  bool from_start = false;
  Time now;               // names it
  EngineSettings engine;  // as it was live
  int threads = 1;
  std::int64_t archive_wait_ms = 30'000;  // for the safe to come up to the moment
  /// Set by anybody (a signal): the copy goes away and the audit ends with an error.
  const std::atomic<bool>* give_up = nullptr;
  std::function<void(const std::string&)> say = [](const std::string&) {};
  /// Called once they are compared, before the copy goes.
  std::function<Status(const BothDatabases&)> while_both_stand;
};

struct AuditSources {
  safe::Safe& safe;  // of the running platform; only read
  CatalogLibrary& library;
  database::ClusterFolders folders;
  std::string live;  // for libpq
  database::BackupProvider& provider;
};

struct Audit {
  static constexpr std::size_t named_max = 1000;
  /// Counted whole, named up to named_max.
  struct Accounts {
    std::int64_t count = 0;
    std::vector<std::string> names;
    void add(const std::string& account);
  };
  Time at;
  std::string lsn, from;                      // where the live database stood; "backup 20261127T031500Z" or "the beginning"
  std::int64_t accounts = 0, equal = 0;       // of the live database
  Accounts differing, only_here, only_there;  // here: live; there: what the log says
  std::vector<Partition> partitions;          // whose chain of decisions is another
  /// Behind `from` and before the moment, oldest first; also such as touched no account.
  std::vector<database::ForeignCommit> foreign;
  std::string foreign_unread;  // why they are not known; empty: they are
  ReplayReport replay;
  std::int64_t restore_ms = 0, compare_ms = 0, duration_ms = 0;

  std::int64_t differences() const { return differing.count + only_here.count + only_there.count; }
  bool clean() const { return differences() == 0 && partitions.empty(); }
};

/// One at a time in a data folder: Code::already_running. Code::timed_out when archive or turn mirror do not come up to the
/// moment (is the archiver running?) or when it was given up; backup_not_found, and what a restore and a replay answer.
/// Differences are no error here (verdict()). The copy is gone when it returns, and what a killed one left goes with the next.
Result<Audit> audit(const AuditSettings& settings, const AuditSources& sources);

/// Code::audit_differs unless it is clean.
Status verdict(const Audit& audit);
std::string audit_json(const Audit& audit);
std::string audit_text(const Audit& audit);

}  // namespace backstitch::recovery
