// A gate between the platform and a PostgreSQL that somebody else runs closes, delays, swallows and cuts, while orders come in:
// each time it goes on by itself, and at the end every order is there and nothing was done twice.
#include "going_back_world.h"
#include "harness/tcp_gate.h"
#include "postgres_house.h"

namespace backstitch::e2e {
namespace {

class PostgresGate : public ::testing::Test {
 protected:
  std::string config() {
    const std::string at = house.url(), port = ":" + std::to_string(house.server.port());
    std::string gated = at;
    gated.replace(gated.find(port), port.size(), ":" + std::to_string(gate.port()));
    const std::string file = house.folder / "gated";
    EXPECT_TRUE(write_file_durably(file, gated + "\n"));
    return fmt::format(
        "workers: {{lanes: {{default: {{count: 2, concurrency: 16}}}}}}\ndatabase: {{adapter: external, url: 'file:{}'}}\n",
        file);
  }
  std::int64_t activated() {
    const auto rows = world.query("select count(*) from backstitch.orders where state = 'Activated'");
    return rows.empty() ? 0 : std::stoll(rows.front());
  }
  /// Orders come to their end, many more than could have been on their way.
  void expect_that_it_goes_on(const char* behind) {
    SCOPED_TRACE(behind);
    gate.pass();
    const std::int64_t before = activated();
    ASSERT_TRUE(testing::wait_until([&] { return activated() >= before + 20; }, 60'000)) << what_they_wait_for(world);
  }
  void SetUp() override {
    ASSERT_TRUE(world.start());
    client.emplace(world, 3, 20);
    ASSERT_NO_FATAL_FAILURE(expect_that_it_goes_on("the start"));
  }
  void TearDown() override { gate.pass(); }
  void expect_proven() {
    await_rest(world, *client);
    expect_proven_outside(world, *client);
  }

  servers::PostgresHouse house;
  testing::TcpGate gate{house.server.port()};
  World world{
      {.config = config(),
       .system_arguments = {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup", "lost=0.05,error=0.02,latency=2-40",
                            "--blind", "error=0.02,latency=2-40", "--later", "latency=2-40,callback=5-200"},
       .in_catalog = {},
       .database = [this] { return house.address().connection; }}};
  std::optional<Submitter> client;
};

TEST_F(PostgresGate, ClosedAndLate) {
  for (int i = 0; i < 3; ++i) {
    gate.close_connections();
    ASSERT_NO_FATAL_FAILURE(expect_that_it_goes_on("connections closed"));
  }
  gate.refuse();
  EXPECT_TRUE(testing::wait_until([&] { return world.get("/api/v1/status").at("counts").is_null(); }, 20'000)) << "it is there";
  ASSERT_NO_FATAL_FAILURE(expect_that_it_goes_on("nobody was there"));
  gate.delay(40);
  ASSERT_TRUE(testing::wait_until([&, before = activated()] { return activated() >= before + 5; }, 60'000));
  gate.delay(0);
  expect_proven();
}

// What was committed is committed, and nobody heard of it.
TEST_F(PostgresGate, AnswersLostAndCut) {
  const auto taken = [&, before = gate.replies_taken()] { return gate.replies_taken() - before; };
  for (const char* statement : {"fence", ""}) {  // of a turn; of anybody
    gate.only(statement);
    const int were = taken();
    gate.close_at_replies(4);
    ASSERT_TRUE(testing::wait_until([&] { return taken() >= were + 4; }, 30'000)) << statement;
    ASSERT_NO_FATAL_FAILURE(expect_that_it_goes_on("closed in place of an answer"));
    gate.cut_replies(7, 4);
    ASSERT_TRUE(testing::wait_until([&] { return taken() >= were + 8; }, 30'000)) << statement;
    ASSERT_NO_FATAL_FAILURE(expect_that_it_goes_on("half of an answer"));
  }
  gate.only("");
  expect_proven();
}

// The connection stays open, and the answer never comes.
TEST_F(PostgresGate, AnswersSwallowed) {
  gate.only("fence");
  gate.lose_replies(2);
  ASSERT_TRUE(testing::wait_until([&, before = gate.replies_taken()] { return gate.replies_taken() >= before + 2; }, 30'000));
  ASSERT_NO_FATAL_FAILURE(expect_that_it_goes_on("swallowed"));
  gate.only("");
  expect_proven();
}

}  // namespace
}  // namespace backstitch::e2e
