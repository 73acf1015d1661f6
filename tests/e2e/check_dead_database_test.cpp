// The worst case of going back: platform, workers and PostgreSQL die in the middle of calls, the database does not start any
// more, and what the log has taken in since the last turn that was mirrored must be folded without it. Green here, and red when
// one of its guards is out (recovery_guard_test.cpp).
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/time.h"
#include "evidence.h"
#include "processes.h"
#include "seeded_world.h"

namespace backstitch::e2e {
namespace {

using testing::wait_until;

/// Only what was in the air when its worker died waits for a person.
void expect_given_up_with_reason(World& world) {
  std::set<std::string> living;
  for (const ProcessId worker : workers_of(world.data())) living.insert(worker_name("default", worker));
  const auto calls = read_calls(world);
  const auto cut_off = items_cut_off(calls, "letter", living);
  for (const auto& [item, error] : fatally_failed_items(world))
    EXPECT_TRUE(cut_off.contains(item)) << "given up without a reason: " << error << "\n" << history_of(calls, item);
}

TEST(Check, ADeadDatabaseComesBackAndNothingIsDoneTwice) {
  SeededWorld world({"--keyed", "lost=0.03,latency=2-20", "--lookup", "lost=0.03,latency=2-20", "--blind", "latency=500-700"},
                    "safe: {archive_every: 10m}\nworkers: {lanes: {default: {count: 2, concurrency: 16}}}\n");
  world.begin();
  ASSERT_FALSE(HasFailure());
  world.order_some("A-", world.draw(8, 14), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  const Time during = wall_clock();
  world.order_some("B-", world.draw(4, 8), {"LINE", "PARCEL", "VOUCHER"});
  ASSERT_TRUE(world.comes_to_rest());
  world->stop_platform();  // archives and mirrors what there is: of the next life nothing will be
  ASSERT_TRUE(world->start());
  const Time to = world.draw(0, 2) == 0 ? during : wall_clock();
  world.order_some("C-", world.draw(10, 16), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  ASSERT_TRUE(wait_until([&] { return world->order_state("C-1") == "Activated"; }, 20'000));
  const std::string id = plan_recovery(*world, {"--to", rfc3339(to)});
  if (world.draw(0, 1) == 1) {
    ASSERT_EQ(speak(*world, {"recover", "prepare", id}).exit_status, 0);
  }
  world.order_some("D-", world.draw(6, 12), {"LINE", "PARCEL", "VOUCHER"});
  world.leave_letters_in_the_air("L-", world.draw(2, 4));
  world.kill_everything();
  world.break_database();
  ASSERT_FALSE(HasFailure());

  for (int kill = world.draw(0, 2); kill > 0; --kill) world.kill_on_the_way(id);
  world.go_back_to_the_end(id);
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.orders_known_to(id), world.acknowledged()) << "its proof does not speak of everything that was acknowledged";
  expect_given_up_with_reason(*world);
}

}  // namespace
}  // namespace backstitch::e2e
