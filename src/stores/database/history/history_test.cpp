#include <algorithm>

#include "stores/database/backup/backup.h"
#include "stores/database/history/history_testing.h"

namespace backstitch::database {
namespace {

using Rows = std::map<std::string, std::int64_t>;

TEST_F(HistoryTest, ListsWhatOthersCommittedAndNothingOfOurs) {
  turn(1);
  batch({"update backstitch.orders set state = 'Activated'"});  // before the window
  const Lsn from = here();
  turn(2);
  batch({"delete from backstitch.event; -- thought to be old"});
  ASSERT_TRUE(database->store_crm_positions({{0, 7}, {1, 9}}));
  ASSERT_TRUE(database->store_desired_workers({{"noc", 2, 4}}));
  ASSERT_TRUE(database->store_catalog_version(catalog_digest, 1, "test", at(3), "{}"));
  batch({"begin", "select count(*) from backstitch.item", "update backstitch.item set attempt = attempt + 1", "savepoint one",
         "delete from backstitch.line_values", "delete from backstitch.plan", "rollback to one", "savepoint two",
         "update backstitch.plan set item_count = 5", "release two", "commit"});
  batch({"begin", "delete from backstitch.orders", "rollback"});
  ASSERT_TRUE(database->set_epoch(2, true));
  batch({"vacuum backstitch.item", "analyze backstitch.item", "checkpoint", "create index on backstitch.item (state)"});
  open_shard();
  turn(3);
  batch({"do $$ begin insert into backstitch.crm_position select g, 0 from generate_series(10, 12) g; end $$"});
  batch({"truncate backstitch.event"});
  batch({"create table notes (n int); insert into notes values (1), (2); insert into notes values (3)"});
  batch({"drop table backstitch.line_values"});
  archive();

  const auto found = foreign(from);
  std::vector<Rows> rows;
  for (const ForeignCommit& commit : found) {
    rows.push_back(commit.rows);
    EXPECT_EQ(commit.role, "batch") << commit.statement;
    EXPECT_EQ(commit.commit.lsn.timeline, 1u);
    EXPECT_GT(commit.commit.lsn.place, from.place);
    EXPECT_NE(commit.commit.xid, 0u);
  }
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[0], (Rows{{"event delete", 2}}));
  EXPECT_EQ(rows[1], (Rows{{"item update", 12}, {"plan update", 2}}));
  EXPECT_EQ(rows[2], (Rows{{"crm_position insert", 3}}));
  EXPECT_EQ(rows[3], (Rows{{"event truncate", 1}}));
  EXPECT_EQ(rows[4], (Rows{{"public.notes insert", 3}}));
  EXPECT_EQ(rows[5].size(), 4u);  // the table and its index, those of its long values: only numbers are left of what is gone
  EXPECT_EQ(found[0].statement, "delete from backstitch.event; -- thought to be old");
  EXPECT_EQ(found[1].statement, "update backstitch.item set attempt = attempt + 1");
  EXPECT_TRUE(found[2].statement.starts_with("do $$ begin insert")) << found[2].statement;
  EXPECT_EQ(found[3].statement, "truncate backstitch.event");
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end(),
                             [](const auto& a, const auto& b) { return a.commit.lsn.place < b.commit.lsn.place; }));
}

TEST_F(HistoryTest, TransactionThatBeganBeforeTheWindowIsWhole) {
  auto session = Connection::open(fmt::format("host={} user=batch dbname=postgres", scratch->cluster().folders().sockets));
  ASSERT_TRUE(session.has_value());
  turn(1);
  ASSERT_TRUE(session->execute("begin; update backstitch.item set attempt = 3"));
  for (int n = 0; n < 4; ++n) {
    turn(10 + n);
    archive();
  }
  const Lsn from = here();
  ASSERT_TRUE(session->execute("delete from backstitch.plan where item_count = 6; commit"));
  turn(2);
  archive();
  const auto found = foreign(from);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rows, (Rows{{"item update", 6}, {"plan delete", 5}}));
  EXPECT_EQ(found[0].statement, "begin; update backstitch.item set attempt = 3");
}

TEST_F(HistoryTest, CommitsAroundAPlaceAndATime) {
  const Lsn from = here();
  turn(1);
  batch({"delete from backstitch.event"});
  turn(2);
  batch({"delete from backstitch.event"});
  turn(3);
  archive();
  const auto found = foreign(from);
  ASSERT_EQ(found.size(), 2u);
  const Commit first = found[0].commit, second = found[1].commit;

  const auto at_place = history().resolve(second.lsn);  // a commit is left out by its own place
  ASSERT_TRUE(at_place.has_value()) << at_place.error().text();
  ASSERT_TRUE(at_place->last_kept && at_place->first_left);
  EXPECT_EQ(at_place->first_left->lsn, second.lsn);
  EXPECT_EQ(at_place->first_left->at, second.at);
  EXPECT_GT(at_place->last_kept->lsn.place, first.lsn.place);  // the turn between them
  const auto behind_place = history().resolve(Lsn{1, second.lsn.place + 1});
  ASSERT_TRUE(behind_place.has_value());
  EXPECT_EQ(behind_place->last_kept->lsn, second.lsn);

  const auto at_time = history().resolve(first.at);  // and kept by its own time
  ASSERT_TRUE(at_time.has_value()) << at_time.error().text();
  EXPECT_EQ(at_time->last_kept->lsn, first.lsn);
  EXPECT_GT(at_time->first_left->lsn.place, first.lsn.place);
  EXPECT_LT(at_time->first_left->lsn.place, second.lsn.place);
  const auto just_before = history().resolve(Time{first.at.us - 1});
  ASSERT_TRUE(just_before.has_value());
  EXPECT_EQ(just_before->first_left->lsn, first.lsn);

  const auto behind = history().resolve(first.at.plus_ms(3'600'000));
  ASSERT_TRUE(behind.has_value());
  EXPECT_FALSE(behind->first_left.has_value());
  const auto last = history().last_commit();
  ASSERT_TRUE(last.has_value() && last->has_value());
  EXPECT_EQ(behind->last_kept->lsn, (*last)->lsn);
  EXPECT_GT((*last)->lsn.place, second.lsn.place);

  EXPECT_FAILS(Code::target_out_of_range, history().resolve(Time{1}));
  EXPECT_FAILS(Code::target_out_of_range, history().resolve(Lsn{1, 1ull << 40}));
  EXPECT_FAILS(Code::target_out_of_range, history().resolve(Lsn{70, second.lsn.place}));
}

TEST_F(HistoryTest, GoesBackToABackupAtMost) {
  turn(1);
  Backups backups(scratch->cluster());
  const auto backup = backups.create(wall_clock());
  ASSERT_TRUE(backup.has_value()) << backup.error().text();
  EXPECT_FAILS(Code::target_out_of_range, history().resolve(Time{backup->started_at.us - 1}));
  const auto before = history().resolve(backup->ended_at);  // nothing was committed since: the turn before the backup is the last
  ASSERT_TRUE(before.has_value()) << before.error().text();
  ASSERT_TRUE(before->last_kept.has_value());
  EXPECT_FALSE(before->first_left.has_value());
  turn(2);
  archive();
  const auto after = history().resolve(backup->ended_at);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->last_kept->lsn, before->last_kept->lsn);
  EXPECT_TRUE(after->first_left.has_value());
  // What is older than the newest backup before the target may be gone.
  const std::string oldest = wal() + "/" + segments().front(), kept = read_file(oldest).value_or("");
  ASSERT_TRUE(remove_tree(oldest));
  EXPECT_OK(history().resolve(wall_clock()));
  ASSERT_TRUE(write_file_durably(oldest, kept));
  ASSERT_TRUE(remove_tree(scratch->cluster().folders().base + "/" + backup->label + ".json"));
}

TEST_F(HistoryTest, MissingOrDamagedSegmentIsNeverAnEmptyAnswer) {
  const Lsn from = here();
  for (int n = 1; n <= 4; ++n) {
    turn(n);
    archive();
  }
  ASSERT_TRUE(foreign(from).empty());
  const std::vector<std::string> names = segments();
  ASSERT_GE(names.size(), 4u);
  const std::string lost = wal() + "/" + names[names.size() - 2], kept = read_file(lost).value_or("");
  const Time early = history().resolve(Lsn{1, from.place + 1})->last_kept->at;
  auto expect_missing = [&] {
    EXPECT_FAILS(Code::wal_missing, history().foreign_commits(from, scratch->cluster().connection()));
    EXPECT_FAILS(Code::wal_missing, history().resolve(wall_clock()));
    const auto found = history().resolve(early);  // needs nothing of it
    EXPECT_TRUE(found.has_value() && found->first_left) << (found ? "" : found.error().text());
  };
  ASSERT_TRUE(remove_tree(lost));
  expect_missing();
  std::string damaged = kept;
  std::fill_n(damaged.begin(), 8192, '\0');
  ASSERT_TRUE(write_file_durably(lost, damaged));
  expect_missing();
  ASSERT_TRUE(write_file_durably(lost, kept.substr(0, kept.size() / 2)));
  expect_missing();
  ASSERT_TRUE(write_file_durably(lost, kept));
  EXPECT_TRUE(foreign(from).empty());

  const std::string last = wal() + "/" + names.back(), last_kept = read_file(last).value_or("");
  damaged = last_kept;
  std::fill_n(damaged.begin(), 8192, '\0');
  ASSERT_TRUE(write_file_durably(last, damaged));
  EXPECT_FAILS(Code::wal_missing, history().foreign_commits(from, scratch->cluster().connection()));
  EXPECT_FAILS(Code::wal_missing, history().last_commit());
  ASSERT_TRUE(write_file_durably(last, last_kept));
}

/// A suite, and so a cluster, of its own.
}  // namespace
}  // namespace backstitch::database
