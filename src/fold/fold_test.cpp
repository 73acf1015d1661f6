// The loop from records to rows on a shard in memory that is stricter than PostgreSQL: what a fold is given back after a restart,
// what it refuses, and that turns may be cut anywhere.
#include "fold/fold.h"

#include <gtest/gtest.h>

#include "rules/fixture.h"
#include "stores/database/strict_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch {
namespace {

class FoldTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto catalog = library.store(fixture::catalog_text("mini"));
    ASSERT_TRUE(catalog) << catalog.error().text();
    digest = (*catalog)->digest;
    records.push_back(
        record("incoming.catalog-activate/1", R"({"commandId":"cmd_00000000000000000000000001","digest":")" + digest + "\"}"));
    open(truth);
  }

  void open(database::FakeTruth& on) {
    fold.reset();
    shard = on.open_shard();
    const auto positions = shard->claim({0});
    ASSERT_TRUE(positions) << positions.error().text();
    fold = std::make_unique<Fold>(EngineSettings(), library, *shard, [this] { return before_load ? before_load() : Status(); });
    const Status opened = fold->open(*positions);
    ASSERT_TRUE(opened) << opened.error().text();
  }

  InputRecord record(const std::string& schema, const std::string& value) {
    const Log log = schema.starts_with("completer") ? Log::completer : Log::incoming;
    return {log, 0, ++offsets[static_cast<int>(log)], Time{1'700'000'000'000'000 + ++ticks * 1000}, "A-1", schema, "{}", value};
  }
  InputRecord submit(const std::string& id, const std::string& items) {
    return record("incoming.submit/1",
                  R"({"source":"org1","sourceOrderId":")" + id + R"(","accountId":"A-1","items":[)" + items + "]}");
  }

  /// Folds and commits.
  FoldedTurn turn(const std::vector<InputRecord>& inputs) {
    auto folded = fold->turn(inputs);
    EXPECT_TRUE(folded) << folded.error().text();
    if (!folded) return {};
    const Status sent = shard->send_turn(folded->write);
    EXPECT_TRUE(sent) << sent.error().text();
    const Status committed = shard->await_turn();
    EXPECT_TRUE(committed) << committed.error().text();
    return std::move(*folded);
  }

  /// Everything that systems and people do until nothing is in the air: each task is answered, each manual task is done.
  std::vector<InputRecord> answers_to(const Effects& effects) {
    std::vector<InputRecord> out;
    for (const Task& task : effects.tasks)
      out.push_back(record("completer.answer/1",
                           fmt::format(R"({{"effectKey":"{}","itemId":"{}","outcome":"done","response":{{"circuitId":"C-{}"}}}})",
                                       task.key.text(), task.item.text(), ticks)));
    return out;
  }

  static constexpr const char* fiber =
      R"({"lineId":"1","product":"FIBER","action":"Add","assetRef":"F1","attributes":{"speed":500}})";

  safe::StrictFake safe;
  CatalogLibrary library{safe};
  database::FakeTruth truth{1};
  std::unique_ptr<database::Shard> shard;
  std::unique_ptr<Fold> fold;
  std::function<Status()> before_load;
  std::string digest;
  std::vector<InputRecord> records;  // the activation
  std::uint64_t offsets[2] = {0, 0};
  std::int64_t ticks = 0;
};

TEST_F(FoldTest, ATurnCarriesRowsPositionsAndTheChain) {
  records.push_back(submit("O1", fiber));
  const FoldedTurn folded = turn(records);
  ASSERT_EQ(folded.write.partitions.size(), 1u);
  const database::PartitionTurn& part = folded.write.partitions[0];
  EXPECT_EQ(part.after.turn, 1u);
  EXPECT_EQ(part.incoming_from, 1u);
  EXPECT_EQ(part.after.incoming, 3u);
  EXPECT_EQ(part.after.completer, 1u);
  EXPECT_EQ(part.inputs, 2);
  EXPECT_EQ(part.at, records.back().at);
  EXPECT_EQ(part.after.catalog_digest, digest);
  EXPECT_NE(part.after.decision_digest, 0u);
  EXPECT_NE(part.crm.find("\"state\":\"InProgress\""), std::string::npos);
  EXPECT_EQ(folded.write.rows.orders.size(), 1u);
  EXPECT_EQ(folded.effects.tasks.size(), 1u);
  EXPECT_EQ(fold->open_orders(), 1u);
}

TEST_F(FoldTest, AfterARestartTheSameIsDecided) {
  const FoldedTurn first = turn({records[0], submit("O1", fiber)});
  open(truth);
  EXPECT_EQ(fold->open_orders(), 1u);
  const Effects again = fold->rederive();
  ASSERT_EQ(again.tasks.size(), 1u);
  EXPECT_EQ(again.tasks[0].key, first.effects.tasks[0].key);
  const FoldedTurn second = turn(answers_to(again));
  ASSERT_EQ(second.effects.tasks.size(), 1u) << "the line is tested next";
  EXPECT_EQ(second.effects.tasks[0].implementation, "echo");
  turn(answers_to(second.effects));
  EXPECT_EQ(fold->open_orders(), 0u);
}

TEST_F(FoldTest, AnOrderThatHasEndedIsLoadedForALateAnswerAndLeavesAgain) {
  const FoldedTurn first = turn({records[0], submit("O1", fiber)});
  const FoldedTurn second = turn(answers_to(first.effects));
  turn(answers_to(second.effects));
  int loads = 0;
  before_load = [&] { return ++loads, Status(); };
  const FoldedTurn late = turn(answers_to(first.effects));
  EXPECT_GT(loads, 0) << "turns in flight are committed before the database is read";
  ASSERT_EQ(late.write.rows.events.size(), 1u);
  EXPECT_NE(late.write.rows.events[0].data.find("AnswerNotNeeded"), std::string::npos);
  turn({record("completer.due/1",
               fmt::format(R"({{"itemId":"{}","timer":"retry","dueUs":1}})", first.effects.tasks[0].item.text()))});
  EXPECT_EQ(fold->open_orders(), 0u);
}

TEST_F(FoldTest, TheAccountIsReadBeforeAChangeIsDecided) {
  const FoldedTurn first = turn({records[0], submit("O1", fiber)});
  const FoldedTurn second = turn(answers_to(first.effects));
  turn(answers_to(second.effects));
  open(truth);
  const FoldedTurn change =
      turn({submit("O2", R"({"lineId":"1","product":"FIBER","action":"Change","assetRef":"F1","attributes":{"speed":1000}})")});
  ASSERT_EQ(change.write.rows.orders.size(), 1u);
  EXPECT_EQ(change.write.rows.orders[0].state, OrderState::in_progress) << "what O1 brought is there to change";
  EXPECT_EQ(change.effects.tasks.size(), 1u);
}

TEST_F(FoldTest, ATakenOrderIdVoidsTheTurnAndIsDecidedAgainWithALookUp) {
  const InputRecord first = submit("O1", fiber);
  const FoldedTurn folded = turn({records[0], first});
  const FoldedTurn second = turn(answers_to(folded.effects));
  turn(answers_to(second.effects));
  InputRecord again = first;
  again.offset = ++offsets[1], again.at = again.at.plus_ms(1'000);
  const auto blind = fold->turn({again});
  ASSERT_TRUE(blind) << blind.error().text();
  ASSERT_TRUE(shard->send_turn(blind->write));
  const Status committed = shard->await_turn();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, Code::order_key_taken);
  open(truth);
  fold->look_up_order_keys(true);
  const FoldedTurn seen = turn({again});
  ASSERT_EQ(seen.write.rows.commands.size(), 1u);
  EXPECT_EQ(seen.write.rows.commands[0].state, "duplicate");
}

TEST_F(FoldTest, ANewerSchemaStopsThePartitionInWords) {
  const auto stopped = fold->turn({records[0], record("incoming.submit/9", "{}")});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::schema_unknown);
  EXPECT_NE(stopped.error().detail.find("incoming.submit/9"), std::string::npos);
}

TEST_F(FoldTest, ACatalogThatIsNowhereIsRefusedInWriting) {
  const FoldedTurn folded = turn({records[0], record("incoming.catalog-activate/1",
                                                     R"({"commandId":"cmd_00000000000000000000000002","digest":"nowhere"})")});
  ASSERT_EQ(folded.write.rows.commands.size(), 2u);
  EXPECT_EQ(folded.write.rows.commands[1].code, code_text(Code::catalog_version_missing));
}

TEST_F(FoldTest, ACatalogThatIsDamagedStopsTheTurn) {
  ASSERT_TRUE(safe.put("catalogs/damaged", fixture::catalog_text("mini")));
  const auto stopped = fold->turn({records[0], record("incoming.catalog-activate/1",
                                                      R"({"commandId":"cmd_00000000000000000000000002","digest":"damaged"})")});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::checksum_mismatch);
}

TEST(FoldDeathTest, ARecordThatIsSkippedIsADefect) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  safe::StrictFake safe;
  CatalogLibrary library(safe);
  database::FakeTruth truth(1);
  const auto shard = truth.open_shard();
  Fold fold({}, library, *shard, [] { return Status(); });
  ASSERT_TRUE(fold.open(*shard->claim({0})));
  EXPECT_DEATH(static_cast<void>(fold.turn({{Log::incoming, 0, 2, Time{1}, "A-1", "incoming.freeze/1", "{}", "{}"}})),
               "without a gap");
}

}  // namespace
}  // namespace backstitch
