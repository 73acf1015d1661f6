#include "services/members/assign.h"

#include <gtest/gtest.h>

#include <map>

namespace backstitch {
namespace {

using database::Cluster;

constexpr std::int64_t limit_ms = 5'000;

database::Member member(const std::string& name, std::int64_t silent_ms = 0, std::vector<std::string> has = {"shard"}) {
  database::Member one{.name = name, .host = "h", .roles = std::move(has)};
  one.silent_ms = silent_ms;
  return one;
}

Cluster cluster_of(std::vector<database::Member> members, int partitions) {
  Cluster cluster{.members = std::move(members)};
  for (Partition partition = 0; partition < partitions; ++partition) cluster.partitions.push_back({partition, "", 0});
  return cluster;
}

/// As the table does it.
void take(Cluster& cluster, const std::string& self, const std::vector<std::string>& wanted = {}) {
  const database::Taken taken = to_take(cluster, self, wanted, limit_ms);
  for (const Partition partition : taken.partitions) {
    auto& one = cluster.partitions.at(static_cast<std::size_t>(partition));
    one.member = self, ++one.term;
  }
  for (const std::string& name : taken.leases) {
    std::erase_if(cluster.leases, [&](const auto& lease) { return lease.name == name; });
    cluster.leases.push_back({name, self, 1});
  }
}
void give(Cluster& cluster, const std::string& self) {
  for (const Partition partition : to_give(cluster, self, limit_ms))
    cluster.partitions.at(static_cast<std::size_t>(partition)).member.clear();
}
std::map<std::string, int> counts(const Cluster& cluster) {
  std::map<std::string, int> out;
  for (const auto& one : cluster.partitions) ++out[one.member];
  return out;
}

TEST(Assign, WhoIsAloneTakesAll) {
  Cluster cluster = cluster_of({member("a")}, 64);
  take(cluster, "a");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"a", 64}}));
  take(cluster, "a");
  EXPECT_TRUE(to_give(cluster, "a", limit_ms).empty());
}

TEST(Assign, WhoJoinsGetsHisShareAndNoMoreMovesThanMust) {
  Cluster cluster = cluster_of({member("b")}, 64);
  take(cluster, "b");
  cluster.members.push_back(member("a"));
  take(cluster, "a");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"b", 64}})) << "nothing is taken from one that lives";
  give(cluster, "b");
  take(cluster, "a");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"a", 32}, {"b", 32}}));
  cluster.members.push_back(member("c"));
  for (const char* one : {"a", "b"}) give(cluster, one);
  take(cluster, "c");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"a", 22}, {"b", 21}, {"c", 21}}));
}

TEST(Assign, OfTheDeadAllIsTakenBetweenThoseWhoLive) {
  Cluster cluster = cluster_of({member("a"), member("b"), member("c", limit_ms)}, 6);
  for (auto& one : cluster.partitions) one.member = "c";
  take(cluster, "a");
  take(cluster, "b");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"a", 3}, {"b", 3}}));
}

TEST(Assign, WhoLeavesKeepsWhatHeHasNotEndedAndTakesNothing) {
  Cluster cluster = cluster_of({member("a"), member("b")}, 4);
  take(cluster, "a");
  take(cluster, "b");
  cluster.members[0].leaving = true;
  EXPECT_TRUE(to_take(cluster, "b", {}, limit_ms).partitions.empty()) << "it has not given them back yet";
  EXPECT_EQ(to_give(cluster, "a", limit_ms).size(), 2u);
  give(cluster, "a");
  EXPECT_TRUE(to_take(cluster, "a", {"scheduler"}, limit_ms).partitions.empty());
  EXPECT_TRUE(to_take(cluster, "a", {"scheduler"}, limit_ms).leases.empty());
  take(cluster, "b");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"b", 4}}));
}

TEST(Assign, OnlyShardsOwnPartitions) {
  Cluster cluster = cluster_of({member("a", 0, {"api", "worker"}), member("b")}, 4);
  take(cluster, "a");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"", 4}}));
  take(cluster, "b");
  EXPECT_EQ(counts(cluster), (std::map<std::string, int>{{"b", 4}}));
}

TEST(Assign, ALeaseIsHeldByOneAndMovesWhenHeIsDead) {
  Cluster cluster = cluster_of({member("a"), member("b")}, 0);
  take(cluster, "a", {"scheduler"});
  EXPECT_TRUE(to_take(cluster, "b", {"scheduler", "crm-sync"}, limit_ms).leases == std::vector<std::string>{"crm-sync"});
  cluster.members[0].silent_ms = limit_ms;
  take(cluster, "b", {"scheduler"});
  ASSERT_EQ(cluster.leases.size(), 1u);
  EXPECT_EQ(cluster.leases[0].member, "b");
}

TEST(Assign, SlotsAreSharedWithoutRest) {
  const Cluster cluster =
      cluster_of({member("a", 0, {"worker"}), member("b", 0, {"worker"}), member("c", limit_ms, {"worker"})}, 0);
  EXPECT_EQ(share_of(cluster, "a", roles::worker, 5, limit_ms) + share_of(cluster, "b", roles::worker, 5, limit_ms), 5);
  EXPECT_EQ(share_of(cluster, "c", roles::worker, 5, limit_ms), 0);
}

TEST(Assign, ARecoveryIsUnderWayWhileWhoHoldsItLives) {
  Cluster cluster = cluster_of({member("a"), member("recovery-1")}, 2);
  EXPECT_EQ(recovery_under_way(cluster, limit_ms), "");
  cluster.leases.push_back({recovery_lease, "recovery-1", 1});
  EXPECT_EQ(recovery_under_way(cluster, limit_ms), "recovery-1");
  cluster.members[1].silent_ms = limit_ms;
  EXPECT_EQ(recovery_under_way(cluster, limit_ms), "") << "it was killed: the others go on";
  cluster.members[1].silent_ms = 0, cluster.leases[0].member = "";
  EXPECT_EQ(recovery_under_way(cluster, limit_ms), "");
}

}  // namespace
}  // namespace backstitch
