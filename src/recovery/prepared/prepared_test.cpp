// What was found out beside the running platform is what is found out anew, whatever the tail brings.
#include "recovery/prepared/prepared.h"

#include <algorithm>

#include "recovery/prepared/net_state.h"
#include "recovery/reconcile/reconcile_testing.h"
#include "recovery/saga/steps.h"
#include "recovery/verify/conservation.h"
#include "stores/database/invariants/invariants.h"

namespace backstitch::recovery {
namespace {

class PreparedTest : public ReconcileTest {
 protected:
  void SetUp() override {
    ReconcileTest::SetUp();
    ASSERT_FALSE(HasFatalFailure());
    world.plan.id = "rec-1", world.partitions = partitions, world.plan.time = t0;
    auto opened = Journal::open(safe, "rec-1");
    ASSERT_TRUE(opened);
    journal.emplace(std::move(*opened));
    boost::json::array begins;
    for (Partition one = 0; one < partitions; ++one) begins.push_back(boost::json::array{one, 1, 1});
    ASSERT_TRUE(journal->note("restoredPositions", std::move(begins)));
    boost::json::object ends;
    for (Partition one = 0; one < partitions; ++one) ends[std::to_string(one)] = 1'000'000;
    ASSERT_TRUE(journal->finish("seal", t0, 1, "", {{"ends", {{"completer", std::move(ends)}}}}));
    for (int n = 2; accounts.size() < 6; ++n)
      if (const std::string name = "A-" + std::to_string(n); partition_of(name, partitions) == partition)
        accounts.push_back(name);
  }
  /// An order of this account, with its first call at this outcome; empty: nothing was ever sent.
  void order_of(const std::string& whose, const std::string& id, const std::string& outcome, bool both = false) {
    submitter = whose;
    submit("keyed", id);
    if (outcome == "marked") mark(item("do", id)), fold();
    if (outcome == "marked" || outcome.empty()) return;
    called(item("do", id), outcome), fold();
    if (both) called(item("then", id), outcome), fold();
  }
  void prepare() {
    world.database = std::move(database);
    EXPECT_OK(prepare_proof(world, *journal));
    database = std::move(world.database);
  }

  struct Found {
    Sum orders, effects;
    boost::json::object reconciled;
    std::vector<std::string> told;
    boost::json::object counts;
  };
  /// With what was prepared, or without it.
  Found find_out(bool prepared) {
    Found found;
    world.database = std::move(database), world.standing.reset();
    world.plan.id = prepared ? "rec-1" : "rec-2";
    auto reconciled = reconcile_effects(world, *journal);
    EXPECT_TRUE(reconciled) << reconciled.error().text();
    if (reconciled) found.reconciled = std::move(*reconciled);
    auto orders = conserve_orders(world), effects = conserve_effects(world, found.reconciled);
    EXPECT_TRUE(orders && effects);
    found.orders = *orders, found.effects = *effects;
    const auto told = net_state(world);
    EXPECT_TRUE(told) << told.error().text();
    for (const NetUpdate& one : *told) found.told.push_back(one.update.type + one.update.account_id + one.update.body);
    std::sort(found.told.begin(), found.told.end());
    auto counts = count_window(world, *journal, {});
    EXPECT_TRUE(counts) << counts.error().text();
    if (counts) found.counts = std::move(*counts);
    standing = world.standing;
    database = std::move(world.database);
    return found;
  }
  void expect_the_same(const Found& one, const Found& other) {
    EXPECT_EQ(sum_object(one.orders), sum_object(other.orders));
    EXPECT_EQ(sum_object(one.effects), sum_object(other.effects));
    EXPECT_EQ(write_json(one.reconciled), write_json(other.reconciled));
    EXPECT_EQ(one.told, other.told);
    EXPECT_EQ(write_json(one.counts), write_json(other.counts));
  }

  World world{.plan = {}, .safe = safe, .library = library, .folders = {}, .cluster = {}};
  std::optional<Journal> journal;
  std::vector<std::string> accounts{"A-1"};
  std::shared_ptr<const Standing> standing;
};

TEST_F(PreparedTest, TheSameIsFoundOutWithItAndWithoutIt) {
  order_of(accounts[0], "O1", "done", true);
  world.plan.time = at.plus_ms(-1);  // this one is kept, all others are replayed
  order_of(accounts[1], "O2", "marked");
  order_of(accounts[2], "O3", "done");
  order_of(accounts[5], "O7", "done", true);
  called(ghost("keyed"), "done"), fold();  // of an account that has come to rest; nobody wants it any more
  order_of(accounts[3], "O4", "done", true);
  prepare();
  order_of(accounts[3], "O5", "done");  // the tail: a new order of an old account, and a new account
  order_of(accounts[4], "O6", "refused");
  const Found with = find_out(true), without = find_out(false);
  expect_the_same(with, without);
  find_out(true);
  ASSERT_TRUE(standing);
  EXPECT_TRUE(standing->holds(accounts[0]));
  for (std::size_t n = 1; n < accounts.size(); ++n) EXPECT_FALSE(standing->holds(accounts[n])) << n;
  EXPECT_EQ(standing->tail.accounts, (std::set<std::string>{accounts[3], accounts[4]}));
  EXPECT_TRUE(standing->prepared.invariants_held);
  EXPECT_EQ(with.orders.known, 7);
  EXPECT_EQ(with.orders.kept, 1);
  EXPECT_EQ(with.reconciled.at("rows").at(9), 1);
  EXPECT_FALSE(with.told.empty());
}

// The door lets none of them in; a log may hold one all the same.
TEST_F(PreparedTest, AnOrderOfAnotherAccountUnderTheSameNameIsNoOtherOrder) {
  order_of(accounts[0], "O1", "done", true);
  prepare();
  submitter = accounts[1];
  submit("keyed", "O1");
  const Found with = find_out(true);
  expect_the_same(with, find_out(false));
  EXPECT_EQ(with.orders.known, 1);
}

TEST_F(PreparedTest, WithoutATailNothingIsWorkedOutAgain) {
  order_of(accounts[0], "O1", "done", true);
  prepare();
  const Found with = find_out(true);
  ASSERT_TRUE(standing);
  EXPECT_FALSE(standing->tail.since.is_set());
  expect_the_same(with, find_out(false));
}

TEST_F(PreparedTest, ARecordForEverybodyLeavesNothingStanding) {
  order_of(accounts[0], "O1", "done", true);
  prepare();
  submitter = "*";
  append("incoming", "incoming.system-command/1",
         R"({"commandId":"cmd_00000000000000000000000002","system":"keyed","command":"down"})");
  fold();
  find_out(true);
  EXPECT_FALSE(standing);
}

TEST_F(PreparedTest, ASealIsNobodys) {
  order_of(accounts[0], "O1", "done", true);
  prepare();
  submitter = "*";
  append("completer", "completer.seal/1", R"({"epoch":2,"recovery":"rec-1"})");
  fold();
  find_out(true);
  EXPECT_TRUE(standing);
}

TEST_F(PreparedTest, AnOrderThatIsMissingThenIsMissedNow) {
  order_of(accounts[0], "O1", "done", true);
  const auto id = database->find_order("org1", "O1", 1);
  auto connection = database::Connection::open(database::shared_cluster().cluster().connection());
  ASSERT_TRUE(connection && id && *id);
  EXPECT_OK(connection->execute("delete from backstitch.order_key"));
  prepare();
  const Found with = find_out(true);
  EXPECT_EQ(with.orders.difference(), 1);
  EXPECT_FALSE(standing->prepared.invariants_held && standing->holds(accounts[0]));
}

TEST(Prepared, IsReadAsItWasWritten) {
  Prepared prepared;
  prepared.positions.resize(2);
  prepared.positions[1].partition = 1, prepared.positions[1].incoming = 7, prepared.positions[1].completer = 9;
  prepared.invariants_held = true, prepared.undone = "none", prepared.open = {"A \"2\""};
  prepared.counts.orders = 7, prepared.counts.activations = {"d1"}, prepared.counts.open_marks["eff_1.1"] = 2;
  prepared.accounts["A-1"] = {0xffff'ffff'ffff'ffffULL, 1, 2, 3, 4, 5, 6};
  const auto read = prepared_from(prepared_text(prepared));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(prepared_text(*read), prepared_text(prepared));
  EXPECT_EQ(read->accounts.at("A-1").marked, 6);
  EXPECT_EQ(read->positions[1].completer, 9u);
  EXPECT_FALSE(prepared_from(prepared_text(prepared) + "[1,2]\n"));
}

}  // namespace
}  // namespace backstitch::recovery
