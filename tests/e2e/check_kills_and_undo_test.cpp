// A recovery among ghosts of every role, killed on the way and given up at any step: the old database goes on as it was, and
// nothing has come of it outside. Then the same moment is gone back to again, among the ghosts of the second life, killed once
// more, and everything closes. Green here, and red when one of its guards is out (recovery_guard_test.cpp).
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "base/json.h"
#include "base/time.h"
#include "evidence.h"
#include "ghosts.h"

namespace backstitch::e2e {
namespace {

const std::vector<const char*> steps = {"seal",    "capture", "rewind",    "fence", "drain",
                                        "rebuild", "replay",  "reconcile", "verify"};

/// A call in the air, calls that nobody marked, and everything dies.
void end_life(SeededWorld& world, Ghosts& ghosts, const std::string& prefix) {
  ghosts.order_unanswered(prefix + "air");
  if (::testing::Test::HasFatalFailure()) return;
  ghosts.order_unmarked(prefix);
  ghosts.remember_shards();
  world.kill_everything();
  signal_process(world.org().id(), SIGCONT);
}

/// The recovery comes to this step, is killed on the way there, and each ghost does what it can behind a step that is drawn.
void haunt(SeededWorld& world, Ghosts& ghosts, const std::string& id, const std::string& other, const int last) {
  const int fenced = 3, killed = world.draw(0, last), marked = world.draw(0, last), answered = world.draw(0, last),
            published = world.draw(0, last), seized = world.draw(0, last), written = world.draw(fenced, std::max(fenced, last));
  for (int step = 0; step <= last; ++step) {
    const char* name = steps[static_cast<std::size_t>(step)];
    if (step == killed) world.kill_on_the_way(id, name);
    const std::vector<int> stops = {marked, answered, published, seized, written, last};
    if (std::find(stops.begin(), stops.end(), step) == stops.end()) continue;
    const Spoken until = go_back(*world, id, name);
    ASSERT_LE(until.exit_status, 1) << name << " " << write_json(until.document) << until.err;
    if (step == marked) ghosts.mark_behind_the_seal();
    if (step == answered) ghosts.answer_behind_the_seal();
    if (step == published) ghosts.publish_behind_the_seal();
    if (step == written) ghosts.write_into_the_copy(id);
    if (step == seized) ghosts.expect_nobody_else_begins(other);
    if (::testing::Test::HasFailure()) return;
  }
}

std::map<std::string, std::int64_t> calls_outside(World& world) {
  std::map<std::string, std::int64_t> calls;
  for (const char* interface : {"keyed", "lookup", "blind"}) calls[interface] = count_of(world, interface, "calls");
  return calls;
}

/// Whose call nobody had a right to mark, and nobody has marked, is no person's business. The one in the air may be.
void expect_no_ghost_was_heard(World& world) {
  EXPECT_EQ(world.query("select item_id, kind from backstitch.attention where kind in ('unknown-outcome', 'fatally-failed')"
                        " and account_id <> 'AIR'"),
            std::vector<std::string>{})
      << "a mark that nobody had a right to is taken for a call";
}

/// The old database serves again, as if nobody had ever wanted to go back.
void undo(SeededWorld& world, Ghosts& ghosts, const std::string& id) {
  const auto before = calls_outside(*world);
  const Spoken undone = speak(*world, {"recover", "undo", id, "--yes", "--no-up"});
  ASSERT_EQ(undone.exit_status, 0) << write_json(undone.document) << undone.err;
  EXPECT_EQ(calls_outside(*world), before) << "a recovery that was given up has called somebody";
  ASSERT_TRUE(world->start());
  EXPECT_TRUE(world.comes_to_rest()) << "orders that neither ended nor wait for a person";
  auto expected = before;
  expected["blind"] += ghosts.unmarked();
  EXPECT_EQ(calls_outside(*world), expected) << "each call that was handed out is made, once, and no other";
  EXPECT_EQ(world.differences(), "");
  expect_no_ghost_was_heard(*world);
}

TEST(Check, AKilledAndUndoneRecoveryLeavesNothingAndTheNextOneCloses) {
  SeededWorld world({"--keyed", "latency=2-20", "--lookup", "latency=2-20", "--blind", "latency=2-20"},
                    "workers: {lanes: {default: {count: 1, concurrency: 16}}}\n");
  Ghosts ghosts(world);
  world.begin();
  ASSERT_FALSE(HasFailure());
  world.order_some("A-", world.draw(5, 10), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  const Time to = wall_clock();
  world.order_some("B-", world.draw(8, 16), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  ASSERT_TRUE(world.comes_to_rest());
  const auto before = world.quiet_accounts();
  const std::string other = plan_recovery(*world, {"--to", rfc3339(to)}), given_up = plan_recovery(*world, {"--to", rfc3339(to)});
  end_life(world, ghosts, "G-");
  ASSERT_FALSE(HasFailure());
  haunt(world, ghosts, given_up, other, world.draw(0, static_cast<int>(steps.size()) - 1));
  if (HasFailure()) return;
  undo(world, ghosts, given_up);
  EXPECT_EQ(world.quiet_accounts(), before) << "the old database is not what it was";
  if (HasFailure()) return;

  const std::string exclusions = ghosts.poison();
  write_past_the_engine(*world, "batch", "update backstitch.asset set data = '{}', quantity = 0 where account_id like 'A-%'");
  const std::string id = plan_recovery(*world, {"--to", rfc3339(to), "--exclude", exclusions});
  end_life(world, ghosts, "H-");
  ASSERT_FALSE(HasFailure());
  haunt(world, ghosts, id, other, static_cast<int>(steps.size()) - 1);
  if (HasFailure()) return;
  world.go_back_to_the_end(id);
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.quiet_accounts(), before);
  expect_no_ghost_was_heard(*world);
  EXPECT_EQ(world.orders_known_to(id), world.acknowledged());
}

}  // namespace
}  // namespace backstitch::e2e
