// What an account's rows come to, and the rows themselves: what an audit compares and a repair puts right.
#include <boost/json.hpp>

#include "base/json.h"
#include "stores/database/backup/measure.h"
#include "stores/database/postgres/account_rows.h"
#include "stores/database/postgres/database.h"
#include "stores/database/postgres/digests.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {
namespace {

using namespace samples;
namespace json = boost::json;

std::map<std::string, std::uint64_t> digests(Database& database) {
  std::map<std::string, std::uint64_t> all;
  const Status done = database.account_digests([&](const std::string& account, std::uint64_t digest) { all[account] = digest; });
  EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().text());
  return all;
}

class AccountDigestsTest : public DatabaseTest {};

TEST_F(AccountDigestsTest, DigestsNameTheDamagedAccount) {
  add_orders(6);
  const auto before = digests(*database);
  ASSERT_EQ(before.size(), 3u);
  plain_sql("update item set attempt = 7 where id = '" + uuid_text(make_sample(4, "A-1").plan.items[2].id.bits) + "'");
  const auto after = digests(*database);
  EXPECT_EQ(before.at("A-0"), after.at("A-0"));
  EXPECT_NE(before.at("A-1"), after.at("A-1"));
  EXPECT_EQ(before.at("A-2"), after.at("A-2"));
}

TEST_F(AccountDigestsTest, TheDigestOfOneAccountIsThatOfAll) {
  add_orders(6);
  TurnRows things;
  append_account_things(things, "A-1", 0, make_sample(4, "A-1").id, at(9));
  append_account_things(things, "A-9", 0, make_sample(4, "A-1").id, at(9));  // has no order
  things.attention.push_back({make_sample(4, "A-1").plan.items[2].id, make_sample(4, "A-1").id, "failed", "Failed", "noc", "e",
                              "k", "A-1", "", at(9), false});
  things.line_values.push_back({make_sample(4, "A-1").decomposition.items[0].id, "{}"});
  ASSERT_TRUE(commit_rows(things));
  const auto all = digests(*database);
  ASSERT_EQ(all.size(), 4u);
  for (const auto& [account, digest] : all) EXPECT_EQ(shard->account_digest(account).value(), digest) << account;
  auto connection = Connection::open(shared_cluster().cluster().connection());
  ASSERT_TRUE(connection && prepare_session(*connection));
  std::map<std::string, std::uint64_t> some;
  ASSERT_TRUE(account_digests_of(*connection, {"A-0", "A-1", "A-7", "A-9"},
                                 [&](const std::string& account, std::uint64_t digest) { some[account] = digest; }));
  EXPECT_EQ(some, (std::map<std::string, std::uint64_t>{{"A-0", all.at("A-0")}, {"A-1", all.at("A-1")}, {"A-9", all.at("A-9")}}));
  EXPECT_EQ(shard->account_digest("A-7").value(), 0u);
}

TEST_F(AccountDigestsTest, TheirColumnsAreToldApart) {
  auto connection = Connection::open(shared_cluster().cluster().connection());
  ASSERT_TRUE(connection && prepare_session(*connection));
  const auto before = digested_columns(*connection);
  ASSERT_TRUE(connection->execute("begin; alter table plan add column note text"));
  EXPECT_NE(digested_columns(*connection).value(), before.value());
  ASSERT_TRUE(connection->execute("rollback; begin; create table notes (n int)"));
  EXPECT_EQ(digested_columns(*connection).value(), before.value());
}

TEST_F(AccountDigestsTest, RowsOfAnAccountComeWithTheirColumns) {
  add_orders(4);
  TurnRows things;
  append_account_things(things, "A-1", 0, make_sample(4, "A-1").id, at(9));
  ASSERT_TRUE(commit_rows(things));
  const Sample sample = make_sample(4, "A-1");
  plain_sql("delete from orders where id = '" + uuid_text(sample.id.bits) + "'; update asset set account_id = 'A-2'");
  auto connection = Connection::open(shared_cluster().cluster().connection());
  ASSERT_TRUE(connection.has_value());
  AccountIds ids = account_ids(*connection, "A-1").value();
  EXPECT_EQ(ids.orders, std::vector<Bits128>{make_sample(1, "A-1").id.bits}) << "the other lost its row";
  EXPECT_EQ(ids.inventory.size(), 1u);
  EXPECT_TRUE(ids.assets.empty());
  ids.orders.push_back(sample.id.bits), ids.assets.push_back(derive_account_child("A-1", "asset", "ref-1"));
  std::map<std::string, int> count;
  const auto rows = account_rows(*connection, ids);
  ASSERT_TRUE(rows) << rows.error().text();
  for (const AccountRow& row : *rows) {
    ++count[row.table];
    if (row.table == "asset") {
      EXPECT_EQ(json::value_to<std::string>(parse_json(row.document)->at("account_id")), "A-2");
    }
    if (row.table == "item") {
      EXPECT_EQ(OrderId{row.order}, OrderId{order_of(parse_uuid(row.id).value())});
    }
  }
  EXPECT_EQ(count, (std::map<std::string, int>{{"asset", 1},
                                               {"downstream_item", 6},
                                               {"downstream_order", 4},
                                               {"event", 2},
                                               {"inventory", 1},
                                               {"item", 12},
                                               {"order_doc", 2},
                                               {"order_item", 4},
                                               {"order_key", 2},
                                               {"orders", 1},
                                               {"plan", 2}}));
}

TEST_F(AccountDigestsTest, ARepairWritesOverWhateverStandsThere) {
  add_orders(1);
  const Sample sample = make_sample(1, "A-1");
  TurnRows rows;
  append_account_things(rows, "A-1", 0, sample.id, at(9));
  ASSERT_TRUE(commit_rows(rows));
  const auto before = digests(*database);
  plain_sql(
      "delete from orders; delete from plan; update item set state = 'Skipped'; update order_key set source = 'org9';"
      " update asset set account_id = 'A-2', created_at = now(), partition = 3; update inventory set scope_key = 'x', account_id "
      "= 'A-3'");
  TurnRows repair;
  append_new(repair, sample, 0, 3, at(1));
  append_account_things(repair, "A-1", 0, sample.id, at(9));
  repair.taken.orders = {sample.id};
  repair.taken.order_keys = {{"org1", "O1", 1, sample.id, 0}, {"org9", "O1", 1, sample.id, 0}};
  ASSERT_TRUE(commit_rows(repair));
  EXPECT_EQ(digests(*database), before);
}

TEST_F(AccountDigestsTest, DigestsDoNotHangOnTheCutOfTurns) {
  add_orders(1);
  const Sample sample = make_sample(1, "A-1");
  TurnRows one;
  append_answer(one, sample, 0, 2, 0, at(2));
  ASSERT_TRUE(commit_rows(one, 0, 1));
  const auto separate = digests(*database);
  SetUp();  // the same inputs again, in one turn
  TurnRows both;
  append_new(both, sample, 0, 1, at(1));
  both.items[0] = item_row(sample, 0, ItemState::completed, at(2), true);
  both.items[1] = item_row(sample, 1, ItemState::running, at(2), true);
  both.events[0].data += one.events[0].data;
  ASSERT_TRUE(commit_rows(both, 1, 1));
  EXPECT_EQ(separate, digests(*database));
}

}  // namespace
}  // namespace backstitch::database
