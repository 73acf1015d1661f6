// A world whose safe is a bucket, and a host that loses its disk.
#pragma once
#include <unistd.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "going_back_world.h"
#include "processes.h"
#include "s3_house.h"
#include "stores/database/private/folders.h"
#include "stores/database/private/server.h"

namespace backstitch::e2e {

class LostDisk : public ::testing::Test {
 protected:
  explicit LostDisk(const std::string& stores = {}) : world(settings(stores)) {}

  void acknowledged(int more) {
    ASSERT_TRUE(
        testing::wait_until([&, least = client->acknowledged() + more] { return client->acknowledged() >= least; }, 60'000));
  }
  std::int64_t behind() { return world.get("/api/v1/status").at("offSite").at("segmentsBehind").to_number<std::int64_t>(); }
  std::string trouble() { return boost::json::value_to<std::string>(world.get("/api/v1/status").at("offSite").at("trouble")); }
  /// Orders before the base backup, in the WAL that was carried, and behind it.
  void live() {
    ASSERT_TRUE(world.start());
    client.emplace(world, 3, 20);
    ASSERT_NO_FATAL_FAILURE(acknowledged(30));
    ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
    ASSERT_NO_FATAL_FAILURE(acknowledged(30));
    const auto is_carried = [&] { return speak(world, {"backup", "fetch", "--dry-run"}).exit_status == 0 && behind() == 0; };
    ASSERT_TRUE(testing::wait_until(is_carried, 60'000)) << write_json(world.get("/api/v1/status"));
    ASSERT_NO_FATAL_FAILURE(acknowledged(30));
  }
  /// kill -9 of platform and PostgreSQL; then all files of cluster, base backups and WAL are gone.
  void lose_database() {
    const auto server = postmaster_of(world.data());
    world.kill_platform();
    ASSERT_TRUE(server && kill_hard(*server));
    const auto folders = database::make_cluster_folders(world.data(), world.data() + "/safe");
    ASSERT_TRUE(folders);
    ASSERT_TRUE(database::await_leaving(folders->newest_epoch()));
    for (const std::string& folder : {folders->pg, folders->wal, folders->base}) ASSERT_TRUE(remove_tree(folder));
    ASSERT_TRUE(remove_tree(world.data() + "/safe"));
  }
  void does_not_begin_anew() {
    EXPECT_FALSE(world.start({}, false)) << "no new database in the place of one that is gone";
    EXPECT_EQ(world.exit_status(), 7);
    EXPECT_EQ(speak(world, {"recover", "plan", "--to", "latest", "--cause", "disk"}).code(), "BS-6002") << "nothing is here";
  }
  void comes_back(const std::string& config_file) {
    const Spoken fetched = speak(world, {"backup", "fetch", "--config", config_file});
    ASSERT_EQ(fetched.exit_status, 0) << fetched.err;
    EXPECT_GT(fetched.data().at("walFiles").to_number<int>(), 0);
    const std::string id = plan_recovery(world, {"--to", "latest"});  // with what fetch has left in the data folder
    const Spoken recovered = go_back(world, id);
    ASSERT_LE(recovered.exit_status, 1) << faults_of(world, id) << recovered.err;
    ASSERT_TRUE(write_file_durably(world.data() + "/backstitch.yaml", read_file(config_file).value_or("")));
    ASSERT_TRUE(world.start());
    ASSERT_NO_FATAL_FAILURE(acknowledged(30));
    await_rest(world, *client);
    expect_proven_outside(world, *client);
    EXPECT_TRUE(testing::wait_until([&] { return behind() == 0; }, 60'000)) << "the new timeline goes there, too";
    EXPECT_EQ(trouble(), "");
  }

 private:
  WorldSettings settings(const std::string& stores) {
    const objects::S3Settings s3 = servers::S3House::get().settings();
    EXPECT_TRUE(write_file_durably(secrets_ / "s3", s3.secret_key + "\n"));
    const std::string config = fmt::format(
        "instance: disk{}\nworkers: {{lanes: {{default: {{count: 2, concurrency: 16}}}}}}\nbackup: {{full_every: 24h}}\n"
        "safe: {{adapter: s3, bucket: {}}}\ns3: {{endpoint: '{}', access_key: {}, secret_key: 'file:{}'}}\n{}",
        ::getpid(), s3.bucket, s3.endpoint, s3.access_key, secrets_ / "s3", stores);
    return {.config = config,
            .system_arguments = {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup", "lost=0.05,error=0.02,latency=2-40",
                                 "--blind", "error=0.02,latency=2-40", "--later", "latency=2-40,callback=5-200"},
            .in_catalog = {}};
  }
  testing::ScratchFolder secrets_;

 protected:
  World world;
  std::optional<Submitter> client;
};

}  // namespace backstitch::e2e
