// Brokers of several processes on one log.
#include <gtest/gtest.h>

#include <atomic>

#include "services/worker/testing.h"
#include "stores/workers/port.h"

namespace backstitch {
namespace {

using namespace testing;

class BrokersTest : public BrokerTest {
 protected:
  std::unique_ptr<TaskBroker> open_one(std::set<Partition> owned) {
    BrokerSettings settings;
    settings.lanes = {"default", "slow"}, settings.epoch = 7, settings.partitions = partitions;
    settings.one_of_several = true, settings.worker_silent_ms = 300, settings.leads = [this] { return leads.load(); };
    auto broker = std::make_unique<TaskBroker>(settings, queue, library, [this](const std::string& worker) {
      const std::lock_guard lock(mutex);
      return alive.contains(worker);
    });
    broker->own(owned);
    return broker;
  }
  std::atomic<bool> leads{true};
  static Partition partition(int n) { return task_number(n).partition; }
  /// Two tasks of different partitions.
  static std::pair<int, int> two() {
    int second = 2;
    while (partition(second) == partition(1)) ++second;
    return {1, second};
  }
};

TEST_F(BrokersTest, EachHandsOutWhatItOwns) {
  const auto [one, other] = two();
  const auto a = open_one({partition(one)}), b = open_one({partition(other)});
  hand_out(one), hand_out(other);
  EXPECT_EQ(claim(*a, "w1", 10), std::vector{key_of(one)});
  EXPECT_EQ(claim(*b, "w2", 10), std::vector{key_of(other)});
  EXPECT_TRUE(claim(*a, "w3", 10, 0).empty());
}

// What was handed out before is its shard's to hand out again: the tasks of months may stand there.
TEST_F(BrokersTest, OfAPartitionThatHasComeOnlyNewTasksCount) {
  const auto [one, other] = two();
  const auto broker = open_one({partition(other)});
  hand_out(one);
  broker->own({partition(one), partition(other)});
  hand_out(other);
  EXPECT_EQ(claim(*broker, "w1", 10), std::vector{key_of(other)});
  hand_out(one);
  EXPECT_EQ(claim(*broker, "w2", 10), std::vector{key_of(one)});
}

TEST_F(BrokersTest, WithThePartitionGoesWhatNobodyHolds) {
  const auto broker = open_one({partition(1)});
  hand_out(1);
  ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == 1; }));
  broker->own({});
  EXPECT_TRUE(claim(*broker, "w1", 10, 0).empty());
  broker->own({partition(1)});
  hand_out(1);
  const auto held = claim(*broker, "w1");
  ASSERT_EQ(held, std::vector{key_of(1)});
  broker->own({});
  EXPECT_EQ(mark(*broker, "w1", held.front()).verdict, MarkVerdict::go);  // in its hand it stays
  EXPECT_TRUE(answer(*broker, "w1", held.front()));
}

TEST_F(BrokersTest, APartitionThatComesBackBringsNothingOfBefore) {
  const auto broker = open_one({partition(1)});
  hand_out(1);
  const auto held = claim(*broker, "w1");
  ASSERT_EQ(mark(*broker, "w1", held.front()).verdict, MarkVerdict::go);
  broker->own({});
  broker->own({partition(1)});
  hand_out(1);  // as its shard does
  ASSERT_EQ(claim(*broker, "w2"), held);
  EXPECT_EQ(mark(*broker, "w2", held.front()).verdict, MarkVerdict::busy);
}

// It was told nothing, and may have given the task up.
TEST_F(BrokersTest, AMarkThatWasRefusedLeavesTheTaskToWhoeverClaims) {
  const auto broker = open_one({partition(1)});
  hand_out(1);
  const auto held = claim(*broker, "w1");
  leads = false;
  ASSERT_FALSE(broker->mark("w1", held, false));
  leads = true;
  EXPECT_EQ(claim(*broker, "w1"), held);
}

TEST_F(BrokersTest, MarksNameTheTermOfThePartition) {
  const auto broker = open_one({partition(1)});
  broker->note_term(partition(1), 12);
  hand_out(1);
  ASSERT_EQ(mark(*broker, "w1", claim(*broker, "w1").front()).verdict, MarkVerdict::go);
  const auto marks = all_records(queue, "completer", "completer.mark/1");
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(object_of(marks.front().value).at("term").to_number<int>(), 12);
}

// A recovery seals the log when the lease of every member has run out, and no call may begin behind the seal.
TEST_F(BrokersTest, WhoWasNotHeardOfLetsNobodyCall) {
  const auto broker = open_one({partition(1), partition(two().second)});
  hand_out(1);
  const auto held = claim(*broker, "w1");
  leads = false;
  for (const bool again : {false, true}) {
    const auto refused = broker->mark("w1", held, again);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::not_running);
  }
  EXPECT_TRUE(all_records(queue, "completer", "completer.mark/1").empty()) << "nor is anything written";
  leads = true;
  EXPECT_EQ(mark(*broker, "w1", held.front()).verdict, MarkVerdict::go);
  leads = false;
  EXPECT_TRUE(answer(*broker, "w1", held.front())) << "what was called is told all the same";
}

TEST_F(BrokersTest, AnswerAndSecondOwnerMeetInTheLog) {
  const auto a = open_one({partition(1)}), b = open_one({});
  hand_out(1);
  const auto held = claim(*a, "w1");
  ASSERT_EQ(mark(*a, "w1", held.front()).verdict, MarkVerdict::go);
  b->own({partition(1)});
  hand_out(1);  // as the new owner's shard does
  ASSERT_EQ(claim(*b, "w2"), held);
  EXPECT_EQ(mark(*b, "w2", held.front()).verdict, MarkVerdict::busy);  // it is in the air, whoever gave it out
  EXPECT_TRUE(answer(*b, "w1", held.front()));                         // a is dead: any other takes it
  hand_out(1);                                                         // and once more, by an owner that has not seen the answer
  ASSERT_EQ(claim(*b, "w2"), held);
  EXPECT_EQ(mark(*b, "w2", held.front()).verdict, MarkVerdict::adopted);
}

// It claims from all, and the process beside which it ran tells nobody.
TEST_F(BrokersTest, WhatADeadWorkerOfAnotherProcessHeldIsHandedOutAgain) {
  const auto broker = open_one({partition(1)});
  hand_out(1);
  const auto held = claim(*broker, "w1");
  ASSERT_EQ(held, std::vector{key_of(1)});
  EXPECT_TRUE(claim(*broker, "w2", 1, 1'500).empty()) << "it lives";
  {
    const std::lock_guard lock(mutex);
    alive.erase("w1");
  }
  EXPECT_EQ(claim(*broker, "w2"), held);
}

TEST_F(BrokersTest, WhatASilentWorkerElsewhereHeldIsHandedOutAgain) {
  const std::string elsewhere = "default@elsewhere-4711-88";
  alive.insert(elsewhere);  // for all that anybody here can know
  const auto broker = open_one({partition(1)});
  Task task = task_number(1);
  task.catalog_digest = catalog, task.system = "keyed", task.interface = "do", task.timeout_ms = 200;
  hand_out(task);
  ASSERT_EQ(claim(*broker, elsewhere), std::vector{key_of(1)});
  ASSERT_EQ(mark(*broker, elsewhere, key_of(1)).verdict, MarkVerdict::go);
  ASSERT_EQ(claim(*broker, "w2"), std::vector{key_of(1)});
  EXPECT_EQ(mark(*broker, "w2", key_of(1)).verdict, MarkVerdict::busy) << "its call may be in the air";
}

TEST_F(BrokersTest, WhoElsewhereHasEndedIsNotWaitedFor) {
  const std::string elsewhere = "default@elsewhere-4711-88";
  alive.insert(elsewhere);
  const auto broker = open_one({partition(1)});
  hand_out(1);
  ASSERT_EQ(mark(*broker, elsewhere, claim(*broker, elsewhere).front()).verdict, MarkVerdict::go);
  broker->worker_gone(elsewhere);  // as the manager of its own process tells
  ASSERT_EQ(claim(*broker, "w2"), std::vector{key_of(1)});
  EXPECT_EQ(mark(*broker, "w2", key_of(1)).verdict, MarkVerdict::settle);
}

TEST_F(BrokersTest, WhatWasHeldGoesWithItsPartition) {
  const auto broker = open_one({partition(1)});
  hand_out(1);
  ASSERT_EQ(claim(*broker, "w1"), std::vector{key_of(1)});
  broker->own({});
  broker->worker_gone("w1");
  EXPECT_TRUE(claim(*broker, "w2", 1, 0).empty()) << "its new owner hands it out";
  EXPECT_EQ(broker->depth("default").waiting, 0u);
}

TEST_F(BrokersTest, AWorkerElsewhereIsWaitedForUntilItsCallHasEndedByItself) {
  const std::string elsewhere = "default@elsewhere-4711-88", here = "default@" + workers::own_host() + "-4711-88";
  alive = {elsewhere, here};
  const auto broker = open_one({partition(1), partition(two().second)});
  for (const auto& [n, worker] : {std::pair{1, elsewhere}, {two().second, here}}) {
    clock_behind_ms = 120'000;
    hand_out(n);
    ASSERT_EQ(mark(*broker, worker, claim(*broker, worker).front()).verdict, MarkVerdict::go);
    broker->own({}), broker->own({partition(1), partition(two().second)});  // for this broker it does not hold it any more
    hand_out(n);
    ASSERT_EQ(claim(*broker, "w2"), std::vector{key_of(n)});
    EXPECT_EQ(mark(*broker, "w2", key_of(n)).verdict, worker == here ? MarkVerdict::busy : MarkVerdict::settle) << worker;
  }
}

}  // namespace
}  // namespace backstitch
