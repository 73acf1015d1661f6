// Checks of the laws on the whole platform. Each is green here, and red when its guard is out (guard_test.cpp).
#include <gtest/gtest.h>

#include "evidence.h"
#include "processes.h"
#include "world.h"

namespace backstitch::e2e {
namespace {

using testing::wait_until;

const std::string one_worker = "workers: {lanes: {default: {count: 1, concurrency: 8}}}\n";

void submit(World& world, const std::string& id, int number, const std::string& product) {
  const HttpAnswer answer = world.call("POST", "/api/v1/orders", order_text(id, number, product));
  ASSERT_EQ(answer.status, 202) << answer.error << answer.body;
}

void kill_workers(World& world) {
  for (const ProcessId worker : workers_of(world.data())) kill_hard(worker);
}

// Law 5. The system works on the call when the worker dies: nobody may make it again, so a person gets it.
TEST(Check, ABlindCallIsMadeOnce) {
  World world({.config = one_worker, .system_arguments = {"--blind", "latency=1200-1200"}});
  ASSERT_TRUE(world.start());
  submit(world, "L-1", 1, "LETTER");
  ASSERT_TRUE(wait_until([&] { return count_of(world, "blind", "executions") == 1; }));  // its reply comes 600 ms later
  kill_workers(world);
  ASSERT_TRUE(wait_until([&] { return !fatally_failed_items(world).empty() || world.order_state("L-1") == "Activated"; }, 30'000));
  EXPECT_EQ(count_of(world, "blind", "calls"), 1);
  EXPECT_EQ(executed_twice(world, "blind"), std::vector<std::string>{});
  for (const auto& [item, error] : fatally_failed_items(world)) EXPECT_TRUE(error.starts_with("BS-3306 unknown-outcome")) << error;
}

/// The platform dies when the answer of this order's call is durable, before the turn that takes it in. True when the call, derived
/// again in the next life, has met its answer in the log: mark, answer, and the answer once more. The turn may have won the race.
bool answer_without_its_turn(World& world, const std::string& id, int number) {
  EXPECT_TRUE(world.start({{"BACKSTITCH_PROBE", "after-answer:1"}}));
  const std::uint64_t records = world.records_in("completer");
  submit(world, id, number, "PARCEL");
  EXPECT_TRUE(wait_until([&] { return !world.platform_runs(); }, 30'000)) << "the probe after-answer was never hit";
  kill_workers(world);
  EXPECT_TRUE(world.start());
  EXPECT_TRUE(world.await_state(id, "Activated"));
  return wait_until([&] { return world.records_in("completer") >= records + 3; }, 5'000);
}

// Law 5. Every call asks the answer index first: what is answered is not called again, whatever became of the turn.
TEST(Check, AnAnsweredCallIsNotMadeAgain) {
  World world({.config = one_worker});
  int rounds = 1;
  for (; !answer_without_its_turn(world, "P-" + std::to_string(rounds), rounds); ++rounds) {
    ASSERT_LT(rounds, 5) << "the turn was always faster than the kill";
    ASSERT_FALSE(HasFailure());
    world.kill_platform();
  }
  submit(world, "P-last", 99, "PARCEL");  // the one worker comes to it behind everything before
  ASSERT_TRUE(world.await_state("P-last", "Activated"));
  EXPECT_EQ(count_of(world, "lookup", "calls"), rounds + 1);
  EXPECT_EQ(executed_twice(world, "lookup"), std::vector<std::string>{});
}

// Law 4. What stands in the rows is found again by names that are derived anew.
TEST(Check, ARestartDerivesTheSameIds) {
  World world({.system_arguments = {"--keyed", "latency=1500-1500"}});
  ASSERT_TRUE(world.start());
  submit(world, "C-1", 1, "LINE");
  ASSERT_TRUE(world.await_state("C-1", "InProgress"));
  world.kill_platform();
  ASSERT_TRUE(world.start({}, false)) << "the open order was not found again under its ids";
  EXPECT_TRUE(world.await_state("C-1", "Activated"));
  EXPECT_EQ(executed_twice(world, "keyed"), std::vector<std::string>{});
}

// Law 3. Each (partition, offset) has one outcome, also across a restart.
TEST(Check, EachInputIsFoldedOnce) {
  World world;
  ASSERT_TRUE(world.start());
  for (int n = 1; n <= 20; ++n) submit(world, "V-" + std::to_string(n), n, "VOUCHER");
  for (int n = 1; n <= 20; ++n) ASSERT_TRUE(world.await_state("V-" + std::to_string(n), "Activated"));
  EXPECT_EQ(violations(world, "V-17"), std::vector<std::string>{});
  world.kill_platform();
  ASSERT_TRUE(world.start({}, false)) << "folding goes on where the rows say it stopped";
  submit(world, "V-21", 21, "VOUCHER");
  ASSERT_TRUE(world.await_state("V-21", "Activated"));
  EXPECT_EQ(violations(world, "V-17"), std::vector<std::string>{});
  EXPECT_EQ(world.query("select count(*) from backstitch.orders"), std::vector<std::string>{"21"});
}

}  // namespace
}  // namespace backstitch::e2e
