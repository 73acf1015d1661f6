#include "stores/database/private/cluster.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "base/files.h"
#include "base/time.h"
#include "stores/database/private/server.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {
namespace {

bool wait_until(const std::function<bool()>& holds, std::int64_t timeout_ms) {
  const std::int64_t deadline_ms = monotonic_ms() + timeout_ms;
  while (!holds()) {
    if (monotonic_ms() > deadline_ms) return false;
    ::poll(nullptr, 0, 10);
  }
  return true;
}

std::string setting(const std::string& name) {
  auto connection = Connection::open(shared_cluster().cluster().connection());
  if (!connection) return connection.error().text();
  const auto rows = connection->query(("show " + name).c_str());
  return rows ? rows->string(0, 0) : rows.error().text();
}

TEST(PrivateCluster, IsSetUpToBeRecovered) {
  EXPECT_EQ(setting("data_checksums"), "on");
  EXPECT_EQ(setting("wal_level"), "logical");
  EXPECT_EQ(setting("archive_mode"), "on");
  EXPECT_EQ(setting("track_commit_timestamp"), "on");
  EXPECT_EQ(setting("server_encoding"), "UTF8");
  EXPECT_EQ(setting("listen_addresses"), "");
  EXPECT_EQ(setting("TimeZone"), "UTC");
}

TEST(PrivateCluster, IsSyncedUnlessItIsThrownAway) {
  const ClusterFolders& folders = shared_cluster().cluster().folders();
  EXPECT_EQ(cluster_configuration({}, folders).find("fsync"), std::string::npos);  // PostgreSQL's own default: on
  EXPECT_EQ(setting("fsync"), "off");
}

TEST(PrivateCluster, StartsAgainAfterKill) {
  PrivateCluster& cluster = shared_cluster().cluster();
  const int postmaster = cluster.postmaster();
  ASSERT_GT(postmaster, 0);
  ASSERT_EQ(::kill(postmaster, SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] { return !cluster.is_alive(); }, 10'000));
  EXPECT_TRUE(file_exists(cluster.folder() + "/postmaster.pid"));  // stale
  EXPECT_OK(cluster.ensure_running());
  EXPECT_TRUE(cluster.is_alive());
  EXPECT_NE(cluster.postmaster(), postmaster);
  EXPECT_EQ(setting("archive_mode"), "on");
}

TEST(PrivateCluster, OneThatDiesWhileItIsWaitedForIsStartedAgain) {
  PrivateCluster& cluster = shared_cluster().cluster();
  const int postmaster = cluster.postmaster();
  ASSERT_GT(postmaster, 0);
  ASSERT_EQ(::kill(postmaster, SIGSTOP), 0);  // it is there, and does not answer
  auto waits = std::async(std::launch::async, [&] { return cluster.ensure_running(); });
  EXPECT_EQ(waits.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  ASSERT_EQ(::kill(postmaster, SIGKILL), 0);
  EXPECT_EQ(waits.wait_for(std::chrono::seconds(20)), std::future_status::ready) << "it waits for a dead one";
  EXPECT_OK(start_server(cluster.folder(), cluster.folders().sockets, cluster.folders().log_file(), 600));
  const Status waited = waits.get();
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, Code::database_start);
  EXPECT_OK(cluster.ensure_running());
}

TEST(PrivateCluster, PidOfSomebodyElseIsNoServer) {
  PrivateCluster& cluster = shared_cluster().cluster();
  ASSERT_TRUE(cluster.stop());
  ASSERT_TRUE(
      write_file_durably(cluster.folder() + "/postmaster.pid", std::to_string(::getpid()) + "\n" + cluster.folder() + "\n"));
  EXPECT_FALSE(cluster.is_alive());
  EXPECT_OK(cluster.ensure_running());
  EXPECT_TRUE(cluster.is_alive());
}

TEST(PrivateCluster, WalReachesTheSafe) {
  PrivateCluster& cluster = shared_cluster().cluster();
  auto connection = Connection::open(cluster.connection());
  ASSERT_TRUE(connection.has_value());
  ASSERT_TRUE(connection->query("select pg_create_restore_point('something to archive')"));
  const auto segment = connection->query("select pg_walfile_name(pg_switch_wal())");
  ASSERT_TRUE(segment.has_value());
  const std::string file = shared_cluster().safe_folder() + "/backups/wal/" + segment->string(0, 0);
  EXPECT_TRUE(wait_until([&] { return file_exists(file); }, 30'000)) << file;
}

TEST(PrivateCluster, OpenFindsWhatIsThere) {
  auto again = PrivateCluster::open({.data_folder = shared_cluster().folder(), .safe_folder = {}});
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(again->postmaster(), shared_cluster().cluster().postmaster());
  EXPECT_TRUE(again->folder().ends_with("/pg/e0001"));
  EXPECT_EQ(again->notice(), "");
}

TEST(PrivateCluster, LiesElsewhereWhenItsUserCannotReachTheFolder) {
  if (::geteuid() != 0) return;  // only root has another user than itself to think of
  std::string home = (std::filesystem::temp_directory_path() / "backstitch-closed-XXXXXX").string();
  ASSERT_TRUE(::mkdtemp(home.data()));  // mode 0700, as root's home
  auto cluster = PrivateCluster::open({.data_folder = home + "/data", .safe_folder = {}, .shared_buffers_mb_max = 64});
  ASSERT_TRUE(cluster.has_value()) << cluster.error().text();
  EXPECT_TRUE(cluster->folder().starts_with("/var/lib/backstitch/"));
  EXPECT_NE(cluster->notice(), "");
  EXPECT_TRUE(std::filesystem::is_symlink(home + "/data/pg"));
  EXPECT_TRUE(std::filesystem::is_symlink(home + "/data/safe/backups/wal"));
  EXPECT_TRUE(file_exists(home + "/data/pg/e0001/PG_VERSION"));
  EXPECT_OK(cluster->start());
  EXPECT_TRUE(file_exists(home + "/data/log/postgres.log"));
  EXPECT_OK(cluster->stop());
  EXPECT_OK(cluster->purge());
  EXPECT_FALSE(file_exists(home + "/data/pg/e0001"));
  EXPECT_OK(remove_tree(home));
}

TEST(PrivateCluster, PathThatACommandCannotCarryIsRefused) {
  EXPECT_FAILS(Code::config_invalid, PrivateCluster::open({.data_folder = "/tmp/it's", .safe_folder = {}}));
}

}  // namespace
}  // namespace backstitch::database
