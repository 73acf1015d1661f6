// What a replay makes again has the names that it had: nothing that was told outside under one is known under another. Green
// here, and red when its guard is out (recovery_guard_test.cpp).
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/time.h"
#include "seeded_world.h"

namespace backstitch::e2e {
namespace {

TEST(Check, AReplayGivesEverythingItsOldName) {
  SeededWorld world({"--keyed", "latency=2-20", "--lookup", "latency=2-20", "--blind", "latency=2-20"},
                    "workers: {lanes: {default: {count: 1, concurrency: 8}}}\n");
  world.begin();
  ASSERT_FALSE(HasFailure());
  world.order_some("A-", world.draw(5, 15), {"VOUCHER"});
  const Time to = wall_clock();
  world.order_some("B-", world.draw(10, 20), {"VOUCHER"});
  ASSERT_TRUE(world.comes_to_rest());
  const auto before = world.quiet_accounts();
  world.put_workers_to_sleep();
  for (int n = world.draw(2, 5); n > 0; --n) {
    const std::string id = "H-" + std::to_string(n);
    world.order(id, "HELD-" + std::to_string(n), world.draw_one({"LINE", "PARCEL", "LETTER"}));
    ASSERT_TRUE(world->await_state(id, "InProgress"));
  }
  const std::string id = plan_recovery(*world, {"--to", rfc3339(to)});
  world.kill_everything();
  ASSERT_FALSE(HasFailure());

  for (int kill = world.draw(0, 1); kill > 0; --kill) world.kill_on_the_way(id);
  world.go_back_to_the_end(id);
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.quiet_accounts(), before);
}

}  // namespace
}  // namespace backstitch::e2e
