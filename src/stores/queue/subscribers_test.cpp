#include "stores/queue/subscribers.h"

#include <gtest/gtest.h>

namespace backstitch::queue {
namespace {

TEST(Subscribers, WakesThoseOfTheTopicUntilTheirTokenEnds) {
  Subscribers subscribers;
  int first = 0, second = 0, other = 0;
  auto first_token = subscribers.add("incoming", [&] { ++first; });
  auto second_token = subscribers.add("incoming", [&] { ++second; });
  auto other_token = subscribers.add("tasks", [&] { ++other; });
  subscribers.wake("incoming");
  first_token.reset();
  subscribers.wake("incoming");
  subscribers.wake("nobody");
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  EXPECT_EQ(other, 0);
}

TEST(Subscribers, ACallMayEndItsOwnSubscriptionAndAddOthers) {
  Subscribers subscribers;
  int calls = 0;
  std::shared_ptr<void> token, added;
  token = subscribers.add("incoming", [&] {
    ++calls;
    token.reset();
    added = subscribers.add("incoming", [&] { calls += 10; });
  });
  subscribers.wake("incoming");
  EXPECT_EQ(calls, 1);
  subscribers.wake("incoming");
  EXPECT_EQ(calls, 11);
}

}  // namespace
}  // namespace backstitch::queue
