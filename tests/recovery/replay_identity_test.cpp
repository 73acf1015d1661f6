// Replay is the identity (recovery, section 6, P1): a world is stopped anywhere, its archived incoming and completer are folded
// into an empty database, and every account and every chain of decisions is what it was live. Nothing is called.
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/testing.h"
#include "recovery/replay/replay.h"
#include "rules/fixture.h"
#include "world/crowd.h"
#include "world/image.h"

namespace backstitch::world {
namespace {

using testing::wait_until;

recovery::ReplaySettings way(std::size_t inputs_max, std::vector<std::vector<Partition>> owners, int threads = 1) {
  recovery::ReplaySettings settings;
  settings.inputs_max = inputs_max, settings.owners = std::move(owners), settings.threads = threads;
  return settings;
}

class ReplayIdentity : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    open_log("/dev/null", LogLevel::error, "test");
    ASSERT_TRUE(world.start());
    ASSERT_TRUE(world.activate_catalog(catalog_text(1), "first"));
  }
  static std::uint64_t seed() { return static_cast<std::uint64_t>(GetParam()); }

  /// Bounded; a round that is not decided in time is mid-flight, which is as good a place as any.
  void let_it_work() {
    wait_until([this] { return world.intake().backlog() == 0; }, 3'000);
  }

  void live_a_while(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      crowd.submit_orders(25);
      if (round % 2 == 0) crowd.append_noise();
      let_it_work();
      crowd.operate();
      if (round % 3 == 1) crowd.switch_systems();
      if (round == rounds / 2) {
        ASSERT_TRUE(world.activate_catalog(catalog_text(2), "second"));
        static_cast<void>(world.intake().broadcast("catalog-activate", ",\"digest\":\"nowhere\"", "ann", "nowhere"));
        world.restart_shards();
      }
    }
  }

  /// Stops in the middle of it; what is archived then ends where the last turn committed, or behind it.
  Image stop_and_archive() {
    const Status archived = world.stop();
    EXPECT_TRUE(archived) << (archived ? "" : archived.error().text());
    EXPECT_FALSE(world.was_fenced());
    return image_of(world.database());
  }

  recovery::ReplayReport replay_into(database::Database& copy, recovery::ReplaySettings settings) {
    settings.engine = world.settings().engine;
    CatalogLibrary library(world.safe());
    const auto report = recovery::replay(settings, world.safe(), copy, library);
    EXPECT_TRUE(report) << report.error().text();
    return report ? *report : recovery::ReplayReport();
  }

  void check(const Image& live, recovery::ReplaySettings settings, const std::string& how) {
    const auto calls_before = systems.calls();
    const auto copy = new_database(world.settings().partitions);
    const auto report = replay_into(*copy, std::move(settings));
    expect_equal(live, image_of(*copy), how);
    EXPECT_EQ(systems.calls(), calls_before) << how;
    fmt::print("  {}: {} inputs, {} turns, {} decided again, {:.0f} inputs/s\n", how, report.inputs, report.turns,
               report.decided_again, report.inputs_per_second());
  }

  StubSystems systems{seed(), 0.3};
  World world{
      WorldSettings{.partitions = 8, .shard_threads = 2, .turn_inputs_max = 16 + static_cast<std::size_t>(GetParam()) * 40},
      systems};
  Crowd crowd{world, seed()};
};

TEST_P(ReplayIdentity, HoldsWhereverTheWorldStops) {
  live_a_while(10 + GetParam());
  const Image live = stop_and_archive();
  ASSERT_GT(live.accounts.size(), 10u);
  fmt::print("  {}\n", *world.database().counts());
  EXPECT_GT(systems.calls(), 50u) << "a world in which nothing is called proves nothing";
  check(live, way(1, {}), "one by one");
  check(live, way(7, {}, 2), "sevens, two threads");
  check(live, way(256, {{7, 0, 3}, {1}, {2, 4, 5, 6}}), "256, three owners");
  check(live, way(100'000, {}), "all at once");
}

TEST_P(ReplayIdentity, GoesOnWhereItStopped) {
  live_a_while(3);
  const Image first = stop_and_archive();
  const auto copy = new_database(world.settings().partitions);
  replay_into(*copy, way(64, {}, 2));
  expect_equal(first, image_of(*copy), "the first part");

  ASSERT_TRUE(world.start());
  live_a_while(3);
  const Image second = stop_and_archive();
  EXPECT_NE(first.accounts, second.accounts);
  replay_into(*copy, way(3, {{0, 1, 2, 3, 4, 5, 6}, {7}}));
  expect_equal(second, image_of(*copy), "the second part, with other owners");
  EXPECT_EQ(replay_into(*copy, way(64, {})).inputs, 0u) << "nothing is folded twice";
}

TEST_P(ReplayIdentity, WhenEverythingHasEnded) {
  live_a_while(3);
  ASSERT_TRUE(wait_until(
      [this] {
        const bool nothing_waits = crowd.settle();
        let_it_work();
        return nothing_waits && world.all_decided() && world.database().counts()->find("\"InProgress\"") == std::string::npos;
      },
      60'000))
      << *world.database().counts();
  const Image live = stop_and_archive();
  check(live, way(50, {}, 2), "ended");
  const auto copy = new_database(world.settings().partitions);
  recovery::ReplaySettings beyond = way(256, {}, 2);
  beyond.beyond_mirror = true;
  replay_into(*copy, beyond);
  // A timer that went off after the last turn is archived, and decides nothing: places may differ, accounts may not.
  EXPECT_EQ(image_of(*copy).accounts, live.accounts) << "beyond the mirror, where nothing is";
  const auto broken = copy->verify("");
  ASSERT_TRUE(broken);
  for (const auto& violation : *broken)
    EXPECT_EQ(violation.count, 0) << violation.invariant << " " << violation.title << " "
                                  << (violation.rows.empty() ? "" : violation.rows.front());
}

// Two decisions that the records alone do not tell: what PostgreSQL could not hold (the evidence does), and which of two orders
// that share the bits of an id was first (their log does).
TEST_P(ReplayIdentity, OfRefusedRecordsAndOfIdsThatCollide) {
  const auto [one, two] = fixture::source_ids_of_one_order_id("org1");
  forbid_account("A-unwritable");  // the copies would hold it
  auto body = [](const std::string& id, const std::string& account) {
    return fmt::format(
        R"({{"source":"org1","sourceOrderId":"{}","accountId":"{}","requestedAt":"2026-11-23T05:21:00Z",)"
        R"("items":[{{"lineId":"1","product":"FIBER","action":"Add","assetRef":"{}","attributes":{{"speed":500}}}}]}})",
        id, account, id);
  };
  crowd.submit_orders(10);
  for (const auto& [id, account] : {std::pair(one, "A-twin"), {std::string("U"), "A-unwritable"}, {two, "A-twin"}}) {
    const auto received = world.intake().submit(body(id, account), "client");
    ASSERT_TRUE(received) << received.error().text();
  }
  crowd.submit_orders(10);
  ASSERT_TRUE(wait_until([this] { return world.all_decided(); }, 30'000));
  EXPECT_EQ(world.safe().list("unwritable/").value().size(), 1u);
  const auto first = world.database().find_order("org1", one, 1), second = world.database().find_order("org1", two, 1);
  ASSERT_TRUE(first && *first && second && *second);
  EXPECT_NE(**first, **second);
  const Image live = stop_and_archive();
  check(live, way(1, {}), "one by one");
  check(live, way(256, {{7, 0, 3}, {1}, {2, 4, 5, 6}}), "256, three owners");
}

// Also run with the guard of derived ids out (guards_test.cpp): orders that are held never come to a row that is looked up by an
// id derived anew, so this world lives on, and only the replay can notice.
TEST_P(ReplayIdentity, OfHeldOrders) {
  for (const char* system : {"noc", "stock"})
    ASSERT_TRUE(world.intake().broadcast("system-command", fmt::format(",\"system\":\"{}\",\"command\":\"down\"", system), "ann",
                                         system));
  crowd.submit_orders(20);
  ASSERT_TRUE(wait_until([this] { return world.all_decided(); }));
  EXPECT_EQ(systems.calls(), 0u);
  check(stop_and_archive(), way(32, {}), "held orders");
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReplayIdentity, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace backstitch::world
