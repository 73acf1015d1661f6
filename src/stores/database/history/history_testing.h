// A database with its archive, and somebody who writes past the engine.
#pragma once
#include <gtest/gtest.h>

#include "base/files.h"
#include "stores/database/backup/measure.h"
#include "stores/database/history/history.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {

using namespace samples;

/// A cluster of their own, since every file of its archive counts; each test leaves its archive whole.
class HistoryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = ScratchCluster::make();
    ASSERT_TRUE(made.has_value()) << made.error().text();
    scratch = std::move(*made);
    own_sql("create role batch login superuser");
  }
  static void TearDownTestSuite() { scratch.reset(); }
  void SetUp() override {
    ASSERT_TRUE(scratch != nullptr);
    auto fresh = scratch->fresh(4);
    ASSERT_TRUE(fresh.has_value()) << fresh.error().text();
    database = std::move(*fresh);
    open_shard();
  }
  void open_shard() {
    auto opened = database->open_shard();
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    shard = std::move(*opened);
    const auto claimed = shard->claim({0, 1});
    ASSERT_TRUE(claimed.has_value()) << claimed.error().text();
    positions = *claimed;
  }
  /// A turn with a new order, as a shard commits it.
  void turn(int n) {
    TurnWrite turn;
    turn.partitions.push_back(next_turn(positions[0], 1, 0, at(n)));
    append_new(turn.rows, make_sample(n, "A-1"), 0, positions[0].turn, at(n));
    ASSERT_TRUE(shard->send_turn(turn));
    const Status done = shard->await_turn();
    ASSERT_TRUE(done.has_value()) << done.error().text();
  }
  static void sql(const std::string& connection, const std::vector<std::string>& statements) {
    auto session = Connection::open(connection);
    ASSERT_TRUE(session.has_value()) << session.error().text();
    for (const std::string& statement : statements) {
      const Status done = session->execute(statement);
      ASSERT_TRUE(done.has_value()) << done.error().text();
    }
  }
  static void own_sql(const std::string& statement) { sql(scratch->cluster().connection(), {statement}); }
  /// One session of a job that knows nothing of us.
  static void batch(const std::vector<std::string>& statements) {
    sql(fmt::format("host={} user=batch dbname=postgres", scratch->cluster().folders().sockets), statements);
  }
  Lsn here() {
    auto session = Connection::open(scratch->cluster().connection());
    const auto rows = session->query("select pg_current_wal_insert_lsn()::text, timeline_id from pg_control_checkpoint()");
    return Lsn::parse(fmt::format("{}:{}", rows->int4(0, 1), rows->string(0, 0))).value_or(Lsn{});
  }
  static std::string wal() { return scratch->cluster().folders().wal; }
  static void archive() {
    const Status archived = archive_now(scratch->cluster().connection(), wal(), 30'000);
    ASSERT_TRUE(archived.has_value()) << archived.error().text();
  }
  static std::vector<std::string> segments() {
    std::vector<std::string> names = list_folder(wal());
    std::erase_if(names, [](const std::string& name) { return name.size() != 24; });
    return names;
  }
  static History history() { return History(scratch->cluster().folders()); }
  std::vector<ForeignCommit> foreign(const Lsn& from) {
    auto found = history().foreign_commits(from, scratch->cluster().connection());
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().text());
    return found.value_or(std::vector<ForeignCommit>{});
  }

  static inline std::unique_ptr<ScratchCluster> scratch;
  std::unique_ptr<Database> database;
  std::unique_ptr<Shard> shard;
  std::vector<Position> positions;
};

}  // namespace backstitch::database
