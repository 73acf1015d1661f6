// Checks of the laws on the whole platform. Each is green here, and red when its guard is out (guard_test.cpp).
#include <gtest/gtest.h>
#include <unistd.h>

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
  auto ended = [&] { return !fatally_failed_items(world).empty() || world.order_state("L-1") == "Activated"; };
  ASSERT_TRUE(wait_until(ended, 30'000));
  EXPECT_EQ(count_of(world, "blind", "calls"), 1);
  EXPECT_EQ(executed_twice(world, "blind"), std::vector<std::string>{});
  for (const auto& [item, error] : fatally_failed_items(world))
    EXPECT_TRUE(error.starts_with("BS-3306 unknown-outcome")) << error;
}

/// No turn commits while it lives; those that wait at its end are void, although they were sent.
class TurnsHeld {
 public:
  explicit TurnsHeld(World& world) : world_(world) {
    const std::vector<std::string> psql = {"psql", "-X", "-q", "-d", world.database()};
    session_ = start({.argv = psql, .die_with_parent = true, .pipe_stdin = true}).value();
    const std::string words = "begin; lock table backstitch.position in share row exclusive mode;\n";
    EXPECT_EQ(::write(session_.stdin_fd, words.data(), words.size()), static_cast<ssize_t>(words.size()));
    const std::string held = "select count(*) from pg_locks where mode = 'ShareRowExclusiveLock' and granted";
    EXPECT_TRUE(wait_until([&] { return world.query(held) == std::vector<std::string>{"1"}; }));
  }
  ~TurnsHeld() {
    // A session goes on with what it has got although its client is dead.
    const std::string waiting = " from pg_stat_activity where wait_event_type = 'Lock' and backend_type = 'client backend'";
    world_.query("select pg_terminate_backend(pid)" + waiting);
    EXPECT_TRUE(wait_until([&] { return world_.query("select count(*)" + waiting) == std::vector<std::string>{"0"}; }));
    ::close(session_.stdin_fd);
    EXPECT_TRUE(wait_until([this] { return reap(session_.id.pid) >= 0; }));
  }
  TurnsHeld(const TurnsHeld&) = delete;
  TurnsHeld& operator=(const TurnsHeld&) = delete;

 private:
  World& world_;
  Child session_;
};

// Law 5. The answer is durable, the turn that takes it in is not: the call is derived again, and finds its answer in the index.
TEST(Check, AnAnsweredCallIsNotMadeAgain) {
  World world({.config = one_worker, .system_arguments = {"--lookup", "latency=1500-1500"}});
  ASSERT_TRUE(world.start({{"BACKSTITCH_PROBE", "after-answer:1"}}));
  const std::uint64_t records = world.records_in("completer");
  submit(world, "P-1", 1, "PARCEL");
  ASSERT_TRUE(world.await_state("P-1", "InProgress"));
  {
    const TurnsHeld held(world);
    ASSERT_TRUE(wait_until([&] { return !world.platform_runs(); }, 30'000)) << "the probe after-answer was never hit";
    EXPECT_EQ(world.exit_status(), 137);
    kill_workers(world);
  }
  ASSERT_TRUE(world.start());
  ASSERT_TRUE(world.await_state("P-1", "Activated"));
  // Mark, answer, and what became of the call that was derived again: its answer once more, or a second mark.
  ASSERT_TRUE(wait_until([&] { return world.records_in("completer") >= records + 3; }, 30'000));
  submit(world, "P-2", 2, "PARCEL");  // the one worker comes to it behind everything before
  ASSERT_TRUE(world.await_state("P-2", "Activated"));
  EXPECT_EQ(count_of(world, "lookup", "calls"), 2);
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
