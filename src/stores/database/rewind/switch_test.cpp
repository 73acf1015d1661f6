// What was restored becomes the live one, and one can go back again: along its own timeline, across the switch, and to the old
// one.
#include <filesystem>

#include "stores/database/private/server.h"
#include "stores/database/rewind/rewind_testing.h"

namespace backstitch::database {
namespace {

/// The numbered cluster after it went back to before 3: timeline 2, with 5, a backup, 6 and 7 in a segment each.
struct Switched {
  NumberedCluster old;
  std::unique_ptr<PrivateCluster> live;
  BackupInfo backup;
  RestorableRange range_before_backup;
  Result<Time> newest_before_backup;
  Lsn before_5, before_6, before_7;

  const ClusterFolders& folders() const { return old.folders(); }
  std::string wal_file(const std::string& name) const { return folders().wal + "/" + name; }
  ~Switched() {
    if (live) EXPECT_OK(stop_server(live->folder(), "immediate"));
  }

  Status go_back() {
    BS_TRY(old.scratch->cluster().stop());
    auto copy = RestoredCluster::restore(folders(), "rec-1", {.before = old.before_3, .backup = {}});
    if (!copy) return fail(std::move(copy.error()));
    // A replay writes more than a segment before the copy is the live one.
    BS_TRY(run_sql((*copy)->connection(), "select pg_switch_wal(); checkpoint"));
    BS_TRY((*copy)->become_live(2));
    BS_TRY((*copy)->become_live(2));  // after a kill behind the rename
    auto opened = PrivateCluster::open({.data_folder = old.scratch->folder(), .safe_folder = {}, .shared_buffers_mb_max = 64});
    if (!opened) return fail(std::move(opened.error()));
    live = std::make_unique<PrivateCluster>(std::move(*opened));
    return live->start();
  }
  Status write_on() {
    const std::string at = live->connection();
    const auto archive = [&] { return archive_now(at, folders().wal, 30'000); };
    before_5 = next_place(at);
    BS_TRY(add_number(at, 5));
    BS_TRY(archive());
    auto range = Backups(*live).range();
    if (!range) return fail(std::move(range.error()));
    range_before_backup = std::move(*range);
    newest_before_backup = Backups(*live).newest_of_live();
    auto made = Backups(*live).create(old.backup.started_at.plus_ms(60'000));
    if (!made) return fail(std::move(made.error()));
    backup = std::move(*made);
    before_6 = next_place(at);
    BS_TRY(add_number(at, 6));
    BS_TRY(archive());
    before_7 = next_place(at);
    BS_TRY(add_number(at, 7));
    return archive();
  }
};

class SwitchTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = NumberedCluster::make();
    ASSERT_TRUE(made.has_value()) << made.error().text();
    world = std::make_unique<Switched>();
    world->old = std::move(*made);
    const Status back = world->go_back();
    ASSERT_TRUE(back.has_value()) << back.error().text();
    const Status written = world->write_on();
    ASSERT_TRUE(written.has_value()) << written.error().text();
  }
  static void TearDownTestSuite() { world.reset(); }

  static std::string restored(const RestoreTarget& target) {
    auto copy = RestoredCluster::restore(world->folders(), "rec-2", target);
    if (!copy) return copy.error().text();
    const std::string numbers = numbers_in((*copy)->connection());
    const std::uint32_t timeline = next_place((*copy)->connection()).timeline;
    EXPECT_OK((*copy)->remove());
    return fmt::format("{}: {}", timeline, numbers);
  }

  static std::unique_ptr<Switched> world;
};

std::unique_ptr<Switched> SwitchTest::world;

TEST_F(SwitchTest, RestoredOneIsLiveAndArchivesItsTimelineFromTheFirstByte) {
  EXPECT_EQ(world->live->folder(), epoch_folder(world->folders(), 2));
  EXPECT_EQ(numbers_in(world->live->connection()), "1 2 5 6 7");
  EXPECT_EQ(world->before_5.timeline, 2u);
  EXPECT_TRUE(file_exists(world->wal_file("00000002.history")));
  auto session = Connection::open(world->live->connection());
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->query("show archive_mode")->string(0, 0), "on");
  EXPECT_EQ(session->query("show restore_command")->string(0, 0), "");
  // Nothing of the copy is left.
  EXPECT_FALSE(file_exists(world->folders().pg + "/rec-1"));
  EXPECT_FALSE(file_exists(world->folders().sockets + "-rec-1"));
  EXPECT_FALSE(file_exists(world->live->folder() + "/backstitch.restored"));
  EXPECT_TRUE(file_exists(world->folders().pg + "/e0001/PG_VERSION"));  // the way to undo it
}

TEST_F(SwitchTest, GoesBackAgainFromABackupOfTheNewTimeline) {
  EXPECT_EQ(restored({.before = world->before_7, .backup = {}}), "3: 1 2 5 6");
  EXPECT_EQ(restored({.before = world->before_7, .backup = world->backup.label}), "3: 1 2 5 6");
  EXPECT_EQ(restored({}), "3: 1 2 5 6 7");
}

TEST_F(SwitchTest, GoesBackAcrossTheSwitch) {
  // The old backup, the old timeline up to the switch, then the new one.
  EXPECT_EQ(restored({.before = world->before_6, .backup = world->old.backup.label}), "3: 1 2 5");
  EXPECT_EQ(restored({.before = world->before_5, .backup = {}}), "3: 1 2");
}

TEST_F(SwitchTest, GoesBackOnTheOldTimeline) {
  EXPECT_EQ(restored({.before = world->old.before_3, .backup = {}}), "3: 1 2");
  EXPECT_EQ(restored({.before = world->old.before_4, .backup = {}}), "3: 1 2 3");  // which the switch gave up
  auto copy = RestoredCluster::restore(world->folders(), "rec-2", {.before = world->old.before_4, .backup = world->backup.label});
  EXPECT_FAILS(Code::target_out_of_range, copy);  // that backup never was on it
}

TEST_F(SwitchTest, PlaceOfALiveOneIsNotTakenTwice) {
  auto copy = RestoredCluster::restore(world->folders(), "rec-2", {.before = world->before_6, .backup = {}});
  ASSERT_TRUE(copy.has_value()) << copy.error().text();
  EXPECT_FAILS(Code::restore_failed, (*copy)->become_live(2));
  EXPECT_EQ(numbers_in((*copy)->connection()), "1 2 5");  // still under its own name
  EXPECT_OK((*copy)->remove());
  EXPECT_FAILS(Code::restore_failed, (*copy)->become_live(9));
}

TEST_F(SwitchTest, OnlyABackupOfItsOwnTimelineCountsAsTheNewest) {
  ASSERT_TRUE(world->newest_before_backup.has_value()) << world->newest_before_backup.error().text();
  EXPECT_FALSE(world->newest_before_backup->is_set());  // there was one of timeline 1
  EXPECT_EQ(Backups(*world->live).newest_of_live().value_or(Time()), world->backup.ended_at);
}

TEST_F(SwitchTest, RangeHasTheHole) {
  const auto range = Backups(*world->live).range();
  ASSERT_TRUE(range.has_value()) << range.error().text();
  ASSERT_EQ(range->stretches.size(), 2u);
  const RestorableRange::Stretch &old_one = range->stretches[0], &new_one = range->stretches[1];
  EXPECT_EQ(old_one.timeline, 1u);
  EXPECT_EQ(old_one.earliest.lsn, world->old.backup.end_lsn);
  EXPECT_LT(Lsn::parse(old_one.latest.lsn)->place, world->old.before_3.place);  // 3 and 4 were given up
  EXPECT_EQ(new_one.timeline, 2u);
  EXPECT_GE(Lsn::parse(new_one.earliest.lsn)->place, world->old.before_3.place);
  EXPECT_GE(Lsn::parse(new_one.latest.lsn)->place, world->before_7.place);
  EXPECT_EQ(range->latest.lsn, new_one.latest.lsn);
  EXPECT_EQ(range->backups, 2);
  EXPECT_NE(range->text().find(fmt::format("; not between {} (", rfc3339(old_one.latest.time))), std::string::npos);
}

TEST_F(SwitchTest, BackupOfTheNewTimelineBeginsAStretchWhereItsWalIsMissing) {
  // What was archived between the switch and the backup is lost.
  const auto start = Lsn::parse(world->backup.start_lsn);
  std::vector<std::string> hidden;
  for (const std::string& name : list_folder(world->folders().wal))
    if (name.size() == 24 && name.starts_with("00000002") && std::stoull(name.substr(16), nullptr, 16) < (start->place >> 24))
      hidden.push_back(world->wal_file(name));
  ASSERT_FALSE(hidden.empty());
  for (const std::string& path : hidden) std::filesystem::rename(path, path + ".hidden");
  const auto range = Backups(*world->live).range();
  for (const std::string& path : hidden) std::filesystem::rename(path + ".hidden", path);
  ASSERT_TRUE(range.has_value()) << range.error().text();
  EXPECT_EQ(range->stretches.back().timeline, 2u);
  EXPECT_EQ(range->stretches.back().earliest.lsn, world->backup.end_lsn);
}

TEST_F(SwitchTest, WalThatWasGivenUpIsNotTheLatest) {
  EXPECT_EQ(world->range_before_backup.backups, 1);
  EXPECT_EQ(world->range_before_backup.stretches.back().timeline, 2u);
  // As right behind the switch, when nothing of the new timeline is archived yet.
  const std::string away = world->folders().wal + ".away";
  std::filesystem::create_directory(away);
  const auto of_new = [](const std::string& name) { return name.size() == 24 && name.starts_with("00000002"); };
  const std::vector<std::string> names = list_folder(world->folders().wal);
  for (const std::string& name : names)
    if (of_new(name)) std::filesystem::rename(world->wal_file(name), away + "/" + name);
  const auto range = Backups(*world->live).range();
  for (const std::string& name : names)
    if (of_new(name)) std::filesystem::rename(away + "/" + name, world->wal_file(name));
  std::filesystem::remove(away);
  ASSERT_TRUE(range.has_value()) << range.error().text();
  EXPECT_EQ(Lsn::parse(range->latest.lsn)->timeline, 1u);
  EXPECT_LT(Lsn::parse(range->latest.lsn)->place, world->old.before_3.place);
}

}  // namespace
}  // namespace backstitch::database
