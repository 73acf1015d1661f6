#include "services/shard/publisher.h"

#include "services/testing.h"

namespace backstitch {
namespace {

using namespace testing;

class PublisherTest : public ::testing::Test {
 protected:
  void SetUp() override { ensure_topics(queue); }

  static Effects crm_update(int n, Partition partition = 1) {
    Effects effects;
    effects.crm.push_back({"A-1", partition, "order", "{\"type\":\"order\",\"version\":" + std::to_string(n) + "}"});
    return effects;
  }
  static Effects task_in(const std::string& lane, int n) {
    Effects effects;
    Task task;
    task.key = {{{2, static_cast<std::uint64_t>(n)}}, 1}, task.account_id = "A-1", task.partition = 1, task.lane = lane;
    effects.tasks.push_back(task);
    return effects;
  }
  std::vector<std::string> crm_values() {
    std::vector<std::string> values;
    for (const queue::Record& record : all_records(queue, "order_orderitems")) values.push_back(record.value);
    return values;
  }

  HookedQueue queue{queue::StrictSettings{partitions, wall_clock}};
};

TEST_F(PublisherTest, EffectsComeInTheOrderOfTheTurns) {
  Publisher publisher(queue, 7);
  for (int n = 1; n <= 50; ++n) publisher.publish(crm_update(n), {{1, static_cast<std::uint64_t>(n)}});
  publisher.drain();
  const auto values = crm_values();
  ASSERT_EQ(values.size(), 50u);
  for (int n = 1; n <= 50; ++n) EXPECT_EQ(values[static_cast<std::size_t>(n) - 1], crm_update(n).crm.front().body);
  EXPECT_EQ(publisher.published(1), 50u);
  EXPECT_EQ(publisher.published(0), 0u);
}

TEST_F(PublisherTest, EachEffectHasItsQueueAndSchema) {
  Publisher publisher(queue, 7);
  Effects effects = task_in("slow", 1);
  effects.timers.push_back({{}, "A-1", 1, "timeout", Time{5'000'000}});
  effects.crm.push_back({"A-1", 1, "asset", "{}"});
  publisher.publish(std::move(effects), {{1, 4}});
  publisher.drain();
  const auto tasks = all_records(queue, "tasks.slow"), timers = all_records(queue, "schedule"),
             crm = all_records(queue, "order_orderitems");
  ASSERT_EQ(tasks.size() + timers.size() + crm.size(), 3u);
  EXPECT_EQ(tasks[0].schema, "tasks.execute/1");
  EXPECT_EQ(timers[0].schema, "schedule.timer/1");
  EXPECT_EQ(object_of(timers[0].value).at("dueUs").to_number<int>(), 5'000'000);
  EXPECT_EQ(crm[0].schema, "order_orderitems.asset/1");
  EXPECT_EQ(crm[0].headers, "{\"bs-epoch\":7}");
}

TEST_F(PublisherTest, TurnWithoutEffectsIsPublishedToo) {
  Publisher publisher(queue, 7);
  publisher.publish({}, {{0, 3}, {2, 9}});
  publisher.drain();
  EXPECT_EQ(publisher.published(0), 3u);
  EXPECT_EQ(publisher.published(2), 9u);
}

TEST_F(PublisherTest, WhatTheQueueDidNotTakeIsNotPublished) {
  std::atomic<bool> full{true};
  std::atomic<int> refused{0};
  queue.before_append = [&](const std::vector<queue::Append>&) -> std::optional<Code> {
    if (!full) return std::nullopt;
    ++refused;
    return Code::disk_full;
  };
  Publisher publisher(queue, 7);
  publisher.publish(crm_update(1), {{1, 1}});
  publisher.publish(crm_update(2), {{1, 2}});
  ASSERT_TRUE(wait_until([&] { return refused >= 2; }));
  publisher.drain();  // does not wait for a disk that is full
  EXPECT_EQ(publisher.published(1), 0u);
  full = false;
  ASSERT_TRUE(wait_until([&] { return publisher.published(1) == 2; }));
  EXPECT_EQ(crm_values(), (std::vector{crm_update(1).crm.front().body, crm_update(2).crm.front().body}));
}

TEST_F(PublisherTest, ABrokerThatIsAwayIsNoFaultOfARecord) {
  std::atomic<int> refused{0};
  queue.before_append = [&](const std::vector<queue::Append>&) -> std::optional<Code> {
    if (refused == 3) return std::nullopt;
    ++refused;
    return Code::unreachable;
  };
  Publisher publisher(queue, 7);
  Effects effects = crm_update(1);
  effects.crm.push_back(crm_update(2).crm.front());
  publisher.publish(std::move(effects), {{1, 1}});
  ASSERT_TRUE(wait_until([&] { return publisher.published(1) == 1; }));
  EXPECT_EQ(crm_values(), (std::vector{crm_update(1).crm.front().body, crm_update(2).crm.front().body}));
}

TEST_F(PublisherTest, TaskOfALaneNobodyHasHoldsNothingElseBack) {
  Publisher publisher(queue, 7);
  Effects effects = task_in("nowhere", 1), next = task_in("default", 2);
  effects.tasks.push_back(next.tasks.front());
  effects.crm = crm_update(1).crm;
  publisher.publish(std::move(effects), {{1, 1}});
  publisher.drain();
  ASSERT_EQ(all_records(queue, "tasks.default").size(), 1u);
  EXPECT_EQ(crm_values().size(), 1u);
  EXPECT_EQ(publisher.published(1), 1u);
}

TEST_F(PublisherTest, EndDoesNotWaitForAQueueThatTakesNothing) {
  queue.before_append = [](const std::vector<queue::Append>&) { return std::optional(Code::queue_failed); };
  {
    Publisher publisher(queue, 7);
    publisher.publish(crm_update(1), {{1, 1}});
  }
  EXPECT_TRUE(crm_values().empty());
}

}  // namespace
}  // namespace backstitch
