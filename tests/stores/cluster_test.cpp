// Several processes, one instance: they die, pause, leave and come, and nothing acknowledged is lost or done twice.
#include <signal.h>

#include <algorithm>

#include "cluster_house.h"

namespace backstitch::servers {
namespace {

using Shares = std::map<std::string, std::size_t>;
using testing::wait_until;

constexpr std::int64_t move_ms_max = 10'000, leave_ms_max = 4'000;

class ClusterTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house = new ClusterHouse(); }
  static void TearDownTestSuite() {
    delete house;
    house = nullptr;
  }
  void TearDown() override {
    for (ClusterHouse::Node* node : {a, b, c})
      if (node && node->running) house->stop(*node);
    a = b = c = nullptr;
  }
  /// Numbers of orders that no test before had.
  static int fresh(int count) { return std::exchange(next_order, next_order + count); }

  static inline ClusterHouse* house = nullptr;
  static inline int next_order = 1;
  ClusterHouse::Node *a = nullptr, *b = nullptr, *c = nullptr;
};

TEST_F(ClusterTest, MembersShareThePartitionsAndEachAnswersForAll) {
  a = &house->start("a");
  ASSERT_TRUE(house->await_shares(*a, Shares{{"a", 8}}));
  const auto before = house->partitions(*a);
  b = &house->start("b");
  ASSERT_TRUE(house->await_shares(*b, Shares{{"a", 4}, {"b", 4}})) << house->call(*b, "GET", "/api/v1/members").body;
  EXPECT_TRUE(wait_until([&] {
    const auto after = house->partitions(*b)["b"];
    return std::all_of(after.begin(), after.end(), [&](const auto& one) { return one.second > before.at("a").at(one.first); });
  }));
  const int from = fresh(40);
  ASSERT_TRUE(house->submit(*a, from, 20));
  ASSERT_TRUE(house->submit(*b, from + 20, 20));
  EXPECT_TRUE(house->await_activated(*b, from, 20));
  EXPECT_TRUE(house->await_activated(*a, from + 20, 20));
  EXPECT_EQ(house->executed_twice(), 0);
  for (const char* lease : {"scheduler", "worker-manager", "archiver"}) {
    EXPECT_EQ(house->holder(*a, lease), house->holder(*b, lease)) << lease;
    EXPECT_NE(house->holder(*a, lease), "") << lease;
  }
  const HttpAnswer refused = house->call(*b, "POST", "/api/v1/recovery/plans", R"({"to":"1:0/0","cause":"x"})");
  EXPECT_NE(refused.body.find("BS-1009"), std::string::npos) << refused.body;
}

TEST_F(ClusterTest, WhatAKilledMemberOwnedMovesWithinTenSeconds) {
  a = &house->start("a");
  b = &house->start("b");
  ASSERT_TRUE(house->await_shares(*b, Shares{{"a", 4}, {"b", 4}}));
  const auto terms = house->partitions(*b).at("a");
  const int from = fresh(120);
  ASSERT_TRUE(house->submit(*a, from, 80));
  house->kill_hard(*a);
  const std::int64_t killed_ms = monotonic_ms();
  ASSERT_TRUE(house->submit(*b, from + 80, 40));  // also for the accounts that nobody decides just now
  ASSERT_TRUE(house->await_shares(*b, Shares{{"b", 8}}));
  const auto is_decided_again = [&] {  // not only owned: in a new term
    const auto now = house->partitions(*b)["b"];
    return std::all_of(terms.begin(), terms.end(),
                       [&](const auto& one) { return now.contains(one.first) && now.at(one.first) > one.second; });
  };
  ASSERT_TRUE(wait_until(is_decided_again));
  const std::int64_t moved_ms = monotonic_ms() - killed_ms;
  RecordProperty("movedMs", static_cast<int>(moved_ms));
  fmt::print("moved after {} ms\n", moved_ms);
  EXPECT_LE(moved_ms, move_ms_max);
  EXPECT_TRUE(house->await_activated(*b, from, 120));
  EXPECT_EQ(house->executed_twice(), 0);
  for (const char* lease : {"scheduler", "worker-manager", "archiver"}) EXPECT_EQ(house->holder(*b, lease), "b") << lease;
}

TEST_F(ClusterTest, WhoIsToldToStopGivesBackAtOnce) {
  a = &house->start("a");
  b = &house->start("b");
  ASSERT_TRUE(house->await_shares(*b, Shares{{"a", 4}, {"b", 4}}));
  const int from = fresh(60);
  ASSERT_TRUE(house->submit(*b, from, 60));
  const std::int64_t told_ms = monotonic_ms();
  signal_process(a->child.id, SIGTERM);
  ASSERT_TRUE(wait_until([&] { return house->partitions(*b)["b"].size() == 8; }, 20'000));
  fmt::print("given back after {} ms\n", monotonic_ms() - told_ms);
  EXPECT_LE(monotonic_ms() - told_ms, leave_ms_max);
  house->stop(*a);
  EXPECT_TRUE(house->await_activated(*b, from, 60));
  EXPECT_EQ(house->executed_twice(), 0);
}

// The workers are another process's: what the dead one had handed out must find its way from somebody else.
TEST_F(ClusterTest, TasksOfADeadBrokerAreHandedOutAgain) {
  a = &house->start("a", "shard,api,intake");
  b = &house->start("b", "shard,api,intake,scheduler");
  c = &house->start("c", "worker,worker-manager");
  ASSERT_TRUE(house->await_shares(*b, Shares{{"a", 4}, {"b", 4}, {"c", 0}}));
  EXPECT_EQ(c->api, "");
  EXPECT_EQ(house->holder(*b, "scheduler"), "b");
  const int from = fresh(80);
  ASSERT_TRUE(house->submit(*b, from, 80));
  house->kill_hard(*a);
  EXPECT_TRUE(house->await_activated(*b, from, 80));
  EXPECT_EQ(house->executed_twice(), 0);
}

// It was taken for dead, and is not: the term in each of its writes keeps it out, and it comes back as a member like any other.
TEST_F(ClusterTest, AMemberThatWasAwayIsFencedAndJoinsAgain) {
  a = &house->start("a");
  b = &house->start("b");
  ASSERT_TRUE(house->await_shares(*b, Shares{{"a", 4}, {"b", 4}}));
  const int from = fresh(90);
  ASSERT_TRUE(house->submit(*a, from, 30));
  signal_process(a->child.id, SIGSTOP);
  ASSERT_TRUE(house->await_shares(*b, Shares{{"b", 8}}));
  ASSERT_TRUE(house->submit(*b, from + 30, 30));
  EXPECT_TRUE(house->await_activated(*b, from + 30, 30));
  signal_process(a->child.id, SIGCONT);
  ASSERT_TRUE(house->await_shares(*b, Shares{{"a", 4}, {"b", 4}})) << house->call(*b, "GET", "/api/v1/members").body;
  ASSERT_TRUE(house->submit(*a, from + 60, 30));
  EXPECT_TRUE(house->await_activated(*a, from, 90));
  EXPECT_EQ(house->executed_twice(), 0);
}

TEST_F(ClusterTest, AMemberWithoutShardsAnswersForAll) {
  a = &house->start("a", "shard,worker,worker-manager,scheduler");
  b = &house->start("b", "api,intake");
  c = &house->start("c", "api");
  ASSERT_TRUE(house->await_shares(*b, Shares{{"a", 8}, {"b", 0}, {"c", 0}}));
  EXPECT_EQ(a->api, "");
  const int from = fresh(20);
  ASSERT_TRUE(house->submit(*b, from, 20));
  EXPECT_TRUE(house->await_activated(*c, from, 20));
  const HttpAnswer refused = house->call(*c, "POST", "/api/v1/orders",
                                         R"({"source":"test","sourceOrderId":"N1","accountId":"A-1","items":[{"lineId":"1",)"
                                         R"("product":"PARCEL","action":"Add","quantity":1,"attributes":{}}]})");
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_NE(refused.body.find("intake"), std::string::npos) << refused.body;
  const HttpAnswer waited = house->call(*b, "POST", "/api/v1/systems/parcel/down?wait=20s", R"({"reason":"test"})");
  EXPECT_EQ(waited.status, 200) << waited.body;
  const HttpAnswer up = house->call(*b, "POST", "/api/v1/systems/parcel/up?wait=20s", R"({"reason":"test"})");
  EXPECT_EQ(up.status, 200) << up.body;
}

}  // namespace
}  // namespace backstitch::servers
