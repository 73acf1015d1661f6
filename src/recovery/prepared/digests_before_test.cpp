// The digests of the database that is left behind are those that a look at every account would give, whoever wrote since.
#include "recovery/prepared/digests_before.h"

#include "recovery/prepared/prepared_files.h"
#include "stores/database/history/history_testing.h"
#include "stores/database/postgres/digests.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

using namespace database::samples;
using database::Connection;

/// Accounts A-0 … A-19 with an order each, of partition 0; a turn with a record of its own for each of them.
class DigestsBefore : public database::HistoryTest {
 protected:
  void SetUp() override {
    HistoryTest::SetUp();
    ASSERT_FALSE(HasFatalFailure());
    world.plan.id = "rec-1", world.say = [this](const std::string& word) { said += word + "\n"; };
    for (int n = 1; n <= 20; ++n) order_of(n, "A-" + std::to_string(n));
  }
  void order_of(int n, const std::string& account) {
    queue::Record record{positions[0].incoming, at(n), account, "incoming.submit/1", "", "{}"};
    ASSERT_TRUE(safe.archive("incoming", 0, {record}));
    database::TurnWrite turn;
    turn.partitions.push_back(database::next_turn(positions[0], 1, 0, at(n)));
    database::append_new(turn.rows, make_sample(n, account), 0, positions[0].turn, at(n));
    ASSERT_TRUE(shard->send_turn(turn));
    EXPECT_OK(shard->await_turn());
  }
  void prepare() {
    EXPECT_OK(prepare_digests_before(world));
    ASSERT_TRUE(safe.get(evidence_name(world.plan, prepared_before_file)));
    ASSERT_TRUE(safe.change_epoch({1, true, ""}, {2, false, "rec-1"}));
  }
  /// What is found out with it; `again`: every account is looked at.
  void expect_the_truth(bool again) {
    const std::string connection = scratch->cluster().connection();
    archive();
    const auto found = digests_before(world, connection, true);
    ASSERT_TRUE(found) << found.error().text();
    AccountDigests truth;
    auto session = Connection::open(connection);
    ASSERT_TRUE(session && database::prepare_session(*session));
    EXPECT_OK(
        database::account_digests(*session, [&](const std::string& account, std::uint64_t digest) { truth[account] = digest; }));
    EXPECT_EQ(*found, truth);
    EXPECT_EQ(!said.empty(), again) << said;
  }

  safe::StrictFake safe{4};
  CatalogLibrary library{safe};
  World world{.plan = {}, .safe = safe, .library = library, .folders = scratch->cluster().folders(), .cluster = {}};
  std::string said;
};

TEST_F(DigestsBefore, StandWhereNobodyWrote) {
  prepare();
  expect_the_truth(false);
}

TEST_F(DigestsBefore, AreTakenAnewOfWhomTheTailNames) {
  prepare();
  order_of(21, "A-3");
  order_of(22, "A-22");  // is new
  expect_the_truth(false);
}

TEST_F(DigestsBefore, AreTakenAnewOfAllWhereSomebodyWrotePastTheEngine) {
  prepare();
  batch({"update backstitch.item set attempt = 7"});
  expect_the_truth(true);
}

TEST_F(DigestsBefore, DoNotHangOnOtherTables) {
  prepare();
  batch({"create table notes (n int); insert into notes values (1)"});
  ASSERT_TRUE(database->store_crm_positions({{0, 7}}));  // a job of ours
  expect_the_truth(false);
}

TEST_F(DigestsBefore, AreTakenAnewOfAllWhereAJobOfOursWrote) {
  prepare();
  batch({"begin; select pg_logical_emit_message(true, 'backstitch', 'job'); delete from backstitch.event; commit"});
  expect_the_truth(true);
}

TEST_F(DigestsBefore, AreTakenAnewOfAllWhereATableWasRewrittenBehindTheWriter) {
  prepare();
  batch({"update backstitch.item set attempt = 7", "vacuum full backstitch.item", "vacuum full backstitch.item"});
  expect_the_truth(true);
}

TEST_F(DigestsBefore, SeeWhoWasAboutToCommit) {
  auto session = Connection::open(fmt::format("host={} user=batch dbname=postgres", scratch->cluster().folders().sockets));
  ASSERT_TRUE(session && session->execute("begin; update backstitch.item set attempt = 7"));
  EXPECT_OK(prepare_digests_before(world));
  EXPECT_FALSE(safe.get(evidence_name(world.plan, prepared_before_file))) << "what it commits may lie on either side";
  ASSERT_TRUE(session->execute("commit"));
  said.clear();
  prepare();
  expect_the_truth(false);
}

TEST_F(DigestsBefore, AreTakenAnewOfAllWhereColumnsChanged) {
  prepare();
  batch({"alter table backstitch.plan add column note text"});
  expect_the_truth(true);
}

TEST_F(DigestsBefore, AreTakenAnewOfAllBehindAnotherRecovery) {
  prepare();
  ASSERT_TRUE(safe.change_epoch({2, false, "rec-1"}, {3, false, "rec-1"}));
  expect_the_truth(true);
}

}  // namespace
}  // namespace backstitch::recovery
