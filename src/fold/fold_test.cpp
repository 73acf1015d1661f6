// The loop from records to rows on a shard in memory that is stricter than PostgreSQL: what a fold is given back after a restart,
// what it refuses, and that turns may be cut anywhere.
#include "fold/testing.h"

namespace backstitch {
namespace {

using testing::FoldTest;

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

// The later of two orders that share the 80 bits of an id gets one of its own, whether the first still runs or has ended.
TEST_F(FoldTest, TwoOrdersThatShareTheBitsOfAnIdBothLive) {
  const auto [one, two] = fixture::source_ids_of_one_order_id("org1");
  auto at_once = [&](const std::string& id) {
    return record("incoming.submit/1",
                  fmt::format(R"({{"source":"org1","sourceOrderId":"{}","accountId":"A-1","requestedAt":"2026-11-23T05:21:00Z",)"
                              R"("items":[{{"lineId":"1","product":"FIBER","action":"Add","assetRef":"{}",)"
                              R"("attributes":{{"speed":500}}}}]}})",
                              id, id));
  };
  const InputRecord first = at_once(one), second = at_once(two);
  const FoldedTurn together = turn({records[0], first, second});
  ASSERT_EQ(together.write.rows.orders.size(), 2u);
  EXPECT_NE(together.write.rows.orders[0].id, together.write.rows.orders[1].id);

  database::FakeTruth again{1};
  open(again);
  const FoldedTurn begun = turn({records[0], first});
  turn(answers_to(turn(answers_to(begun.effects)).effects));
  ASSERT_EQ(fold->open_orders(), 0u) << "it has ended, and is in the rows only";
  const auto blind = fold->turn({second});
  ASSERT_TRUE(blind) << blind.error().text();
  ASSERT_TRUE(shard->send_turn(blind->write));
  const Status committed = shard->await_turn();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, Code::order_key_taken);
  open(again);
  fold->look_up_order_keys(true);
  const FoldedTurn seen = turn({second});
  ASSERT_EQ(seen.write.rows.orders.size(), 1u);
  EXPECT_EQ(seen.write.rows.orders[0].state, OrderState::in_progress);
  EXPECT_NE(seen.write.rows.orders[0].id, begun.write.rows.orders[0].id);
  const auto& keys = together.write.rows.order_keys;
  ASSERT_EQ(keys.size(), 2u);
  ASSERT_EQ(seen.write.rows.order_keys.size(), 1u);
  EXPECT_EQ(seen.write.rows.order_keys[0].order,
            std::max(keys[0], keys[1], [](auto& a, auto& b) { return a.salt < b.salt; }).order)
      << "whatever was in memory, the same id is derived";
}

// What PostgreSQL could not hold live is refused by every later fold, from the evidence.
TEST_F(FoldTest, ARecordWithARefusalIsRefusedWhateverItSays) {
  const InputRecord culprit = submit("O1", fiber), other = submit("O2", R"({"lineId":"1","product":"FIBER","action":"Add",)"
                                                                        R"("assetRef":"F2","attributes":{"speed":500}})");
  ASSERT_TRUE(keep_refusal(safe, culprit, {Code::database_failed, "a row too long\nDETAIL: by far", {}}));
  const Status twice = keep_refusal(safe, culprit, {Code::database_failed, "another text", {}});
  ASSERT_FALSE(twice);
  auto refusals = load_refusals(safe);
  ASSERT_TRUE(refusals) << refusals.error().text();
  fold->refuse(*refusals);
  const FoldedTurn folded = turn({records[0], culprit, other});
  ASSERT_EQ(folded.write.rows.orders.size(), 1u);
  ASSERT_FALSE(folded.write.rows.commands.empty());
  const CommandRow& refused = folded.write.rows.commands[1];
  EXPECT_EQ(refused.offset, culprit.offset);
  EXPECT_EQ(refused.state, "refused");
  EXPECT_EQ(refused.code, code_text(Code::database_failed));
  EXPECT_EQ(refused.detail, "PostgreSQL cannot hold what it says: a row too long");
}

TEST_F(FoldTest, ARefusalIsOfOneContentOnly) {
  InputRecord culprit = submit("O1", fiber);
  ASSERT_TRUE(keep_refusal(safe, culprit, {Code::database_failed, "a row too long", {}}));
  fold->refuse(*load_refusals(safe));
  culprit.value += " ";
  const auto folded = fold->turn({records[0], culprit});
  ASSERT_FALSE(folded);
  EXPECT_EQ(folded.error().code, Code::checksum_mismatch);
  ASSERT_TRUE(safe.put("unwritable/incoming-0-9.json", "{}"));
  const auto refusals = load_refusals(safe);
  ASSERT_FALSE(refusals);
  EXPECT_EQ(refusals.error().code, Code::json_invalid);
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

std::string repair_of(std::uint64_t compared, std::uint64_t corrected) {
  return fmt::format(
      R"({{"commandId":"cmd_00000000000000000000000007","accountId":"A-1","actor":"ann","reason":"r","plan":"rep-1",)"
      R"("compared":"{:016x}","corrected":"{:016x}","rows":{{}},"taken":{{}}}})",
      compared, corrected);
}

TEST_F(FoldTest, ARepairIsDecidedUponTheRowsThatAreCommitted) {
  turn({records[0], submit("O1", fiber)});
  const std::uint64_t stands = *shard->account_digest("A-1");
  int loads = 0;
  before_load = [&] { return ++loads, Status(); };
  const FoldedTurn moved = turn({record("incoming.account-repair/1", repair_of(stands + 1, stands + 2))});
  EXPECT_GE(loads, 1) << "turns in flight are waited for";
  ASSERT_EQ(moved.write.rows.commands.size(), 1u);
  EXPECT_EQ(moved.write.rows.commands[0].code, code_text(Code::repair_moved));
  const FoldedTurn right = turn({record("incoming.account-repair/1", repair_of(stands + 1, stands))});
  ASSERT_EQ(right.write.rows.commands.size(), 1u);
  EXPECT_EQ(right.write.rows.commands[0].state, "applied");
  EXPECT_EQ(*shard->account_digest("A-1"), stands);
}

TEST_F(FoldTest, ARecordThatStandsAloneComesAlone) {
  const auto at = [](Log log, Partition partition, std::uint64_t offset, bool repair = false) {
    return InputRecord{log, partition, offset, Time{1}, "A-1", repair ? "incoming.account-repair/1" : "x/1", "{}", "{}"};
  };
  const auto cut = [](std::vector<InputRecord> batch, std::size_t first) {
    let_stand_alone(batch, first);
    std::string out;
    for (const InputRecord& record : batch)
      out += fmt::format("{}{}.{} ", record.log == Log::completer ? "c" : "i", record.partition, record.offset);
    return out;
  };
  const InputRecord other = at(Log::incoming, 0, 1);
  EXPECT_EQ(cut({other, at(Log::completer, 1, 1), at(Log::incoming, 1, 1)}, 1), "i0.1 c1.1 i1.1 ") << "nothing stands alone";
  EXPECT_EQ(cut({other, at(Log::incoming, 1, 1), at(Log::incoming, 1, 2, true), at(Log::incoming, 1, 3)}, 1), "i0.1 i1.1 ");
  EXPECT_EQ(cut({other, at(Log::incoming, 1, 2, true), at(Log::incoming, 1, 3)}, 1), "i0.1 i1.2 ");
  EXPECT_EQ(cut({other, at(Log::completer, 1, 1), at(Log::incoming, 1, 2, true), at(Log::incoming, 1, 3, true)}, 1), "i0.1 i1.2 ")
      << "answers that keep coming do not keep it waiting";
  EXPECT_EQ(cut({at(Log::incoming, 0, 1, true), at(Log::incoming, 1, 2, true)}, 1), "i0.1 i1.2 ") << "each in its own partition";
}

TEST(FoldDeathTest, ARecordThatIsTakenTwiceIsADefect) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  safe::StrictFake safe;
  CatalogLibrary library(safe);
  database::FakeTruth truth(1);
  const auto shard = truth.open_shard();
  Fold fold({}, library, *shard, [] { return Status(); });
  ASSERT_TRUE(fold.open(*shard->claim({0})));
  const InputRecord second{Log::incoming, 0, 2, Time{1}, "A-1", "incoming.freeze/1", "{}", "{}"};
  EXPECT_DEATH(static_cast<void>(fold.turn({second, second})), "in order, each once");
  const InputRecord repair{Log::incoming, 0, 1, Time{1}, "A-1", "incoming.account-repair/1", "{}", "{}"};
  EXPECT_DEATH(static_cast<void>(fold.turn({repair, {Log::incoming, 0, 2, Time{1}, "A-1", "incoming.freeze/1", "{}", "{}"}})),
               "decided upon what is committed");
}

}  // namespace
}  // namespace backstitch
