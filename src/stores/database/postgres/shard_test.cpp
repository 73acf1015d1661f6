#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {
namespace {

using namespace samples;

TEST_F(DatabaseTest, TurnIsReadBackAsItWasWritten) {
  const Sample sample = make_sample(1, "A-1");
  TurnRows rows;
  append_new(rows, sample, 0, 1, at(1));
  rows.line_values.push_back({sample.decomposition.items[0].id, R"({"circuit":"C-77"})"});
  ASSERT_TRUE(commit_rows(rows));
  const auto loaded = shard->load_open_orders({0});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  ASSERT_EQ(loaded->size(), 1u);
  const StoredOrder& order = loaded->front();
  EXPECT_EQ(order.order.id, sample.id);
  EXPECT_EQ(order.order.account_id, "A-1");
  EXPECT_EQ(order.order.state, OrderState::in_progress);
  EXPECT_EQ(order.order.created_at, at(1));
  EXPECT_EQ(order.doc.document, sample.document);
  EXPECT_EQ(order.doc.graph, fulfilment_json(sample.decomposition, sample.plan));
  EXPECT_EQ(order.order_items.size(), 2u);
  EXPECT_EQ(order.downstream_orders.size(), 2u);
  EXPECT_EQ(order.downstream_items.size(), 3u);
  ASSERT_EQ(order.line_values.size(), 1u);
  EXPECT_EQ(order.line_values[0].values, R"({"circuit":"C-77"})");
  ASSERT_TRUE(order.plan.has_value());
  EXPECT_EQ(order.plan->item_count, 6);
  ASSERT_EQ(order.items.size(), 6u);
  for (const ItemRow& item : order.items) {
    const bool first = item.id == sample.plan.items[0].id;
    EXPECT_EQ(item.state, first ? ItemState::running : ItemState::pending);
    EXPECT_EQ(item.digest, first ? 0xfedcba9876543210ull : 0u);
    EXPECT_EQ(item.started_at.is_set(), first);
    EXPECT_FALSE(item.ended_at.is_set());
    EXPECT_EQ(item.error, "");
  }
}

TEST_F(DatabaseTest, PositionsMoveWithTheRows) {
  ASSERT_TRUE(commit_rows({}, 5, 3));
  const auto stored = database->positions();
  ASSERT_TRUE(stored.has_value());
  ASSERT_EQ(stored->size(), 4u);
  const Position& moved = stored->at(0);
  EXPECT_EQ(moved.turn, 1u);
  EXPECT_EQ(moved.incoming, 6u);
  EXPECT_EQ(moved.completer, 4u);
  EXPECT_EQ(moved.catalog_digest, catalog_digest);
  EXPECT_EQ(moved.decision_digest, positions[0].decision_digest);
  EXPECT_EQ(stored->at(1).turn, 0u);
}

TEST_F(DatabaseTest, TwoTurnsInFlightCommitInOrder) {
  const Sample sample = make_sample(1, "A-1");
  TurnWrite first, second;
  first.partitions.push_back(next_turn(positions[0], 1, 0, at(1)));
  append_new(first.rows, sample, 0, 1, at(1));
  second.partitions.push_back(next_turn(positions[0], 0, 1, at(2)));
  append_answer(second.rows, sample, 0, 2, 0, at(2));
  ASSERT_TRUE(shard->send_turn(first));
  ASSERT_TRUE(shard->send_turn(second));
  EXPECT_OK(shard->await_turn());
  EXPECT_OK(shard->await_turn());
  const auto loaded = shard->load_orders({sample.id});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(std::count_if(loaded->at(0).items.begin(), loaded->at(0).items.end(),
                          [](const ItemRow& item) { return item.state == ItemState::completed; }),
            1);
}

TEST_F(DatabaseTest, TurnBehindAFailedOneFailsToo) {
  TurnRows rows;
  append_new(rows, make_sample(1, "A-1"), 0, 1, at(1));
  ASSERT_TRUE(commit_rows(rows));
  TurnWrite again, behind;
  again.partitions.push_back(next_turn(positions[0], 1, 0, at(2)));
  append_new(again.rows, make_sample(1, "A-1"), 0, 2, at(2));
  behind.partitions.push_back(next_turn(positions[0], 1, 0, at(3)));
  append_new(behind.rows, make_sample(2, "A-1"), 0, 3, at(3));
  ASSERT_TRUE(shard->send_turn(again));
  ASSERT_TRUE(shard->send_turn(behind));
  EXPECT_FAILS(Code::order_key_taken, shard->await_turn());
  EXPECT_FAILS(Code::fenced, shard->await_turn());
  const auto orders = shard->load_open_orders({0});
  ASSERT_TRUE(orders.has_value());
  EXPECT_EQ(orders->size(), 1u);
  EXPECT_EQ(database->positions()->at(0).turn, 1u);
}

TEST_F(DatabaseTest, ClaimFencesTheOwnerBefore) {
  auto other = database->open_shard();
  ASSERT_TRUE(other.has_value());
  const auto claimed = (*other)->claim({1, 0});
  ASSERT_TRUE(claimed.has_value());
  EXPECT_EQ(claimed->at(0).partition, 0);
  EXPECT_EQ(claimed->at(0).term, positions[0].term + 1);
  EXPECT_FAILS(Code::fenced, commit_rows({}));
  TurnWrite turn;
  Position owned = claimed->at(0);
  turn.partitions.push_back(next_turn(owned, 1, 0, at(1)));
  EXPECT_OK(commit(**other, turn));
}

TEST_F(DatabaseTest, TurnOfSeveralPartitionsIsAllOrNothing) {
  auto other = database->open_shard();
  ASSERT_TRUE((*other)->claim({1}).has_value());  // partition 0 stays ours
  TurnWrite turn;
  turn.partitions.push_back(next_turn(positions[1], 1, 0, at(1)));
  turn.partitions.push_back(next_turn(positions[0], 1, 0, at(1)));
  EXPECT_FAILS(Code::fenced, commit(*shard, turn));
  EXPECT_EQ(database->positions()->at(0).turn, 0u);
}

TEST_F(DatabaseTest, ChangeOfEpochFencesTurnsAndOtherWriters) {
  ASSERT_TRUE(database->set_epoch(2, true));
  EXPECT_FAILS(Code::fenced, commit_rows({}));
  auto stale = make_postgres_database({shared_cluster().cluster().connection()});
  EXPECT_FAILS(Code::fenced, stale->set_epoch(1, true));
  ASSERT_TRUE(database->set_epoch(3, false));
  auto closed = database->open_shard();
  EXPECT_FAILS(Code::fenced, (*closed)->claim({0}));
  EXPECT_FAILS(Code::fenced, database->store_crm_positions({{0, 5}}));
  ASSERT_TRUE(database->set_epoch(3, true));
  EXPECT_OK((*closed)->claim({0}));
  EXPECT_OK(database->store_crm_positions({{0, 5}}));
}

TEST_F(DatabaseTest, SameEpochAgainFencesNobody) {
  ASSERT_TRUE(database->set_epoch(1, true));
  EXPECT_OK(commit_rows({}));
}

TEST_F(DatabaseTest, UpdateOfARowThatIsNotThereIsNoticed) {
  TurnRows rows;
  append_answer(rows, make_sample(9, "A-9"), 0, 1, 2, at(1));
  EXPECT_FAILS(Code::row_broken, commit_rows(rows));
}

TEST_F(DatabaseTest, OrderKeysAreFound) {
  const Sample sample = make_sample(4, "A-1");
  TurnRows rows;
  append_new(rows, sample, 0, 1, at(1));
  ASSERT_TRUE(commit_rows(rows));
  const auto found = shard->find_order_keys({{"org1", "O4", 1, {}, 0}, {"org1", "O4", 2, {}, 0}, {"org2", "O4", 1, {}, 0}});
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().order, sample.id);
}

TEST_F(DatabaseTest, ClosedOrdersAreNotReloadedButFound) {
  const Sample sample = make_sample(1, "A-1");
  TurnRows rows;
  append_new(rows, sample, 0, 1, at(1));
  ASSERT_TRUE(commit_rows(rows));
  for (std::size_t n = 0; n < 6; ++n) {
    TurnRows answer;
    append_answer(answer, sample, 0, positions[0].turn + 1, n, at(10 + static_cast<int>(n)));
    ASSERT_TRUE(commit_rows(answer, 0, 1));
  }
  EXPECT_TRUE(shard->load_open_orders({0, 1})->empty());
  const auto loaded = shard->load_orders({sample.id});
  ASSERT_EQ(loaded->size(), 1u);
  EXPECT_EQ(loaded->front().order.state, OrderState::activated);
  EXPECT_EQ(loaded->front().plan->state, PlanState::completed);
  EXPECT_TRUE(shard->load_orders({make_sample(2, "A-1").id})->empty());
}

TEST_F(DatabaseTest, AccountsAndSystemsAreReadBack) {
  TurnRows rows;
  append_account_things(rows, "A-1", 0, make_sample(1, "A-1").id, at(1));
  rows.systems.push_back({0, "noc", false, at(1)});
  ASSERT_TRUE(commit_rows(rows));
  TurnRows later;
  append_account_things(later, "A-1", 0, make_sample(2, "A-1").id, at(2));
  later.inventory[0].state = InventoryState::ended;
  ASSERT_TRUE(commit_rows(later));
  const auto accounts = shard->load_accounts({"A-2", "A-1"});
  ASSERT_TRUE(accounts.has_value()) << accounts.error().text();
  ASSERT_EQ(accounts->size(), 2u);
  EXPECT_TRUE(accounts->at(0).inventory.empty());
  ASSERT_EQ(accounts->at(1).inventory.size(), 1u);
  const InventoryRow& row = accounts->at(1).inventory[0];
  EXPECT_EQ(row.state, InventoryState::ended);
  EXPECT_EQ(row.asset, accounts->at(1).assets.at(0).id);
  EXPECT_EQ(row.service_record, R"({"circuit":"C-77"})");
  EXPECT_EQ(row.changed_by, make_sample(2, "A-1").id);
  const auto systems = shard->load_systems({0, 1});
  ASSERT_EQ(systems->size(), 1u);
  EXPECT_FALSE(systems->front().up);
}

TEST_F(DatabaseTest, InventoryWithoutAssetNeedsAReason) {
  TurnRows rows;
  append_account_things(rows, "A-1", 0, make_sample(1, "A-1").id, at(1));
  rows.inventory[0].asset.reset();
  EXPECT_FAILS(Code::database_failed, commit_rows(rows));
}

TEST_F(DatabaseTest, CrmUpdatesAndMirrorLinesOfTurns) {
  for (int n = 0; n < 3; ++n) {
    TurnWrite turn;
    turn.partitions.push_back(next_turn(positions[0], 2, 1, at(n)));
    if (n != 1) turn.partitions[0].crm = "{\"turn\":" + std::to_string(n) + "}\n";
    ASSERT_TRUE(commit(*shard, turn));
  }
  const auto crm = shard->unpublished(0, 1);
  ASSERT_TRUE(crm.has_value());
  ASSERT_EQ(crm->size(), 1u);
  EXPECT_EQ(crm->front().first, 3u);
  const auto lines = shard->turn_lines(0, 0, 2);
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ(lines->at(1).first, 2u);
  EXPECT_NE(lines->at(1).second.find(R"("incoming":["3","5"],"completer":["2","3"])"), std::string::npos) << lines->at(1).second;
}

TEST_F(DatabaseTest, UnknownPartitionIsRefused) {
  auto other = database->open_shard();
  EXPECT_FAILS(Code::partition_unknown, (*other)->claim({0, 77}));
}

}  // namespace
}  // namespace backstitch::database
