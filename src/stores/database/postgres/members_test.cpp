// Members, owners and leases on PostgreSQL, and the fences that they give to whoever writes.
#include "stores/database/members.h"

#include "base/testing.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {
namespace {

class MembersTest : public DatabaseTest {
 protected:
  static std::unique_ptr<MemberTable> table() { return make_postgres_members(shared_cluster().cluster().connection()); }
  static Member member(const std::string& name) {
    return {.name = name, .host = "here", .roles = {"shard", "api"}, .api = "http://a", .workers = "http://w"};
  }
  static Cluster beat(MemberTable& with, const std::string& name, Taken taken = {}) {
    const auto cluster = with.beat(member(name), [&](const Cluster&) { return taken; });
    EXPECT_TRUE(cluster.has_value()) << (cluster ? "" : cluster.error().text());
    return cluster.value_or(Cluster{});
  }
  static PostgresSettings settings(const std::string& name) {
    return {.connection = shared_cluster().cluster().connection(), .connections_max = 2, .member = name};
  }
};

TEST_F(MembersTest, AMemberIsSeenWithAllItSaysUntilItLeaves) {
  const auto first = table(), second = table();
  beat(*first, "a");
  const Cluster cluster = beat(*second, "b", {{1, 3}, {"scheduler"}});
  ASSERT_EQ(cluster.members.size(), 2u);
  EXPECT_EQ(cluster.members[0].name, "a");
  EXPECT_EQ(cluster.members[0].roles, (std::vector<std::string>{"shard", "api"}));
  EXPECT_EQ(cluster.members[0].workers, "http://w");
  EXPECT_LT(cluster.members[0].silent_ms, 5'000);
  ASSERT_EQ(cluster.partitions.size(), 4u);
  EXPECT_EQ(cluster.partitions[1].member, "b");
  EXPECT_EQ(cluster.partitions[2].member, "");
  ASSERT_EQ(cluster.leases.size(), 1u);
  EXPECT_EQ(cluster.leases[0].term, 1u);
  EXPECT_OK(second->release("b", {{1}, {}}));
  EXPECT_OK(second->release("a", {{3}, {"scheduler"}}));  // not a's to give
  Cluster now = *first->look();
  EXPECT_EQ(now.partitions[1].member, "");
  EXPECT_EQ(now.partitions[3].member, "b");
  EXPECT_EQ(now.leases[0].member, "b");
  EXPECT_OK(second->leave("b"));
  now = *first->look();
  EXPECT_EQ(now.members.size(), 1u);
  EXPECT_EQ(now.partitions[3].member, "");
  EXPECT_EQ(now.leases[0].member, "");
}

TEST_F(MembersTest, SilenceIsMeasuredByTheClockOfTheDatabase) {
  const auto with = table();
  beat(*with, "a");
  plain_sql("update member set seen_at = seen_at - interval '7 seconds' where name = 'a'");
  EXPECT_GE(with->look()->members[0].silent_ms, 7'000);
  EXPECT_LT(beat(*with, "a").members[0].silent_ms, 5'000);
}

TEST_F(MembersTest, AMemberThatStopsInTheMiddleHoldsNobodyUpForLong) {
  auto stuck = Connection::open(shared_cluster().cluster().connection());
  ASSERT_TRUE(stuck);
  ASSERT_TRUE(stuck->execute("set idle_in_transaction_session_timeout = 2000; begin; select pg_advisory_xact_lock(4711002)"));
  const auto with = table();
  EXPECT_TRUE(backstitch::testing::wait_until(
      [&] { return with->beat(member("a"), [](const Cluster&) { return Taken{}; }).has_value(); }));
}

// The order is: owner, then term. Whoever lost a partition must not get it back by opening his shard once more.
TEST_F(MembersTest, OnlyItsOwnerClaimsAPartition) {
  const auto with = table();
  beat(*with, "a", {{0, 1}, {}});
  const auto of_a = make_postgres_database(settings("a"))->open_shard(),
             of_b = make_postgres_database(settings("b"))->open_shard();
  ASSERT_TRUE(of_a && of_b);
  auto first = (*of_a)->claim({0, 1});
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_FAILS(Code::fenced, (*of_b)->claim({0}));
  beat(*with, "b", {{1}, {}});
  EXPECT_FAILS(Code::fenced, (*of_a)->claim({0, 1}));
  const auto taken = (*of_b)->claim({1});
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_GT(taken->front().term, first->back().term);
  TurnWrite turn;
  turn.partitions.push_back(samples::next_turn(first->back(), 1, 0, samples::at(1)));
  EXPECT_FAILS(Code::fenced, commit(**of_a, turn));
}

TEST_F(MembersTest, AWriteUnderALeaseIsDoneOnlyWhileItIsHeldInThatTerm) {
  const auto with = table();
  beat(*with, "a", {{}, {"crm-sync"}});
  PostgresSettings under = settings("a");
  under.lease = "crm-sync", under.term = 1;
  const auto of_a = make_postgres_database(under);
  EXPECT_OK(of_a->store_crm_positions({{0, 5}}));
  beat(*with, "b", {{}, {"crm-sync"}});
  EXPECT_FAILS(Code::fenced, of_a->store_crm_positions({{0, 3}}));
  under.member = "b", under.term = 2;
  const auto of_b = make_postgres_database(under);
  EXPECT_EQ(of_b->crm_positions()->at(0), 5u);
  EXPECT_OK(of_b->store_crm_positions({{0, 7}}));
  beat(*with, "a", {{}, {"crm-sync"}});
  beat(*with, "b", {{}, {"crm-sync"}});  // the same member, another term
  EXPECT_FAILS(Code::fenced, of_b->store_crm_positions({{0, 6}}));
}

}  // namespace
}  // namespace backstitch::database
