// The archived WAL as history: which commit stood where and when, and which of them were none of ours (recovery, "Foreign
// commits"). Reads archived files and, for names of tables, one connection; never the live cluster's own folder.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "stores/database/private/folders.h"

namespace backstitch::database {

/// A place in the WAL: "1:0/5A0" as text, compared by number.
struct Lsn {
  std::uint32_t timeline = 1;
  std::uint64_t place = 0;
  bool is_set() const { return place != 0; }
  std::string text() const;                         // "1:0/5A0"
  std::string place_text() const;                   // "0/5A0", as PostgreSQL writes it
  static Result<Lsn> parse(std::string_view text);  // Code::usage
  bool operator==(const Lsn&) const = default;
};

struct Commit {
  Lsn lsn;  // where its record begins: "stop before it" is this place
  Time at;
  std::uint32_t xid = 0;
};

/// A commit that is no turn, migration or known job: somebody wrote past the engine.
struct ForeignCommit {
  Commit commit;
  std::string role, statement;               // from PostgreSQL's log; empty when it does not know
  std::map<std::string, std::int64_t> rows;  // "item update" → rows touched
};

class History {
 public:
  explicit History(ClusterFolders folders) : folders_(std::move(folders)) {}
  /// Of a cluster that somebody else runs, whose segments lie in this folder for as long as `kept` is. `version` is its
  /// PostgreSQL's: "15". What touched other databases there alone is no foreign commit, and nobody knows roles and statements.
  static History brought(std::string folder, std::string version, std::shared_ptr<const void> kept);

  /// The last commit at or before `time` on the timeline that is archived last, with the first one behind it ("stop before it").
  /// Commit times are not monotone in the WAL; this is the last place up to which every commit is at or before `time`.
  /// Code::target_out_of_range when the archive holds none, wal_missing when a segment between backup and there is missing.
  struct Target {
    std::optional<Commit> last_kept, first_left;  // first_left not set: `time` is behind the end of the archive
  };
  Result<Target> resolve(Time time) const;
  /// The same for a place: the commits around it. Code::target_out_of_range, wal_missing.
  Result<Target> resolve(const Lsn& lsn) const;

  /// Foreign commits from `from` on to the end of the archive, oldest first. `connection` gives the names of tables (any database
  /// restored from the same cluster will do; relations made since are named by number).
  Result<std::vector<ForeignCommit>> foreign_commits(const Lsn& from, const std::string& connection) const;

  /// The same of every commit but the turns: jobs and migrations of ours, too.
  Result<std::vector<ForeignCommit>> commits_but_turns(const Lsn& from, const std::string& connection) const;

  /// The last archived commit; not set when there is none.
  Result<std::optional<Commit>> last_commit() const;

 private:
  Result<std::vector<ForeignCommit>> commits(const Lsn& from, const std::string& connection, bool only_turns_are_ours) const;
  ClusterFolders folders_;
  bool others_databases_ = false;  // lie in the same cluster
  std::string version_;            // empty: of our own programs
  std::shared_ptr<const void> kept_;
};

/// Prefix of the logical message that every transaction of ours carries: "turn", "job", "migration". A commit without is foreign.
inline constexpr const char *own_message_prefix = "backstitch", *turn_message = "turn";

}  // namespace backstitch::database
