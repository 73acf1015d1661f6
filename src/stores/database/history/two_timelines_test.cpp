#include "base/testing.h"
#include "stores/database/backup/backup.h"
#include "stores/database/history/history_testing.h"

namespace backstitch::database {
namespace {

using Rows = std::map<std::string, std::int64_t>;

using testing::wait_until;

class HistoryOfTwoTimelines : public HistoryTest {};

TEST_F(HistoryOfTwoTimelines, FollowsTheSwitch) {
  const Lsn from = here();
  turn(1);
  batch({"delete from backstitch.event"});
  archive();
  turn(2);
  batch({"delete from backstitch.plan"});
  // A recovery that ends where the WAL ends: the server goes on, on timeline 2.
  own_sql(fmt::format("alter system set restore_command = 'cp \"{}/%f\" \"%p\"'", wal()));
  ASSERT_TRUE(scratch->cluster().stop());
  ASSERT_TRUE(write_file_durably(scratch->cluster().folder() + "/recovery.signal", ""));
  ASSERT_TRUE(scratch->cluster().start());
  ASSERT_TRUE(wait_until([&] {
    auto session = Connection::open(scratch->cluster().connection());
    const auto rows = session ? session->query("select pg_is_in_recovery()") : fail(session.error());
    return rows && !rows->boolean(0, 0);
  }));
  own_sql("checkpoint");
  open_shard();
  turn(3);
  batch({"delete from backstitch.turn"});
  archive();
  ASSERT_TRUE(file_exists(wal() + "/00000002.history"));

  const auto found = foreign(from);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].rows, (Rows{{"event delete", 1}}));
  EXPECT_EQ(found[1].rows, (Rows{{"plan delete", 2}}));
  EXPECT_EQ(found[2].rows, (Rows{{"turn delete", 3}}));
  EXPECT_EQ(found[0].commit.lsn.timeline, 1u);
  EXPECT_EQ(found[1].commit.lsn.timeline, 1u);
  EXPECT_EQ(found[2].commit.lsn.timeline, 2u);
  EXPECT_EQ(found[1].role, "batch");
  EXPECT_EQ(found[2].role, "batch");
  EXPECT_EQ(history().resolve(found[1].commit.at)->last_kept->lsn, found[1].commit.lsn);
  // Without its history nobody knows where it began.
  ASSERT_TRUE(remove_tree(wal() + "/00000002.history"));
  EXPECT_FAILS(Code::wal_missing, history().foreign_commits({2, from.place}, scratch->cluster().connection()));
}

}  // namespace
}  // namespace backstitch::database
