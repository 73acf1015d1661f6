// What a broker cannot hand out now it hands out later.
#include <atomic>

#include "services/worker/testing.h"

namespace backstitch {
namespace {

using namespace testing;

TEST_F(BrokerTest, WhatIsCalledBackIsNotHandedOutBeforeAnybodyKnowsWhereTo) {
  callbacks_at = "";
  const auto broker = open_broker();
  const std::string later = hand_out(1, "later"), keyed = hand_out(2);
  ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == 2; }));
  EXPECT_EQ(claim(*broker, "w1", 5), std::vector{keyed});
  EXPECT_TRUE(claim(*broker, "w2", 5, 0).empty());
  {
    const std::lock_guard lock(mutex);
    callbacks_at = "http://127.0.0.1:9/callbacks/";
  }
  const auto documents = broker->claim("default", "w2", 5, 5'000);
  ASSERT_TRUE(documents && documents->size() == 1);
  EXPECT_EQ(text_of(object_of(documents->front()), "callbackUrl"), "http://127.0.0.1:9/callbacks/" + later);
}

// Nobody hands it out again: its item would wait for ever.
TEST_F(BrokerTest, WhatCouldNotBeReadIsReadAgain) {
  std::atomic<bool> away{false};
  std::atomic<int> refused{0};
  queue.before_read = [&](const std::string& topic) -> std::optional<Code> {
    if (!away || topic != "tasks.default") return std::nullopt;
    ++refused;
    return Code::unreachable;
  };
  const auto broker = open_broker();
  away = true;
  hand_out(1);
  ASSERT_TRUE(wait_until([&] { return refused >= 2 * partitions; }));
  away = false;
  EXPECT_EQ(claim(*broker, "w1"), std::vector{key_of(1)});
}

TEST_F(BrokerTest, WhereTheLogHasGoneOnTheReaderDoesToo) {
  std::atomic<int> refuse{0};
  queue.before_read = [&](const std::string& topic) -> std::optional<Code> {
    if (topic != "tasks.default" || refuse == 0) return std::nullopt;
    --refuse;
    return Code::offset_expired;
  };
  const auto broker = open_broker();
  refuse = partitions;
  hand_out(1);
  ASSERT_TRUE(wait_until([&] { return refuse == 0; }));
  EXPECT_EQ(claim(*broker, "w1"), std::vector{key_of(1)}) << "what is still there is handed out";
}

}  // namespace
}  // namespace backstitch
