// For tests of this folder: a cluster with a table of numbers, each of which is a commit.
#pragma once
#include <gtest/gtest.h>

#include "base/files.h"
#include "stores/database/backup/backup.h"
#include "stores/database/backup/measure.h"
#include "stores/database/private/scratch_cluster.h"
#include "stores/database/rewind/restored_cluster.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {

inline std::string numbers_in(const std::string& connection) {
  auto session = Connection::open(connection);
  if (!session) return session.error().text();
  const auto rows = session->query("select coalesce(string_agg(n::text, ' ' order by n), '') from number");
  return rows ? rows->string(0, 0) : rows.error().text();
}

inline Status run_sql(const std::string& connection, const std::string& sql) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  return session->execute(sql);
}

inline Status add_number(const std::string& connection, int n) {
  return run_sql(connection, fmt::format("insert into number values ({})", n));
}

/// Where the next record of the WAL will begin.
inline Lsn next_place(const std::string& connection) {
  auto session = Connection::open(connection);
  if (!session) return {};
  const auto rows =
      session->query("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), (pg_current_wal_insert_lsn() - '0/0')::bigint");
  if (!rows) return {};
  return {static_cast<std::uint32_t>(std::stoul(rows->string(0, 0), nullptr, 16)), rows->number(0, 1)};
}

/// 1 is in the backup, 2 behind it, 3 in the segment after, 4 in the one after that; `before_3` and `before_4` lie between.
struct NumberedCluster {
  std::unique_ptr<ScratchCluster> scratch;
  BackupInfo backup;
  Lsn before_3, before_4;

  const ClusterFolders& folders() const { return scratch->cluster().folders(); }
  std::string connection() const { return scratch->cluster().connection(); }
  Status archive() const { return archive_now(connection(), folders().wal, 30'000); }
  std::string backup_file(const std::string& name) const { return folders().base + "/" + backup.label + name; }

  static Result<NumberedCluster> make() {
    NumberedCluster made;
    auto scratch = ScratchCluster::make();
    if (!scratch) return fail(std::move(scratch.error()));
    made.scratch = std::move(*scratch);
    const std::string at = made.connection();
    BS_TRY(run_sql(at, "create table number (n int)"));
    BS_TRY(add_number(at, 1));
    auto backup = Backups(made.scratch->cluster()).create(wall_clock());
    if (!backup) return fail(std::move(backup.error()));
    made.backup = std::move(*backup);
    BS_TRY(add_number(at, 2));
    BS_TRY(made.archive());
    made.before_3 = next_place(at);
    BS_TRY(add_number(at, 3));
    BS_TRY(made.archive());
    made.before_4 = next_place(at);
    BS_TRY(add_number(at, 4));
    BS_TRY(made.archive());
    return made;
  }
};

}  // namespace backstitch::database
