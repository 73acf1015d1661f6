// The set of workers follows the wish, whatever dies: workers, the database, the manager itself.
#include <gtest/gtest.h>

#include "base/time.h"
#include "services/worker_manager/worker_manager_testing.h"

namespace backstitch {
namespace {

using backstitch::testing::wait_until;
using workers::Machine;

TEST_F(WorkerManagerTest, MissingOnesAreStarted) {
  wish({{"default", 2, 32}, {"slow-lane", 1, 1}, {"none", 0, 32}});
  start();
  EXPECT_TRUE(comes_to("default/0 default/1 slow-lane/0"));
  let_it_look();
  EXPECT_EQ(machine_->launches_asked, 3);
  EXPECT_EQ(manager_->running().size(), 3u);
  EXPECT_TRUE(gone().empty());
}

TEST_F(WorkerManagerTest, StrayOnesAreEndedAndTold) {
  const std::string stray = machine_->start("default/2").name, other_lane = machine_->start("old/0").name;
  start();
  EXPECT_TRUE(comes_to("default/0 default/1"));
  EXPECT_TRUE(wait_until([&] { return gone().size() == 2; }));
  EXPECT_EQ(gone(), (std::vector{stray, other_lane})) << "what they held goes back";
  EXPECT_TRUE(machine_->processes("default/2").front().finished) << "a stray may finish what it has in the air";
}

TEST_F(WorkerManagerTest, ADeadOneIsToldOnceAndReplaced) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  const std::string dead = name_in("default/0"), other = name_in("default/1");
  machine_->kill(dead);
  ASSERT_TRUE(wait_until([&] { return machine_->processes("default/0").size() == 2; }));
  let_it_look();
  EXPECT_EQ(gone(), std::vector{dead});
  EXPECT_EQ(slots(), "default/0 default/1");
  EXPECT_NE(name_in("default/0"), dead);
  EXPECT_EQ(name_in("default/1"), other);
}

TEST_F(WorkerManagerTest, AChangedWishIsFollowed) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  wish({{"default", 3, 32}, {"slow", 1, 4}});
  EXPECT_TRUE(comes_to("default/0 default/1 default/2 slow/0"));
  wish({{"default", 1, 32}});
  EXPECT_TRUE(comes_to("default/0"));
  wish({});
  EXPECT_TRUE(comes_to("")) << "no worker at all is a wish too";
}

TEST_F(WorkerManagerTest, WhileTheDatabaseIsAwayTheLastWishHolds) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  database_away_ = true;
  wish({});
  const std::string dead = name_in("default/1");
  machine_->kill(dead);
  ASSERT_TRUE(wait_until([&] { return machine_->processes("default/1").size() == 2; })) << "a dead one is replaced all the same";
  let_it_look();
  EXPECT_EQ(slots(), "default/0 default/1");
  EXPECT_EQ(gone(), std::vector{dead});
  database_away_ = false;
  EXPECT_TRUE(comes_to(""));
}

TEST_F(WorkerManagerTest, BeforeTheFirstWishNothingIsTouched) {
  database_away_ = true;
  machine_->start("old/0");
  start();
  let_it_look();
  EXPECT_EQ(slots(), "old/0");
  EXPECT_EQ(machine_->launches_asked, 0);
  database_away_ = false;
  EXPECT_TRUE(comes_to("default/0 default/1"));
}

TEST_F(WorkerManagerTest, ItsNextLifeAdoptsWhatOutlivedIt) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  const std::string survivor = name_in("default/0"), dead = name_in("default/1");
  manager_.reset();
  EXPECT_EQ(slots(), "default/0 default/1") << "workers outlive it";
  machine_->kill(dead);
  workers_ = std::make_unique<workers::StrictFake>(machine_);
  start();
  EXPECT_TRUE(comes_to("default/0 default/1"));
  let_it_look();
  EXPECT_EQ(name_in("default/0"), survivor);
  EXPECT_NE(name_in("default/1"), dead);
  EXPECT_EQ(machine_->launches_asked, 3);
  EXPECT_TRUE(gone().empty()) << "who died before was never known to this life";
}

TEST_F(WorkerManagerTest, StoppingEndsAllAndStartsNone) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  manager_->stop_workers(1'000);
  EXPECT_EQ(slots(), "");
  for (const Machine::Process& process : machine_->processes()) EXPECT_TRUE(process.finished) << process.name;
  manager_.reset();
  EXPECT_EQ(machine_->launches_asked, 2);
}

TEST_F(WorkerManagerTest, WhoDiesAtOnceIsReplacedLaterAndTheOthersAtOnce) {
  WorkerManagerSettings settings = quick;
  settings.short_life_ms = 5'000, settings.back_off_ms = 300;
  const std::string old = machine_->start("default/1").name;  // nobody knows when it was started: long ago
  start(settings);
  ASSERT_TRUE(comes_to("default/0 default/1"));
  const std::int64_t before_ms = monotonic_ms();
  machine_->kill(name_in("default/0"));
  machine_->kill(old);
  ASSERT_TRUE(wait_until([&] { return machine_->processes("default/1").size() == 2; }));
  ASSERT_TRUE(wait_until([&] { return machine_->processes("default/0").size() == 2; }));
  EXPECT_GE(monotonic_ms() - before_ms, 300);
  EXPECT_EQ(machine_->launches_asked, 3);
}

TEST_F(WorkerManagerTest, AFailedStartIsTriedAgainAfterAWhile) {
  WorkerManagerSettings settings = quick;
  settings.back_off_ms = 100;
  wish({{"default", 1, 32}});
  machine_->refuses_launches = true;
  const std::int64_t before_ms = monotonic_ms();
  start(settings);
  ASSERT_TRUE(wait_until([&] { return machine_->launches_asked >= 3; }));
  EXPECT_GE(monotonic_ms() - before_ms, 200);
  machine_->refuses_launches = false;
  EXPECT_TRUE(comes_to("default/0"));
  EXPECT_TRUE(gone().empty());
}

TEST_F(WorkerManagerTest, WhenNothingCanBeSeenNobodyIsTakenForDead) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  machine_->tells_nothing = true;
  let_it_look();
  EXPECT_TRUE(gone().empty());
  EXPECT_EQ(machine_->launches_asked, 2);
  const std::string dead = name_in("default/0");
  machine_->kill(dead);
  machine_->tells_nothing = false;
  EXPECT_TRUE(wait_until([&] { return gone() == std::vector{dead}; }));
  EXPECT_TRUE(comes_to("default/0 default/1"));
}

/// Does not list default/0, as if its pid file had been lost.
class Forgetful : public workers::StrictFake {
 public:
  using StrictFake::StrictFake;
  Result<std::vector<workers::Running>> running() override {
    auto all = StrictFake::running();
    if (forgets) std::erase_if(*all, [](const workers::Running& worker) { return worker.slot == "default/0"; });
    return all;
  }
  std::atomic<bool> forgets = false;
};

TEST_F(WorkerManagerTest, WhoIsNotListedButLivesIsNotReplaced) {
  auto forgetful = std::make_unique<Forgetful>(machine_);
  Forgetful& fake = *forgetful;
  workers_ = std::move(forgetful);
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  fake.forgets = true;
  let_it_look();
  EXPECT_EQ(machine_->launches_asked, 2);
  EXPECT_TRUE(gone().empty()) << "its calls would go out a second time";
  machine_->kill(name_in("default/0"));
  EXPECT_TRUE(wait_until([&] { return gone().size() == 1; }));
}

}  // namespace
}  // namespace backstitch
