// Somebody of the old epoch is still there while a world goes back: a mark behind the seal, a shard that finds the copy, a
// platform that is started again, an operator who goes back on his own, updates for the CRM that were never delivered. None of
// them changes anything. Green here, and red when one of its guards is out (recovery_guard_test.cpp).
#include <gtest/gtest.h>
#include <signal.h>

#include "base/json.h"
#include "base/time.h"
#include "evidence.h"
#include "ghosts.h"

namespace backstitch::e2e {
namespace {

const std::vector<const char*> steps = {"capture", "rewind", "fence", "drain", "rebuild", "replay", "reconcile", "verify"};

/// The call is decided and handed out; the only worker is asleep and will never mark it.
void leave_calls_unmarked(SeededWorld& world, Ghosts& ghosts) {
  world.put_workers_to_sleep();
  ghosts.order_unmarked("G-");
  ghosts.remember_shards();
  world.kill_everything();
  signal_process(world.org().id(), SIGCONT);
}

TEST(Check, GhostsOfTheOldEpochChangeNothing) {
  SeededWorld world({"--keyed", "latency=2-20", "--lookup", "latency=2-20", "--blind", "latency=2-20"},
                    "workers: {lanes: {default: {count: 1, concurrency: 16}}}\n");
  Ghosts ghosts(world);
  world.begin();
  ASSERT_FALSE(HasFailure());
  world.order_some("A-", world.draw(10, 20), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  const Time to = wall_clock();
  world.order_some("B-", world.draw(15, 25), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  ASSERT_TRUE(world.comes_to_rest());
  const auto before = world.quiet_accounts();
  const std::string other = plan_recovery(*world, {"--to", rfc3339(to)}), exclusions = ghosts.poison();
  write_past_the_engine(*world, "batch", "update backstitch.asset set data = '{}', quantity = 0 where account_id like 'A-%'");
  const std::string id = plan_recovery(*world, {"--to", rfc3339(to), "--exclude", exclusions});
  ASSERT_NE(id, other);
  leave_calls_unmarked(world, ghosts);
  ASSERT_FALSE(HasFailure());

  const std::string seized_at = world.draw_one(steps), marked_at = world.draw_one({"seal", "capture", "rewind", "replay"});
  for (const std::string step : {"seal", "capture", "rewind", "fence", "drain", "rebuild", "replay", "reconcile", "verify"}) {
    const bool marks = step == marked_at, copies = step == "fence", begins = step == seized_at;
    if (!marks && !copies && !begins) continue;
    const Spoken until = go_back(*world, id, step);
    ASSERT_LE(until.exit_status, 1) << step << " " << write_json(until.document) << until.err;
    if (marks) ghosts.mark_behind_the_seal();
    if (copies) ghosts.write_into_the_copy(id);
    if (begins) ghosts.expect_nobody_else_begins(other);
  }
  if (world.draw(0, 1) == 1) world.kill_on_the_way(id);
  world.go_back_to_the_end(id);
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.quiet_accounts(), before);
  EXPECT_TRUE(fatally_failed_items(*world).empty()) << "a mark that nobody had a right to is taken for a call";
  EXPECT_EQ(world.orders_known_to(id), world.acknowledged());
}

}  // namespace
}  // namespace backstitch::e2e
