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
  const std::string file = world->path("exclusions.json");
  EXPECT_TRUE(write_file_durably(file, write_json(found.data())));
  return file;
}

/// Perhaps everything dies first, in the middle of calls; perhaps the recovery does, too.
void rewind(SeededWorld& world, Time to, const std::string& without) {
  std::vector<std::string> words = {"--to", rfc3339(to)};
  if (!without.empty()) words.insert(words.end(), {"--exclude", left_out(world, without)});
  const std::string id = plan_recovery(*world, words);
  ASSERT_FALSE(::testing::Test::HasFailure()) << "going back to " << rfc3339(to) << " without " << without;
  if (world.draw(0, 2) > 0) world.kill_everything();
  if (world.draw(0, 2) > 0) world.kill_on_the_way(id);
  world.go_back_to_the_end(id);
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.orders_known_to(id), world.acknowledged());
}

TEST(Check, EverySubjectIsDoneOnceWhateverIsRewound) {
  // The system keeps a key for a little longer than is declared, as a careful one does; a recovery takes longer than both.
  SeededWorld world(
      {"--keyed", "lost=0.15,error=0.05,refuse=0.08,latency=2-80", "--lookup", "lost=0.1,error=0.05,refuse=0.05,latency=2-80",
       "--blind", "error=0.05,refuse=0.08,latency=2-250", "--key-lifetime", "4s"},
      "workers: {lanes: {default: {count: 2, concurrency: 16}}}\n", {{"\"24h\"", "\"3s\""}});
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
  rewind(world, late, "X-*");
  if (HasFailure()) return;

  const Time after = wall_clock();
  world.order_some("E-", world.draw(3, 8), products);
  rewind(world, early, "Y-*");
  if (HasFailure()) return;

  world.order_some("F-", world.draw(3, 8), products);
  rewind(world, world.draw(0, 1) == 0 ? between : after, "");
}

}  // namespace
}  // namespace backstitch::e2e
