// Each invariant holds on what the engine writes, and finds what an intruder did.
#include <algorithm>
#include <set>

#include "stores/database/invariants/invariants.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {
namespace {

using namespace samples;

class InvariantTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    sample_ = make_sample(1, "A-1");
    TurnRows rows;
    append_new(rows, sample_, 0, 1, at(1));
    append_account_things(rows, "A-1", 0, sample_.id, at(1));
    rows.commands.push_back({CommandId{sample_.id.bits}, 0, 1, "item-command", "refused", "BS-3301", "", "ann", "", at(1)});
    ASSERT_TRUE(commit_rows(rows));
    TurnRows answer;
    append_answer(answer, sample_, 0, 2, 0, at(2));
    ASSERT_TRUE(commit_rows(answer, 0, 1));
    const std::string items =
        R"({"key":"step0"},{"key":"step1"},{"key":"step2"},{"key":"step3"},{"key":"step4"},{"key":"step5"})";
    ASSERT_TRUE(database->store_catalog_version(catalog_digest, 1, "test", at(0),
                                                R"({"plans":[{"key":"access","items":[)" + items + "]}]}"));
  }

  static inline const std::set<std::string> of_everybody = {"V-1", "V-10", "V-16", "V-17"};
  std::string item(std::size_t n) const { return "'" + uuid_text(sample_.plan.items[n].id.bits) + "'"; }

  /// An order of the same name and of the next version, with all that belongs to it.
  std::string second_version(const std::string& state) const {
    return fmt::format(
        "insert into order_key select source, source_order_id, 2, '{0}', 0 from order_key;"
        "insert into orders select '{0}', account_id, partition, '{1}', catalog_digest, created_at, changed_at from orders;"
        "insert into order_doc select '{0}', body_digest, doc, '' from order_doc",
        uuid_text(derive_order_id(at(2), "org1", sample_.source_order_id, 2).bits), state);
  }

  /// Everything holds before; after the damage this invariant, and it alone unless said, is violated.
  void expect_found(const std::string& invariant, const std::string& damage, const std::string& word) {
    const auto before = database->verify("");
    ASSERT_TRUE(before.has_value()) << before.error().text();
    EXPECT_EQ(before->size(), 11u);
    for (const Violation& held : *before) {
      EXPECT_EQ(held.count, 0) << held.invariant << " " << (held.rows.empty() ? "" : held.rows[0]);
      EXPECT_FALSE(held.title.empty());
      EXPECT_FALSE(held.owner.empty());
    }
    plain_sql(damage);
    const auto after = database->verify(invariant);
    ASSERT_TRUE(after.has_value()) << after.error().text();
    ASSERT_EQ(after->size(), 1u);
    EXPECT_GT(after->front().count, 0);
    ASSERT_FALSE(after->front().rows.empty());
    EXPECT_NE(after->front().rows[0].find(word), std::string::npos) << after->front().rows[0];
    expect_found_alone(invariant, after->front().count);
  }
  /// Looked at by account: among the rows of its own, and unless it is nobody's alone, not among another's.
  void expect_found_alone(const std::string& invariant, std::int64_t count) {
    for (const char* account : {"A-1", "A-3"}) {
      const auto own = check_invariants_of(shared_cluster().cluster().connection(), {account});
      ASSERT_TRUE(own) << own.error().text();
      ASSERT_EQ(own->size(), 11u);
      const bool seen = account == std::string("A-1") || of_everybody.contains(invariant);
      const auto one = std::find_if(own->begin(), own->end(), [&](const auto& v) { return v.invariant == invariant; });
      ASSERT_NE(one, own->end());
      EXPECT_EQ(one->count, seen ? count : 0) << account;
    }
  }

  Sample sample_;
};

TEST_F(InvariantTest, V1_ItemWithoutPlan) { expect_found("V-1", "delete from plan", "no plan"); }
TEST_F(InvariantTest, V1_PlanWithoutOrder) { expect_found("V-1", "delete from orders", "no order"); }
TEST_F(InvariantTest, V2_DependencyOnAMissingItem) {
  expect_found("V-2", "delete from item where id = " + item(3), sample_.plan.items[3].id.text());
}
TEST_F(InvariantTest, V2_ItemOfNoPlan) {
  expect_found("V-2", "update item set id = order_id(id) where id = " + item(3), "not there");
}
TEST_F(InvariantTest, V2_WaitsOutsideThePlan) {
  expect_found("V-2", R"(update order_doc set graph = replace(graph, '"waits":[4]', '"waits":[99]'))", "does not have");
}
TEST_F(InvariantTest, V2_Cycle) {
  expect_found("V-2", R"(update order_doc set graph = replace(graph, '"waits":[0]', '"waits":[0,3]'))", "waits for itself");
}
TEST_F(InvariantTest, V3_ItemBeforeItsTurn) {
  expect_found("V-3", "update item set state = 'Ready' where id = " + item(4), "Pending");
}
TEST_F(InvariantTest, V4_PlanDoneItemsNot) { expect_found("V-4", "update plan set state = 'Completed'", "Completed"); }
TEST_F(InvariantTest, V4_ItemsDonePlanNot) { expect_found("V-4", "update item set state = 'Skipped'", "InProgress"); }
TEST_F(InvariantTest, V4_ItemGone) { expect_found("V-4", "delete from item where id = " + item(5), "\"itemsThere\":5"); }
TEST_F(InvariantTest, V5_RunningForNobody) {
  expect_found("V-5", "update item set digest = null where state = 'Running'", sample_.plan.items[1].id.text());
}
TEST_F(InvariantTest, V5_RunningSinceNever) {
  expect_found("V-5", "update item set started_at = null where state = 'Running'", "noc");
}
TEST_F(InvariantTest, V6_NoSource) {
  expect_found("V-6", R"(update order_doc set graph = regexp_replace(graph, '"lines":\[1\],"rules"', '"lines":[],"rules"'))",
               "no source line");
}
TEST_F(InvariantTest, V6_RowGone) { expect_found("V-6", "delete from downstream_item", "no row"); }
TEST_F(InvariantTest, V7_UnknownDefinition) {
  expect_found("V-7", "update catalog_version set content = replace(content, 'step5', 'step9')", "access/step5");
}
TEST_F(InvariantTest, V7_VersionGone) { expect_found("V-7", "delete from catalog_version", "not stored"); }
TEST_F(InvariantTest, V8_NeitherAssetNorReason) {
  expect_found("V-8", "alter table inventory drop constraint inventory_asset_or_reason; update inventory set asset_id = null",
               "neither");
}
TEST_F(InvariantTest, V8_AssetOfAnotherAccount) { expect_found("V-8", "update asset set account_id = 'A-2'", "another account"); }
TEST_F(InvariantTest, V10_TwoVersionsRunning) { expect_found("V-10", second_version("InProgress"), "\"running\":[1,2]"); }
TEST_F(InvariantTest, V10_OneMayRunBesideThoseThatAreClosed) {
  plain_sql(second_version("Superseded"));
  EXPECT_EQ(database->verify("V-10")->front().count, 0);
  expect_found("V-10", "update orders set state = 'Frozen'", sample_.id.text());
}
TEST_F(InvariantTest, V16_OneIdForTwoNames) {
  expect_found("V-16", "insert into order_key select source, 'O2', version, order_id, salt from order_key", "2 names");
}
TEST_F(InvariantTest, V16_AnOrderWhoseNameIsForgotten) { expect_found("V-16", "delete from order_key", "forgotten"); }
TEST_F(InvariantTest, V16_ATurnStillToComeHasAnEvent) {
  expect_found("V-16", "update event set turn = 3 where turn = 2", "event of turn 3");
}
TEST_F(InvariantTest, V17_LostTurn) { expect_found("V-17", "delete from turn where turn = 1", "missing"); }
TEST_F(InvariantTest, V17_RangeSkipped) {
  expect_found("V-17", "update turn set incoming_to = 5 where turn = 1", "does not begin");
}
TEST_F(InvariantTest, V17_PositionMovedByHand) {
  expect_found("V-17", "update position set incoming = 9 where partition = 0", "last turn");
}
TEST_F(InvariantTest, V17_TwoOutcomes) {
  expect_found("V-17",
               "insert into command select last_id(id), partition, queue_offset, kind, state, code, detail, actor, subject, at "
               "from command",
               "more than one");
}
// After a recovery numbers of turns go on behind those that the mirror has seen; a record that is missing is still found.
TEST_F(InvariantTest, V17_NumbersMayLeapButRecordsMayNot) {
  plain_sql("update turn set turn = turn + 100 where turn > 1");
  plain_sql("update position set turn = turn + 200");
  const auto found = database->verify("V-17");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->front().count, 0) << found->front().rows.front();
  expect_found("V-17", "delete from turn where turn = 1", "missing");
}
TEST_F(InvariantTest, V17_LeftOutIsAnOutcomeAndTheOnlyOne) {
  plain_sql("update command set state = 'excluded', kind = 'submit'");
  EXPECT_EQ(database->verify("V-17")->front().count, 0);
  expect_found(
      "V-17",
      "insert into command select last_id(id), partition, queue_offset, kind, 'applied', code, detail, actor, subject, at "
      "from command",
      "more than one");
}
TEST_F(InvariantTest, V17_OutcomeOfNothing) { expect_found("V-17", "update command set queue_offset = 50", "no turn took"); }

// Rows without an order are nobody's: those that were written since are found whoever is asked about, and without reading the
// rest.
TEST_F(InvariantTest, V1_OfWhatWasWrittenSince) {
  const std::string connection = shared_cluster().cluster().connection();
  auto session = Connection::open(connection);
  ASSERT_TRUE(session);
  const auto count = [&](std::uint64_t moment) {
    const auto found = check_invariants_of(connection, {"A-3"}, moment);
    EXPECT_TRUE(found) << found.error().text();
    const auto one = std::find_if(found->begin(), found->end(), [](const auto& v) { return v.invariant == "V-1"; });
    return one == found->end() ? -1 : one->count;
  };
  const std::uint64_t before = moment_now(*session).value();
  EXPECT_EQ(count(before), 0);
  const std::string stray = "'" + uuid_text(make_sample(7, "A-7").plan.items[2].id.bits) + "'";
  plain_sql("insert into item select (jsonb_populate_record(i, jsonb_build_object('id', " + stray + "))).* from item i limit 1");
  EXPECT_EQ(count(before), 2) << "neither its plan nor its order is there";
  const std::uint64_t behind = moment_now(*session).value();
  EXPECT_EQ(count(behind), 0);
  EXPECT_EQ(count(0), 2);
  plain_sql("update item set attempt = attempt + 1 where id = " + stray);
  EXPECT_EQ(count(behind), 2);
  plain_sql("delete from item where id = " + stray);
  plain_sql("insert into event select (jsonb_populate_record(e, jsonb_build_object('order_id', " + stray +
            "))).* from event e limit 1");
  EXPECT_EQ(count(behind), 1);
}

TEST_F(InvariantTest, UnknownNameIsRefused) { EXPECT_FAILS(Code::usage, database->verify("V-99")); }

TEST_F(InvariantTest, RowsAreNamedByTheirIds) {
  plain_sql("update item set digest = null where state = 'Running'");
  const auto found = database->verify("V-5");
  EXPECT_NE(found->front().rows.at(0).find(sample_.id.text()), std::string::npos);
}

TEST_F(InvariantTest, AtMostTwentyRowsButAllCounted) {
  for (int n = 2; n < 32; ++n) {
    TurnRows rows;
    append_new(rows, make_sample(n, "A-2"), 0, positions[0].turn + 1, at(n));
    ASSERT_TRUE(commit_rows(rows));
  }
  plain_sql("update item set digest = null where state = 'Running'");
  const auto found = database->verify("V-5");
  EXPECT_EQ(found->front().count, 31);
  EXPECT_EQ(found->front().rows.size(), 20u);
}

}  // namespace
}  // namespace backstitch::database
