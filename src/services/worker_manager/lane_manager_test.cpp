// The manager on a machine that keeps lanes by itself.
#include "services/worker_manager/worker_manager_testing.h"
#include "stores/workers/lane_fake.h"

namespace backstitch {
namespace {

using testing::wait_until;

/// A machine that keeps lanes by itself is told the wish, and nobody is launched or ended one by one.
class LaneManagerTest : public WorkerManagerTest {
 protected:
  LaneManagerTest() { workers_ = std::make_unique<workers::LaneFake>(machine_); }
};

TEST_F(LaneManagerTest, TheMachineIsToldWhatIsWished) {
  wish({{"default", 2, 32}, {"slow-lane", 1, 1}});
  start();
  EXPECT_TRUE(comes_to("default/0 default/1 slow-lane/0"));
  let_it_look();
  wish({{"default", 1, 32}});
  EXPECT_TRUE(comes_to("default/0"));
  let_it_look();
  EXPECT_EQ(machine_->launches_asked, 0);
  EXPECT_EQ(gone().size(), 2u);
}

TEST_F(LaneManagerTest, WhoDiesIsToldOnceAndReplacedByTheMachine) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  let_it_look();  // who dies before he was seen is nobody's
  const std::string dead = name_in("default/0");
  machine_->kill(dead);
  ASSERT_TRUE(wait_until([&] { return machine_->processes("default/0").size() == 2; }));
  EXPECT_TRUE(wait_until([&] { return gone() == std::vector{dead}; }));
  let_it_look();
  EXPECT_EQ(gone(), std::vector{dead});
}

// Of several, each keeps them as it is told; one that may have missed a wish says nothing.
TEST_F(LaneManagerTest, WhoMayNotSayKeepsNobody) {
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  not_ours_ = true;
  let_it_look();
  machine_->kill(name_in("default/0"));
  ASSERT_TRUE(wait_until([&] { return gone().size() == 1; })) << "what it sees it tells all the same";
  let_it_look();
  EXPECT_EQ(slots(), "default/1");
  not_ours_ = false;
  EXPECT_TRUE(comes_to("default/0 default/1"));
}

TEST_F(LaneManagerTest, StoppingLeavesNobodyWhomTheMachineWouldReplace) {
  auto fake = std::make_unique<workers::LaneFake>(machine_, std::set{workers::WrongLanes::replaces_who_was_ended});
  workers_ = std::move(fake);  // as an orchestrator does as long as it is not told otherwise
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  manager_->stop_workers(1'000);
  EXPECT_EQ(slots(), "");
}

/// Gives the slot of who has gone to the other one.
class Moving : public workers::LaneFake {
 public:
  using LaneFake::LaneFake;
  Result<std::vector<workers::Running>> running() override {
    auto all = LaneFake::running();
    if (!moved) return all;
    std::erase_if(*all, [](const workers::Running& worker) { return worker.slot == "default/0"; });
    for (auto& worker : *all) worker.slot = "default/0";
    return all;
  }
  std::atomic<bool> moved = false;
};

TEST_F(LaneManagerTest, WhoMovesToAnotherSlotIsNotGone) {
  auto moving = std::make_unique<Moving>(machine_);
  Moving& machine = *moving;
  workers_ = std::move(moving);
  start();
  ASSERT_TRUE(comes_to("default/0 default/1"));
  ASSERT_TRUE(wait_until([&] { return manager_->running().size() == 2; }));
  const std::string stays = name_in("default/1"), goes = name_in("default/0");
  machine.moved = true, machine_->kill(goes);
  ASSERT_TRUE(wait_until([&] { return !gone().empty(); }));
  let_it_look();
  const auto all = gone();
  EXPECT_EQ(std::count(all.begin(), all.end(), stays), 0) << "its calls would go out a second time";
  EXPECT_EQ(std::count(all.begin(), all.end(), goes), 1);
}

}  // namespace
}  // namespace backstitch
