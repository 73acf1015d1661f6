// A world that goes back three times, each time to a moment that the others' windows cover, with orders in between and some left
// out, while the systems outside lose answers, give them late and in another order, refuse and remember it, and forget the keys
// of calls: each business identity is done once, or stands in a list. Green here, and red when one of its guards is out
// (recovery_guard_test.cpp).
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/time.h"
#include "seeded_world.h"

namespace backstitch::e2e {
namespace {

const std::vector<const char*> products = {"LINE", "LINE", "PARCEL", "LETTER", "VOUCHER"};

/// The list that leaves these orders out, in a file.
std::string left_out(SeededWorld& world, const std::string& orders) {
  const Spoken found = speak(*world, {"recover", "exclusions", "--order", orders, "--why", "nobody placed it"});
  EXPECT_EQ(found.exit_status, 0) << found.err;
  const std::string file = world->path("without-" + orders.substr(0, 1) + ".json");
  EXPECT_TRUE(write_file_durably(file, write_json(found.data())));
  return file;
}

/// Everything dies in the middle of calls, perhaps the database for good: then what was decided since the plan stands in the log
/// alone, and nobody knows in which order.
void die(SeededWorld& world, const std::string& prefix, bool for_good) {
  const int count = world.draw(4, 8);
  world.order_some(prefix, count, products);
  ASSERT_TRUE(testing::wait_until([&] {
    for (int n = 1; n <= count; ++n)
      if (world->order_state(prefix + std::to_string(n)) == "Activated") return true;
    return false;
  }));
  world.leave_letters_in_the_air(prefix + "L", world.draw(1, 3));
  world.kill_everything();
  if (for_good) world.break_database();
}

/// To this moment without these inputs. Perhaps the recovery is killed, too.
void rewind(SeededWorld& world, Time to, const std::string& exclusions, const std::string& prefix, bool for_good) {
  std::vector<std::string> words = {"--to", rfc3339(to)};
  if (!exclusions.empty()) words.insert(words.end(), {"--exclude", exclusions});
  const std::string id = plan_recovery(*world, words);
  ASSERT_FALSE(::testing::Test::HasFailure()) << "going back to " << rfc3339(to);
  if (for_good || world.draw(0, 2) > 0) die(world, prefix, for_good);
  if (::testing::Test::HasFatalFailure()) return;
  if (world.draw(0, 2) > 0) world.kill_on_the_way(id);
  world.go_back_to_the_end(id);
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.orders_known_to(id), world.acknowledged());
}

TEST(Check, EverySubjectIsDoneOnceWhateverIsRewound) {
  // The system keeps a key for a little longer than is declared, as a careful one does; a recovery takes longer than both.
  SeededWorld world(
      {"--keyed", "lost=0.15,error=0.05,refuse=0.08,latency=2-80", "--lookup", "lost=0.1,error=0.05,refuse=0.05,latency=2-80",
       "--blind", "error=0.05,refuse=0.08,latency=300-600", "--key-lifetime", "4s"},
      "safe: {archive_every: 10m}\nworkers: {lanes: {default: {count: 2, concurrency: 16}}}\n", {{"\"24h\"", "\"3s\""}});
  world.begin();
  ASSERT_FALSE(HasFailure());
  world.order_some("A-", world.draw(3, 6), products);
  ASSERT_TRUE(world.comes_to_rest());
  const Time early = wall_clock();
  world.order_some("B-", world.draw(3, 6), products);
  world.order_some("Y-", world.draw(1, 3), {"LETTER"});
  const Time between = wall_clock();
  world.order_some("C-", world.draw(3, 6), products);
  const Time late = wall_clock();
  world.order_some("D-", world.draw(3, 8), products);
  world.order_some("X-", world.draw(1, 3), {"LETTER"});
  ASSERT_TRUE(world.comes_to_rest());
  world->stop_platform();  // archives what there is; of the next life nothing will be
  const std::string without_x = left_out(world, "X-*"), without_y = left_out(world, "Y-*");
  ASSERT_TRUE(world->start());
  rewind(world, late, without_x, "G-", true);
  if (HasFailure()) return;

  const Time after = wall_clock();
  world.order_some("E-", world.draw(3, 8), products);
  rewind(world, early, without_y, "H-", world.draw(0, 1) == 1);
  if (HasFailure()) return;

  world.order_some("F-", world.draw(3, 8), products);
  rewind(world, world.draw(0, 1) == 0 ? between : after, "", "I-", false);
}

}  // namespace
}  // namespace backstitch::e2e
