#include "services/scheduler/scheduler.h"

#include "services/testing.h"

namespace backstitch {
namespace {

using namespace testing;

class SchedulerTest : public ::testing::Test {
 protected:
  void SetUp() override { ensure_topics(queue); }

  std::unique_ptr<Scheduler> open() { return std::make_unique<Scheduler>(queue, partitions, 7); }

  struct Wanted {
    int item;
    Time due;
  };
  void hand_out(const std::vector<Wanted>& timers, Partition partition = 2) {
    Effects effects;
    for (const Wanted& timer : timers)
      effects.timers.push_back({{{1, static_cast<std::uint64_t>(timer.item)}}, "A-1", partition, "retry", timer.due});
    publisher.publish(std::move(effects), {});
    publisher.drain();
  }
  std::vector<queue::Record> due() { return all_records(queue, "completer", "completer.due/1"); }
  std::vector<std::string> due_items() {
    std::vector<std::string> items;
    for (const queue::Record& record : due()) items.push_back(text_of(object_of(record.value), "itemId"));
    return items;
  }
  static std::string item(int n) { return ItemId{{1, static_cast<std::uint64_t>(n)}}.text(); }

  HookedQueue queue{queue::StrictSettings{partitions, wall_clock}};
  Publisher publisher{queue, 7};
};

TEST_F(SchedulerTest, TimersFireInTheOrderTheyAreDue) {
  const Time now = wall_clock();
  hand_out({});
  const auto scheduler = open();
  hand_out({{3, now.plus_ms(-10)}, {1, now.plus_ms(-30)}, {2, now.plus_ms(-20)}});
  ASSERT_TRUE(wait_until([&] { return due().size() == 3; }));
  EXPECT_EQ(due_items(), (std::vector{item(1), item(2), item(3)}));
  const queue::Record record = due().front();
  EXPECT_EQ(record.key, "A-1");
  const auto value = object_of(record.value);
  EXPECT_EQ(text_of(value, "timer"), "retry");
  EXPECT_EQ(value.at("dueUs").to_number<std::int64_t>(), now.plus_ms(-30).us);
  EXPECT_EQ(value.at("epoch").to_number<int>(), 7);
  EXPECT_EQ(queue.topic("completer")->partitions[2].end, 4u);  // the partition of its account
  EXPECT_EQ(scheduler->waiting(), 0u);
}

// Its shards live in other processes, and have handed their timers out long ago.
TEST_F(SchedulerTest, WhoTakesOverAsksTheRowsUntilTheyAnswer) {
  std::atomic<int> asked{0};
  const Time past = wall_clock().plus_ms(-10), later = wall_clock().plus_ms(3'600'000);
  hand_out({{1, past}});  // of the one before, who is dead
  Scheduler scheduler(queue, partitions, 7, [&]() -> Result<std::vector<Scheduler::Waiting>> {
    if (++asked == 1) return fail(Code::database_unreachable, "as the test asked");
    return std::vector<Scheduler::Waiting>{{item(2), "retry", "A-1", 2, past}, {item(3), "callback", "A-1", 2, later}};
  });
  ASSERT_TRUE(wait_until([&] { return !due().empty(); }));
  EXPECT_EQ(due_items(), std::vector{item(2)});
  EXPECT_EQ(scheduler.waiting(), 1u);
  hand_out({{4, past}});
  EXPECT_TRUE(wait_until([&] { return due().size() == 2; }));
  EXPECT_EQ(asked, 2);
}

TEST_F(SchedulerTest, NothingFiresBeforeItsTime) {
  const auto scheduler = open();
  const Time at = wall_clock().plus_ms(150), later = wall_clock().plus_ms(3'600'000);
  hand_out({{2, later}, {1, at}});
  ASSERT_TRUE(wait_until([&] { return !due().empty(); }));
  EXPECT_GE(due().front().appended, at);
  EXPECT_EQ(due_items(), std::vector{item(1)});
  EXPECT_EQ(scheduler->waiting(), 1u);
  EXPECT_EQ(scheduler->timers(), (std::set{std::pair(item(2), later)}));
}

TEST_F(SchedulerTest, EarlierTimerOvertakesTheOneThatIsWaitedFor) {
  const auto scheduler = open();
  hand_out({{1, wall_clock().plus_ms(3'600'000)}});
  ASSERT_TRUE(wait_until([&] { return scheduler->waiting() == 1; }));
  hand_out({{2, wall_clock()}});
  EXPECT_TRUE(wait_until([&] { return due_items() == std::vector{item(2)}; }));
}

TEST_F(SchedulerTest, SameTimerHandedOutAgainFiresOnce) {
  const auto scheduler = open();
  const Time at = wall_clock().plus_ms(200);
  hand_out({{1, at}});
  hand_out({{1, at}, {2, at.plus_ms(1)}});
  ASSERT_TRUE(wait_until([&] { return due().size() >= 2; }));
  EXPECT_EQ(due_items(), (std::vector{item(1), item(2)}));
}

TEST_F(SchedulerTest, AfterARestartTheShardsHandTimersOutAgain) {
  const Time at = wall_clock().plus_ms(3'600'000);
  {
    const auto scheduler = open();
    hand_out({{1, at}});
    ASSERT_TRUE(wait_until([&] { return scheduler->waiting() == 1; }));
  }
  const auto scheduler = open();
  hand_out({{2, at}});
  ASSERT_TRUE(wait_until([&] { return scheduler->waiting() == 1; }));  // not both: the log before its start is not read
  hand_out({{1, wall_clock()}});
  EXPECT_TRUE(wait_until([&] { return due_items() == std::vector{item(1)}; }));
}

TEST_F(SchedulerTest, TimerThatCannotBeWrittenIsTriedAgain) {
  std::atomic<int> refused{0};
  queue.before_append = [&](const std::vector<queue::Append>& batch) -> std::optional<Code> {
    if (batch.front().topic != "completer" || refused == 2) return std::nullopt;
    ++refused;
    return Code::disk_full;
  };
  const auto scheduler = open();
  hand_out({{1, wall_clock()}, {2, wall_clock().plus_ms(1)}});
  ASSERT_TRUE(wait_until([&] { return due().size() == 2; }));
  EXPECT_EQ(due_items(), (std::vector{item(1), item(2)}));
  EXPECT_EQ(refused, 2);
}

// Nobody need hand another timer out for the one that could not be read.
TEST_F(SchedulerTest, WhatCouldNotBeReadIsReadAgain) {
  std::atomic<int> refused{0};
  queue.before_read = [&](const std::string& topic) -> std::optional<Code> {
    if (topic != "schedule" || refused == partitions) return std::nullopt;
    ++refused;
    return Code::unreachable;
  };
  const auto scheduler = open();
  hand_out({{1, wall_clock()}});
  ASSERT_TRUE(wait_until([&] { return due().size() == 1; }));
  EXPECT_EQ(due_items(), std::vector{item(1)});
  EXPECT_EQ(refused, partitions);
}

}  // namespace
}  // namespace backstitch
