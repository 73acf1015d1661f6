#include "stores/database/postgres/database.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {
namespace {

using namespace samples;
namespace json = boost::json;

json::value parsed(const Result<std::string>& text) {
  EXPECT_TRUE(text.has_value()) << (text ? "" : text.error().text());
  auto value = parse_json(text.value_or("null"));
  EXPECT_TRUE(value.has_value());
  return value ? *value : json::value();
}

class DatabaseReadsTest : public DatabaseTest {};

TEST_F(DatabaseReadsTest, OrderIsOneDocument) {
  add_orders(1);
  const Sample sample = make_sample(1, "A-1");
  const json::value order = parsed(database->order(sample.id));
  EXPECT_EQ(order.at("id").as_string(), sample.id.text());
  EXPECT_EQ(order.at("sourceOrderId").as_string(), "O1");
  EXPECT_EQ(order.at("version").as_int64(), 1);
  EXPECT_EQ(order.at("state").as_string(), "InProgress");
  EXPECT_EQ(order.at("createdAt").as_string(), rfc3339(at(1)));
  EXPECT_EQ(order.at("orderItems").as_array().size(), 2u);
  EXPECT_TRUE(order.at("downstreamItems").at(0).at("id").as_string().starts_with("doi_"));
  EXPECT_EQ(order.at("plan").at("itemStates").at("Pending").as_int64(), 5);
  EXPECT_EQ(order.at("document").at("orderNumber").as_string(), "N-1");
  EXPECT_FAILS(Code::order_not_found, database->order(make_sample(2, "A-1").id));
  EXPECT_FAILS(Code::order_not_found, database->stored_order(make_sample(2, "A-1").id));
}

TEST_F(DatabaseReadsTest, OrderIsFoundByItsKey) {
  add_orders(2);
  const auto found = database->find_orders({{"org1", "O2", 1, {}, 0}, {"org1", "O2", 2, {}, 0}, {"org1", "O1", 1, {}, 0}});
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->size(), 2u);  // nobody knows a second version of O2
  for (const OrderHead& head : *found)
    EXPECT_EQ(head.key.order, make_sample(head.key.source_order_id == "O2" ? 2 : 1, "").id) << head.key.source_order_id;
  EXPECT_TRUE(database->find_orders({})->empty());
}

TEST_F(DatabaseReadsTest, OrdersComeInPages) {
  add_orders(7);
  ListFilter filter;
  filter.limit = 3;
  std::vector<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    const json::value answer = parsed(database->orders(filter));
    for (const auto& order : answer.at("items").as_array()) seen.emplace_back(order.at("sourceOrderId").as_string());
    EXPECT_EQ(answer.at("next").is_null(), page == 2);
    if (page < 2) filter.cursor = std::string(answer.at("next").as_string());
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"O1", "O2", "O3", "O4", "O5", "O6", "O7"}));
}

TEST_F(DatabaseReadsTest, OrdersAreFiltered) {
  add_orders(7);
  ListFilter filter;
  filter.account_id = "A-1";
  EXPECT_EQ(parsed(database->orders(filter)).at("items").as_array().size(), 3u);
  filter = {};
  filter.state = "Activated";
  EXPECT_TRUE(parsed(database->orders(filter)).at("items").as_array().empty());
  filter = {};
  filter.since = at(5);
  const json::value since = parsed(database->orders(filter));
  ASSERT_EQ(since.at("items").as_array().size(), 3u);
  EXPECT_EQ(since.at("items").at(0).at("sourceOrderId").as_string(), "O5");
  filter.cursor = "nonsense";
  EXPECT_FAILS(Code::usage, database->orders(filter));
}

TEST_F(DatabaseReadsTest, WhatChangedSinceIsListed) {
  add_orders(3);
  TurnRows rows;
  for (int n = 0; n < 3; ++n) {
    AssetRow asset;
    asset.account_id = "B-" + std::to_string(n), asset.asset_ref = "F1", asset.product = "FIBER", asset.values = "{}";
    asset.id = AssetId{derive_account_child(asset.account_id, "asset", "F1")};
    asset.changed_by = make_sample(1, "A-1").id, asset.line_id = "1";
    asset.created_at = at(1), asset.changed_at = at(10 * n);
    rows.assets.push_back(asset);
  }
  ASSERT_TRUE(commit_rows(rows));
  EXPECT_EQ(database->accounts_with_changed_assets(at(10)).value(), (std::vector<std::string>{"B-1", "B-2"}));
  EXPECT_TRUE(database->accounts_with_changed_assets(at(21)).value().empty());
  EXPECT_EQ(database->orders_changed(at(0)).value().size(), 3u);
  const auto since = database->orders_changed(at(3));
  ASSERT_TRUE(since) << since.error().text();
  ASSERT_EQ(since->size(), 1u);
  EXPECT_EQ(since->front(), make_sample(3, "A-0").id);
}

TEST_F(DatabaseReadsTest, EventsAreOneListInOrderOfTurns) {
  add_orders(1);
  TurnRows answer;
  append_answer(answer, make_sample(1, "A-1"), 0, 2, 0, at(9));
  ASSERT_TRUE(commit_rows(answer, 0, 1));
  const json::value events = parsed(database->order_events(make_sample(1, "A-1").id));
  ASSERT_EQ(events.at("items").as_array().size(), 4u);
  EXPECT_EQ(events.at("items").at(0).at("event").as_string(), "OrderSubmitted");
  EXPECT_EQ(events.at("items").at(2).at("event").as_string(), "ItemCompleted");
  EXPECT_EQ(events.at("items").at(2).at("turn").as_string(), "2");
  EXPECT_EQ(events.at("items").at(2).at("at").as_string(), rfc3339(at(9)));
}

TEST_F(DatabaseReadsTest, AttentionComesAndGoes) {
  add_orders(1);
  const Sample sample = make_sample(1, "A-1");
  TurnRows rows;
  rows.attention.push_back({sample.plan.items[0].id, sample.id, "fatally-failed", "FatallyFailed", "noc", "noc/500",
                            "access/step0", "A-1", "", at(3), false});
  rows.attention.push_back(
      {sample.plan.items[1].id, sample.id, "manual", "Running", "desk", "", "access/step1", "A-1", "ann", at(3), false});
  ASSERT_TRUE(commit_rows(rows));
  ListFilter filter;
  filter.kind = "manual";
  const json::value manual = parsed(database->attention(filter));
  ASSERT_EQ(manual.at("items").as_array().size(), 1u);
  EXPECT_EQ(manual.at("items").at(0).at("owner").as_string(), "ann");
  EXPECT_EQ(parsed(database->counts()).at("attention").at("fatally-failed").as_int64(), 1);
  TurnRows gone;
  gone.attention = rows.attention;
  for (AttentionRow& row : gone.attention) row.remove = true;
  ASSERT_TRUE(commit_rows(gone));
  EXPECT_TRUE(parsed(database->attention({})).at("items").as_array().empty());
}

TEST_F(DatabaseReadsTest, CommandsAnswerWithTheirFirstOutcome) {
  const CommandId id{derive_account_child("A-1", "command", "1")};
  TurnRows rows;
  rows.commands.push_back({id, 0, 1, "item-command", "applied", "", "", "ann", "itm", at(1)});
  rows.commands.push_back({id, 0, 2, "item-command", "duplicate", "", "", "ann", "itm", at(2)});
  ASSERT_TRUE(commit_rows(rows, 2));
  const json::value command = parsed(database->command(id));
  EXPECT_EQ(command.at("state").as_string(), "applied");
  EXPECT_EQ(command.at("offset").as_string(), "1");
  EXPECT_FAILS(Code::command_not_found, database->command(CommandId{{1, 1}}));
}

TEST_F(DatabaseReadsTest, InventoryAndAssetsOfAnAccount) {
  TurnRows rows;
  append_account_things(rows, "A-1", 0, make_sample(1, "A-1").id, at(1));
  append_account_things(rows, "A-2", 0, make_sample(2, "A-2").id, at(1));
  ASSERT_TRUE(commit_rows(rows));
  ListFilter filter;
  filter.account_id = "A-1";
  const json::value inventory = parsed(database->inventory(filter));
  ASSERT_EQ(inventory.at("items").as_array().size(), 1u);
  EXPECT_EQ(inventory.at("items").at(0).at("serviceRecord").at("circuit").as_string(), "C-77");
  const json::value assets = parsed(database->assets(filter));
  ASSERT_EQ(assets.at("items").as_array().size(), 1u);
  EXPECT_EQ(assets.at("items").at(0).at("id").as_string(), inventory.at("items").at(0).at("assetId").as_string());
}

TEST_F(DatabaseReadsTest, SystemsAreUpWhenUpEverywhere) {
  TurnRows rows;
  rows.systems.push_back({0, "noc", true, at(1)});
  rows.systems.push_back({1, "noc", false, at(1)});
  rows.systems.push_back({0, "crm", true, at(1)});
  ASSERT_TRUE(commit_rows(rows));
  const json::value systems = parsed(database->systems());
  EXPECT_TRUE(systems.at("items").at(0).at("up").as_bool());
  EXPECT_FALSE(systems.at("items").at(1).at("up").as_bool());
}

TEST_F(DatabaseReadsTest, SmallTruthsAreKept) {
  ASSERT_TRUE(database->store_crm_positions({{0, 5}, {3, 9}}));
  ASSERT_TRUE(database->store_crm_positions({{0, 7}}));
  EXPECT_EQ(*database->crm_positions(), (std::map<Partition, std::uint64_t>{{0, 7}, {3, 9}}));
  ASSERT_TRUE(database->store_desired_workers({{"default", 2, 32}, {"slow", 1, 1}}));
  ASSERT_TRUE(database->store_desired_workers({{"default", 4, 32}}));
  ASSERT_EQ(database->desired_workers()->size(), 1u);
  EXPECT_EQ(database->desired_workers()->front().count, 4);
  ASSERT_TRUE(database->store_catalog_version("d1", 17, "telco", at(1), "{}"));
  ASSERT_TRUE(database->store_catalog_version("d1", 17, "telco", at(2), "{}"));
  EXPECT_EQ(*database->catalog_content("d1"), "{}");
  EXPECT_EQ(parsed(database->catalog_versions()).at("items").as_array().size(), 1u);
  EXPECT_FAILS(Code::catalog_version_missing, database->catalog_content("d2"));
}

TEST_F(DatabaseReadsTest, NumberOfPartitionsIsPartOfTheIdentity) {
  EXPECT_OK(database->ensure_partitions(4));
  EXPECT_FAILS(Code::config_invalid, database->ensure_partitions(8));
}

TEST_F(DatabaseReadsTest, MigrationRunsOnceAndKnowsAnotherText) {
  EXPECT_OK(database->migrate());
  plain_sql("update migration set digest = 'other'");
  EXPECT_FAILS(Code::migration_failed, database->migrate());
  plain_sql("insert into migration values (9999, 'future', '', '2030-01-01Z')");
  EXPECT_FAILS(Code::migration_failed, database->migrate());
}

TEST_F(DatabaseReadsTest, ReadsGoOnAfterTheServerWasAway) {
  add_orders(1);
  ASSERT_TRUE(database->counts());
  PrivateCluster& cluster = shared_cluster().cluster();
  ASSERT_TRUE(cluster.stop());
  EXPECT_FAILS(Code::database_unreachable, database->counts());
  EXPECT_FAILS(Code::database_unreachable, commit_rows({}));
  ASSERT_TRUE(cluster.start());
  EXPECT_OK(database->counts());
  EXPECT_OK(database->store_crm_positions({{0, 1}}));
}

// Whoever is refused for what it says must have said it: a shard refuses records by this difference.
TEST_F(DatabaseReadsTest, WhatPassesByItselfIsTheFaultOfNoRow) {
  auto connection = Connection::open(shared_cluster().cluster().connection());
  ASSERT_TRUE(connection.has_value());
  EXPECT_FAILS(Code::database_unreachable, connection->execute("set statement_timeout = 1; select pg_sleep(10)"));
  EXPECT_FAILS(Code::database_failed, connection->execute("select 'x'::int"));
}

TEST(PostgresDatabase, NobodyThereIsUnreachable) {
  auto nowhere = make_postgres_database({"host=/tmp/backstitch-no-such-folder connect_timeout=2"});
  EXPECT_FAILS(Code::database_unreachable, nowhere->positions());
}

}  // namespace
}  // namespace backstitch::database
