#include "stores/database/rewind/restored_cluster.h"

#include <sys/stat.h>

#include <filesystem>

#include "base/testing.h"
#include "base/time.h"
#include "stores/database/history/archive.h"
#include "stores/database/private/programs.h"
#include "stores/database/private/server.h"
#include "stores/database/rewind/rewind_testing.h"

namespace backstitch::database {
namespace {

/// One cluster for all; each test leaves archive and backup as it found them.
class RestoredClusterTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = NumberedCluster::make();
    ASSERT_TRUE(made.has_value()) << made.error().text();
    live = std::make_unique<NumberedCluster>(std::move(*made));
  }
  static void TearDownTestSuite() { live.reset(); }

  static Result<std::unique_ptr<RestoredCluster>> restore(const RestoreTarget& target) {
    return RestoredCluster::restore(live->folders(), "rec-1", target);
  }
  static void expect_nothing_left() {
    EXPECT_EQ(list_folder(live->folders().pg), (std::vector<std::string>{"e0001", "postgres.log"}));
    EXPECT_FALSE(file_exists(live->folders().sockets + "-rec-1"));
    EXPECT_EQ(numbers_in(live->connection()), "1 2 3 4");
  }
  static void expect_refused(Code code, const RestoreTarget& target = {}) {
    const auto made = restore(target);
    if (made) EXPECT_OK((*made)->remove());
    EXPECT_FAILS(code, made);
    expect_nothing_left();
  }
  /// The archived segment with this place; some tests harm it.
  static std::string segment(const Lsn& lsn) {
    const auto wal = WalArchive::open(live->folders().wal);
    return wal ? live->folders().wal + "/" + wal->name_of(WalArchive::segment_of(lsn.place)) : wal.error().text();
  }
  /// Changes a file for the life of the object.
  struct Harmed {
    Harmed(std::string at, const std::string& bytes) : path(std::move(at)), whole(read_file(path).value_or("")) {
      EXPECT_OK(write_file_durably(path, bytes));
    }
    ~Harmed() { EXPECT_OK(write_file_durably(path, whole)); }
    std::string path, whole;
  };

  static std::unique_ptr<NumberedCluster> live;
};

std::unique_ptr<NumberedCluster> RestoredClusterTest::live;

TEST_F(RestoredClusterTest, StopsBeforeTheCommit) {
  const std::vector<std::string> archive = list_folder(live->folders().wal);
  std::vector<std::string> said;
  auto made = RestoredCluster::restore(live->folders(), "rec-1", {.before = live->before_3, .backup = {}},
                                       [&](const std::string& text) { said.push_back(text); });
  ASSERT_TRUE(made.has_value()) << made.error().text();
  RestoredCluster& copy = **made;
  EXPECT_EQ(numbers_in(copy.connection()), "1 2");
  EXPECT_EQ(copy.folder(), live->folders().pg + "/rec-1");
  EXPECT_EQ(said.size(), 2u);
  struct stat sockets{};
  ASSERT_EQ(::stat((live->folders().sockets + "-rec-1").c_str(), &sockets), 0);
  EXPECT_EQ(sockets.st_mode & 0777u, 0700u);  // for its maker alone
  auto session = Connection::open(copy.connection());
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->query("show fsync")->string(0, 0), "on");
  EXPECT_EQ(session->query("show archive_command")->string(0, 0), "");
  EXPECT_OK(session->execute("insert into number values (30); select pg_switch_wal(); checkpoint"));  // out of recovery
  EXPECT_EQ(list_folder(live->folders().wal), archive);                                               // and writes nothing there
  EXPECT_EQ(numbers_in(live->connection()), "1 2 3 4");
  EXPECT_OK(copy.remove());
  expect_nothing_left();
}

TEST_F(RestoredClusterTest, GoesToTheEndOfTheArchive) {
  auto made = restore({});
  ASSERT_TRUE(made.has_value()) << made.error().text();
  EXPECT_EQ(numbers_in((*made)->connection()), "1 2 3 4");
  EXPECT_OK((*made)->remove());
}

TEST_F(RestoredClusterTest, IsFoundAgainInAnotherLife) {
  {
    auto made = restore({.before = live->before_4, .backup = live->backup.label});
    ASSERT_TRUE(made.has_value()) << made.error().text();
  }
  auto found = RestoredCluster::find(live->folders(), "rec-1");
  ASSERT_TRUE(found.has_value() && *found);
  EXPECT_EQ(numbers_in((*found)->connection()), "1 2 3");  // it ran on
  EXPECT_OK((*found)->stop());
  EXPECT_EQ(postmaster_of((*found)->folder()), 0);
  EXPECT_OK(remove_tree(live->folders().sockets + "-rec-1"));  // as at a reboot
  EXPECT_OK((*found)->start());
  EXPECT_OK((*found)->start());
  EXPECT_EQ(numbers_in((*found)->connection()), "1 2 3");
  EXPECT_OK((*found)->remove());
  found = RestoredCluster::find(live->folders(), "rec-1");
  EXPECT_TRUE(found.has_value() && !*found);
  expect_nothing_left();
}

// Of a recovery that was killed while it stopped its copy: the server is still there, and takes nobody.
TEST_F(RestoredClusterTest, StartsAgainWhatWasJustToldToStop) {
  auto copy = restore({});
  ASSERT_TRUE(copy) << copy.error().text();
  for (int round = 0; round < 5; ++round) {
    EXPECT_OK((*copy)->start());
    auto busy = Connection::open((*copy)->connection());  // the end of its session takes a moment
    ASSERT_TRUE(busy) << busy.error().text();
    EXPECT_OK(busy->execute("create temp table t as select g from generate_series(1, 200000) g"));
    ASSERT_TRUE(run_as_server({*postgres_program("pg_ctl"), "-D", (*copy)->folder(), "-m", "fast", "-W", "-s", "stop"}, 10'000));
    ASSERT_TRUE(testing::wait_until([&] { return !takes_connections((*copy)->connection()); }));
    const std::int64_t begun_ms = monotonic_ms();
    EXPECT_OK((*copy)->start());
    EXPECT_LT(monotonic_ms() - begun_ms, 60'000) << "it waited for a server that was going away";
    EXPECT_EQ(numbers_in((*copy)->connection()), "1 2 3 4");
  }
  EXPECT_OK((*copy)->remove());
  expect_nothing_left();
}

TEST_F(RestoredClusterTest, HalfOneIsNotFoundAndMadeAnew) {
  const std::string half = live->folders().pg + "/rec-1";
  ASSERT_TRUE(make_server_folder(half));
  ASSERT_TRUE(write_file_durably(half + "/PG_VERSION", "15\n"));
  auto found = RestoredCluster::find(live->folders(), "rec-1");
  EXPECT_TRUE(found.has_value() && !*found);
  ASSERT_TRUE(write_file_durably(half + "/backstitch.restored", "rec-0"));  // which the backup brought along
  found = RestoredCluster::find(live->folders(), "rec-1");
  EXPECT_TRUE(found.has_value() && !*found);
  auto made = restore({.before = live->before_3, .backup = {}});
  ASSERT_TRUE(made.has_value()) << made.error().text();
  EXPECT_EQ(numbers_in((*made)->connection()), "1 2");
  EXPECT_OK((*made)->remove());
}

// Else what it still copies would come among the files of the next one, behind the back of its server.
TEST_F(RestoredClusterTest, WhatAKilledRunStillCopiesIsWaitedFor) {
  const std::string half = live->folders().pg + "/rec-1";
  ASSERT_TRUE(make_server_folder(half));
  const std::string late = "for i in $(seq 20); do touch late-$i; sleep 0.02; done";
  const auto child = start({.argv = {"/bin/sh", "-c", late}, .folder = half});
  ASSERT_TRUE(child) << child.error().text();
  EXPECT_OK(RestoredCluster::discard(live->folders(), "rec-1"));
  EXPECT_FALSE(alive(child->id));
  EXPECT_EQ(reap(child->id.pid), 0) << "it was at an end when its folder went";
  expect_nothing_left();
}

TEST_F(RestoredClusterTest, SegmentThatIsMissingIsRefused) {
  const std::string lost = segment(live->before_3), kept = lost + ".kept";
  std::filesystem::rename(lost, kept);
  expect_refused(Code::wal_missing, {.before = live->before_4, .backup = {}});
  expect_refused(Code::wal_missing);
  std::filesystem::rename(kept, lost);
}

TEST_F(RestoredClusterTest, SegmentThatIsTooShortIsRefused) {
  const std::string path = segment(live->before_3);
  const Harmed harmed(path, read_file(path).value_or("").substr(0, 1 << 20));
  expect_refused(Code::wal_missing, {.before = live->before_4, .backup = {}});
}

TEST_F(RestoredClusterTest, SegmentOfAnotherPlaceIsRefused) {
  const Harmed harmed(segment(live->before_3), read_file(segment(live->before_4)).value_or(""));
  expect_refused(Code::wal_missing, {.before = live->before_4, .backup = {}});
}

TEST_F(RestoredClusterTest, DamageInsideASegmentIsNotTheEndOfTheArchive) {
  const std::string path = segment(live->before_3);
  std::string bytes = read_file(path).value_or("");
  const auto at = static_cast<std::size_t>(live->before_3.place % bytes.size());
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at) + 24, bytes.begin() + static_cast<std::ptrdiff_t>(at) + 4096, '\x55');
  const Harmed harmed(path, bytes);
  expect_refused(Code::wal_missing, {.before = live->before_4, .backup = {}});
  expect_refused(Code::wal_missing);
}

TEST_F(RestoredClusterTest, DamagedBackupIsRefused) {
  const std::string path = live->backup_file("/global/pg_filenode.map");
  std::string bytes = read_file(path).value_or("");
  bytes[100] = static_cast<char>(bytes[100] ^ 1);  // one bit
  const Harmed harmed(path, bytes);
  expect_refused(Code::restore_failed, {.before = live->before_3, .backup = {}});
}

TEST_F(RestoredClusterTest, WithoutRoomNothingIsBegun) {
  const std::string path = live->backup_file(".json"), text = read_file(path).value_or("");
  const auto bytes = text.find(std::to_string(live->backup.bytes));
  ASSERT_NE(bytes, std::string::npos);
  const Harmed harmed(path, text.substr(0, bytes) + "9" + std::string(15, '0') + text.substr(text.find('"', bytes)));
  expect_refused(Code::disk_full, {.before = live->before_3, .backup = {}});
}

TEST_F(RestoredClusterTest, MomentsOutOfRangeAreRefused) {
  const Lsn end = *Lsn::parse(live->backup.end_lsn);
  expect_refused(Code::target_out_of_range, {.before = {1, end.place - 8}, .backup = {}});
  expect_refused(Code::target_out_of_range, {.before = {1, end.place - 8}, .backup = live->backup.label});
  // Behind the last record but in the last segment, and behind that too.
  const auto wal = WalArchive::open(live->folders().wal);
  ASSERT_TRUE(wal.has_value());
  expect_refused(Code::target_out_of_range, {.before = {1, wal->end() - 8}, .backup = {}});
  expect_refused(Code::target_out_of_range, {.before = {1, wal->end() + (std::uint64_t{1} << 30)}, .backup = {}});
  expect_refused(Code::target_out_of_range, {.before = {7, live->before_3.place}, .backup = {}});
}

TEST_F(RestoredClusterTest, BackupThatIsNotThereIsRefused) {
  expect_refused(Code::backup_not_found, {.before = live->before_3, .backup = "20200101T000000Z"});
}

TEST_F(RestoredClusterTest, NameOfALiveOneIsRefused) {
  EXPECT_FAILS(Code::usage, RestoredCluster::restore(live->folders(), "e0002", {}));
  EXPECT_FAILS(Code::usage, RestoredCluster::find(live->folders(), "../x"));
  expect_nothing_left();
}

TEST_F(RestoredClusterTest, OtherChecksumsThanTheLiveOnesAreRefused) {
  PrivateCluster& cluster = live->scratch->cluster();
  const std::string program = *postgres_program("pg_checksums");
  ASSERT_TRUE(cluster.stop());
  ASSERT_TRUE(run_as_server({program, "--disable", "-D", cluster.folder()}, 60'000));
  const auto made = restore({.before = live->before_3, .backup = {}});
  ASSERT_TRUE(run_as_server({program, "--enable", "-D", cluster.folder()}, 60'000));
  ASSERT_TRUE(cluster.start());
  EXPECT_FAILS(Code::restore_failed, made);
  expect_nothing_left();
}

TEST_F(RestoredClusterTest, RoleIsLockedOutWithItsSessions) {
  const std::string at = live->connection();
  ASSERT_TRUE(run_sql(at, "create role \"wrong Job\" login superuser"));
  std::string as_role = at;
  as_role.replace(as_role.find("user=postgres"), 13, "user='wrong Job'");
  auto session = Connection::open(as_role);
  ASSERT_TRUE(session.has_value()) << session.error().text();
  EXPECT_OK(lock_role_out(at, "wrong Job"));
  EXPECT_FALSE(session->query("select 1").has_value());
  EXPECT_FALSE(Connection::open(as_role).has_value());
  EXPECT_OK(lock_role_out(at, "wrong Job"));  // once more changes nothing
  EXPECT_FAILS(Code::database_failed, lock_role_out(at, "nobody"));
  EXPECT_FAILS(Code::database_failed, lock_role_out(at, "postgres"));
  EXPECT_OK(run_sql(at, "drop role \"wrong Job\""));
}

}  // namespace
}  // namespace backstitch::database
