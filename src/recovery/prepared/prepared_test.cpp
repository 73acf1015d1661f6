// What was found out beside the running platform is what is found out anew, whatever the tail brings.
#include "engine/account/repair_account.h"
#include "recovery/prepared/prepared_testing.h"

namespace backstitch::recovery {
namespace {

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

// What was written since is found by itself; what was taken away is not, and only a repair takes anything away.
TEST_F(PreparedTest, ATailThatMayTakeRowsAwaySaysSo) {
  order_of(accounts[0], "O1", "done", true);
  prepare();
  order_of(accounts[1], "O2", "done");
  find_out(true);
  ASSERT_TRUE(standing);
  EXPECT_FALSE(standing->tail.takes_away);
  submitter = accounts[1], append("incoming", account_repair_schema, "{}"), fold();
  find_out(true);
  ASSERT_TRUE(standing);
  EXPECT_TRUE(standing->tail.takes_away);
}

// Where it is long, the archive is not read again but for those who are open, and still nothing of theirs is missed.
TEST_F(PreparedTest, OfALongArchiveTheRecordsOfWhoIsOpenAreRead) {
  order_of(accounts[0], "O1", "done", true);
  order_of(accounts[1], "O2", "marked");
  order_of(accounts[2], "O3", "done");
  order_of(accounts[3], "O4", "done", true);
  submitter = "*";
  for (int n = 0; n < 600; ++n) append("completer", "completer.seal/1", R"({"epoch":1,"recovery":"rec-0"})");
  fold();
  prepare();
  submitter = accounts[2], called(item("then", "O3"), "done"), fold();
  order_of(accounts[3], "O5", "");  // it had come to rest
  expect_the_same(find_out(true), find_out(false));
  find_out(true);
  ASSERT_TRUE(standing && standing->places);
  world.standing = standing;
  std::multiset<std::string> seen;
  const auto rest = read_open(world, "completer", partition, [&](const queue::Record& record) { seen.insert(record.key); });
  ASSERT_TRUE(rest) << rest.error().text();
  EXPECT_GT(*rest, 600u);
  EXPECT_EQ(seen, (std::multiset<std::string>{accounts[1], accounts[2], accounts[2], accounts[3], accounts[3], accounts[3],
                                              accounts[3]}));
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
  prepared.invariants_held = true, prepared.moment = 4'000'000'000, prepared.undone = "none", prepared.open = {"A \"2\""};
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
