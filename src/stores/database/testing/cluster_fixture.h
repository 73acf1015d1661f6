// One cluster a test binary, made at its first use and removed at its end; each test begins with an empty schema.
#pragma once
#include <gtest/gtest.h>

#include "stores/database/postgres/connection.h"
#include "stores/database/postgres/database.h"
#include "stores/database/private/scratch_cluster.h"
#include "stores/database/testing/samples.h"

namespace backstitch::database {

inline ScratchCluster& shared_cluster() {
  static std::unique_ptr<ScratchCluster> cluster = [] {
    auto made = ScratchCluster::make();
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().text());
    return made ? std::move(*made) : nullptr;
  }();
  return *cluster;
}

/// A database with 4 partitions and a shard that owns 0 and 1.
class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto fresh = shared_cluster().fresh(4);
    ASSERT_TRUE(fresh.has_value()) << fresh.error().text();
    database = std::move(*fresh);
    auto opened = database->open_shard();
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    shard = std::move(*opened);
    auto claimed = shard->claim({0, 1});
    ASSERT_TRUE(claimed.has_value()) << claimed.error().text();
    positions = *claimed;
  }

  Status commit(Shard& on, const TurnWrite& turn) {
    BS_TRY(on.send_turn(turn));
    return on.await_turn();
  }
  /// Commits rows as the next turn of partition 0.
  Status commit_rows(TurnRows rows, std::uint64_t incoming = 1, std::uint64_t completer = 0) {
    TurnWrite turn;
    turn.partitions.push_back(samples::next_turn(positions[0], incoming, completer, samples::at(1000)));
    turn.rows = std::move(rows);
    return commit(*shard, turn);
  }
  /// Orders 1 … count of accounts.
  void add_orders(int count) {
    for (int n = 1; n <= count; ++n) {
      TurnRows rows;
      samples::append_new(rows, samples::make_sample(n, "A-" + std::to_string(n % 3)), 0, positions[0].turn + 1, samples::at(n));
      ASSERT_TRUE(commit_rows(rows));
    }
  }
  /// Runs plain SQL past the engine, as an intruder would.
  void plain_sql(const std::string& sql) {
    auto connection = Connection::open(shared_cluster().cluster().connection());
    ASSERT_TRUE(connection.has_value());
    const Status done = connection->execute("set search_path = backstitch; " + sql);
    ASSERT_TRUE(done.has_value()) << done.error().text();
  }

  std::unique_ptr<Database> database;
  std::unique_ptr<Shard> shard;
  std::vector<Position> positions;
};

#define EXPECT_OK(expression)                                                    \
  do {                                                                           \
    const auto& answer_ = (expression);                                          \
    EXPECT_TRUE(answer_.has_value()) << (answer_ ? "" : answer_.error().text()); \
  } while (0)
#define EXPECT_FAILS(wanted, expression)                               \
  do {                                                                 \
    const auto& answer_ = (expression);                                \
    ASSERT_FALSE(answer_.has_value());                                 \
    EXPECT_EQ(answer_.error().code, wanted) << answer_.error().text(); \
  } while (0)

}  // namespace backstitch::database
