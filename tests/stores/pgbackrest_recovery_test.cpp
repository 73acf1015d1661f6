// Going back with a database that somebody else runs: a real pgBackRest restores beside it, and the copy becomes the database.
#include <signal.h>

#include "base/json.h"
#include "contract/backups_contract.h"
#include "going_back_world.h"
#include "postgres_house.h"
#include "stores/database/private/folders.h"
#include "stores/database/private/server.h"

namespace backstitch::e2e {
namespace {

using servers::PostgresHouse;

class ExternalGoingBack : public ::testing::Test {
 protected:
  std::string config() {
    EXPECT_TRUE(write_file_durably(house.folder / "url", house.url() + "\n"));
    return fmt::format(
        "workers: {{lanes: {{default: {{count: 2, concurrency: 16}}}}}}\ndatabase: {{adapter: external, url: 'file:{}'}}\n"
        "backup: {{provider: pgbackrest, stanza: main, config: '{}'}}\n",
        house.folder / "url", house.folder / "postgres/pgbackrest.conf");
  }
  /// For psql; where the platform has it.
  std::string database() {
    const auto folders = database::make_cluster_folders(world.data(), world.data() + "/safe").value();
    moved_to = list_folder(world.data() + "/safe/database").empty() ? "" : folders.newest_epoch();
    return moved_to.empty() ? house.url() : fmt::format("host={} dbname=backstitch user=backstitch", folders.sockets);
  }
  Time clock() {
    auto session = database::Connection::open(house.url());
    const auto now = session ? session->query("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
                             : Result<database::Rows>(fail(session.error()));
    EXPECT_TRUE(now) << now.error().text();
    return Time{now ? now->int8(0, 0) : 0};
  }
  /// Until moments of now can be gone back to: pgBackRest tells when a backup ended in whole seconds, rounded up by us.
  void back_up() {
    house.back_up();
    const auto second = [&] { return clock().us / 1'000'000; };
    ASSERT_TRUE(testing::wait_until([&, ended = second()] { return second() > ended; }, 10'000));
  }
  void acknowledged(int more) {
    ASSERT_TRUE(
        testing::wait_until([&, least = client->acknowledged() + more] { return client->acknowledged() >= least; }, 60'000));
  }

  PostgresHouse house{{"backups=pgbackrest"}};
  std::string moved_to;
  World world{
      {.config = config(),
       .system_arguments = {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup", "lost=0.05,error=0.02,latency=2-40",
                            "--blind", "error=0.02,latency=2-40", "--later", "latency=2-40,callback=5-200"},
       .in_catalog = {},
       .database = [this] { return database(); }}};
  std::optional<Submitter> client;
};

TEST_F(ExternalGoingBack, ABadJobIsUndoneAndTheCopyIsTheDatabase) {
  ASSERT_TRUE(world.start());
  client.emplace(world, 3, 20);
  ASSERT_NO_FATAL_FAILURE(acknowledged(30));
  EXPECT_EQ(speak(world, {"recover", "range"}).code(), "BS-6002") << "nothing was backed up yet";
  ASSERT_NO_FATAL_FAILURE(back_up());
  ASSERT_NO_FATAL_FAILURE(acknowledged(30));
  const Time before = clock();
  house.admin("backstitch", {"update backstitch.asset set data = '{}', quantity = 0"});
  ASSERT_NO_FATAL_FAILURE(acknowledged(30));
  EXPECT_EQ(speak(world, {"recover", "plan", "--cause", "x"}).exit_status, 2) << "nobody can read who wrote past the engine";
  EXPECT_EQ(speak(world, {"recover", "plan", "--cause", "x", "--to", "2026-01-01T00:00:00Z"}).code(), "BS-6005");
  const std::string id = plan_recovery(world, {"--to", rfc3339(before)});
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  EXPECT_EQ(recovered.data().at("accounts").at("unexplained").to_number<int>(), 0);
  EXPECT_GT(recovered.data().at("accounts").at("damaged").to_number<int>(), 0);
  EXPECT_GE(result_of(world, id, "rewind").at("changes").as_array().size(), 2u);
  ASSERT_TRUE(world.start());
  ASSERT_FALSE(moved_to.empty());
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));  // it goes on there, also when the server dies
  const int postmaster = database::postmaster_of(moved_to);
  ASSERT_GT(postmaster, 0);
  ASSERT_EQ(::kill(postmaster, SIGKILL), 0);
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
  const auto serves = [&] { return database::takes_connections(world.database()); };
  ASSERT_TRUE(testing::wait_until([&] { return database::postmaster_of(moved_to) != postmaster && serves(); }, 60'000));
  await_rest(world, *client);
  expect_proven_outside(world, *client);
  EXPECT_EQ(world.query("select count(*) from backstitch.asset where quantity = 0"), std::vector<std::string>{"0"});
  world.stop_platform();
  EXPECT_EQ(database::postmaster_of(moved_to), 0);
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.get("/api/v1/status").at("epoch").at("n").to_number<int>(), 2);
}

TEST_F(ExternalGoingBack, UndoneItGoesOnWhereItWas) {
  ASSERT_TRUE(world.start());
  client.emplace(world, 3, 20);
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
  ASSERT_NO_FATAL_FAILURE(back_up());
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
  const std::string id = plan_recovery(world, {"--to", rfc3339(clock())});
  const Spoken until = go_back(world, id, "verify");
  ASSERT_LE(until.exit_status, 1) << write_json(until.document) << until.err;
  const std::string copy = world.data() + "/pg/recovery-" + id;
  EXPECT_GT(database::postmaster_of(copy), 0);
  ASSERT_EQ(speak(world, {"recover", "undo", id, "--yes", "--no-up"}).exit_status, 0);
  EXPECT_FALSE(file_exists(copy));
  ASSERT_TRUE(world.start());
  EXPECT_TRUE(moved_to.empty());
  await_rest(world, *client);
  expect_proven_outside(world, *client);
}

}  // namespace
}  // namespace backstitch::e2e
