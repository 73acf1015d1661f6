// What recoveries have settled about single records: left out, or not trusted.
#include <algorithm>

#include "fold/testing.h"

namespace backstitch {
namespace {

using testing::FoldTest;

TEST_F(FoldTest, WhatIsLeftOutIsConsumedAndDecidesOnlyThat) {
  const InputRecord poison = submit("O1", fiber), kept = submit("O2", R"({"lineId":"1","product":"FIBER","action":"Add",)"
                                                                      R"("assetRef":"F2","attributes":{"speed":500}})");
  const InputRecord newer = record("incoming.submit/9", "broken");
  fold->exclude({{{0, poison.offset}, "ordered by mistake"}, {{0, newer.offset}, "nobody can read it"}});
  const FoldedTurn folded = turn({records[0], poison, kept, newer});
  ASSERT_EQ(folded.write.rows.orders.size(), 1u) << "one that stays";
  ASSERT_EQ(folded.write.rows.commands.size(), 3u);
  const CommandRow& row = folded.write.rows.commands[1];
  EXPECT_EQ(row.kind, "submit");
  EXPECT_EQ(row.state, "excluded");
  EXPECT_EQ(row.code, code_text(Code::excluded));
  EXPECT_EQ(row.detail, "ordered by mistake");
  EXPECT_EQ(row.subject, "org1/O1");
  EXPECT_EQ(row.offset, poison.offset);
  EXPECT_EQ(folded.write.rows.commands[2].detail, "nobody can read it");
  EXPECT_EQ(folded.write.partitions[0].after.incoming, 5u);
  const auto rejected = std::count_if(folded.effects.crm.begin(), folded.effects.crm.end(), [](const CrmUpdate& update) {
    return update.body.find(R"("sourceOrderId":"O1","orderVersion":1,"state":"Rejected")") != std::string::npos;
  });
  EXPECT_EQ(rejected, 1) << "its submitter is told";
}

TEST_F(FoldTest, ALeftOutCatalogLeavesTheOldOneActive) {
  const auto later = library.store(fixture::catalog_text("bench"));
  ASSERT_TRUE(later) << later.error().text();
  const InputRecord tainted = record("incoming.catalog-activate/1",
                                     R"({"commandId":"cmd_00000000000000000000000002","digest":")" + (*later)->digest + "\"}");
  fold->exclude({{{0, tainted.offset}, "a wrong plan"}});
  const FoldedTurn folded = turn({records[0], tainted});
  EXPECT_EQ(folded.write.partitions[0].after.catalog_digest, digest);
  EXPECT_EQ(folded.write.rows.commands[1].subject, (*later)->digest);
}

TEST_F(FoldTest, ALeftOutRepetitionRejectsNobodysOrder) {
  const InputRecord first = submit("O1", fiber);
  const FoldedTurn begun = turn({records[0], first});
  turn(answers_to(turn(answers_to(begun.effects)).effects));
  ASSERT_EQ(fold->open_orders(), 0u) << "it stands in the rows only";
  InputRecord again = first;
  again.offset = ++offsets[1], again.at = again.at.plus_ms(1'000);
  fold->exclude({{{0, again.offset}, "came twice"}});
  const FoldedTurn folded = turn({again});
  ASSERT_EQ(folded.write.rows.commands.size(), 1u);
  EXPECT_EQ(folded.write.rows.commands[0].state, "excluded");
  EXPECT_TRUE(folded.effects.crm.empty());
}

// Policy fatally-fail: in the ranges that a recovery distrusts, an answer completes nothing.
TEST_F(FoldTest, ADistrustedAnswerMakesItsItemFatallyFailed) {
  const FoldedTurn first = turn({records[0], submit("O1", fiber)});
  const auto answers = answers_to(first.effects);
  ASSERT_EQ(answers.size(), 1u);
  fold->distrust({{0, {{answers[0].offset, answers[0].offset + 1}}}});
  const FoldedTurn folded = turn(answers);
  EXPECT_TRUE(folded.effects.tasks.empty()) << "nothing goes on from it";
  ASSERT_EQ(folded.write.rows.items.size(), 1u);
  EXPECT_EQ(folded.write.rows.items[0].state, ItemState::fatally_failed);
  EXPECT_TRUE(folded.write.rows.items[0].error.starts_with(code_text(Code::restored)));
}

TEST_F(FoldTest, ADistrustedMarkIsEnoughAndBehindTheRangeAllIsAsEver) {
  const FoldedTurn first = turn({records[0], submit("O1", fiber)});
  const Task task = first.effects.tasks.at(0);
  const InputRecord mark = record(
      "completer.mark/1", fmt::format(R"({{"effectKey":"{}","itemId":"{}","epoch":1}})", task.key.text(), task.item.text()));
  fold->distrust({{0, {{mark.offset, mark.offset + 1}}}});
  const FoldedTurn marked = turn({mark});
  ASSERT_EQ(marked.write.rows.items.size(), 1u);
  EXPECT_EQ(marked.write.rows.items[0].state, ItemState::fatally_failed);
  const FoldedTurn again =
      turn({record("incoming.item-command/1", fmt::format(R"({{"commandId":"cmd_00000000000000000000000003","itemId":"{}",)"
                                                          R"("command":"retry","actor":"ann"}})",
                                                          task.item.text()))});
  ASSERT_EQ(again.effects.tasks.size(), 1u);
  EXPECT_EQ(again.effects.tasks[0].key, task.key) << "under the same number: the answer index is asked first";
  EXPECT_EQ(turn(answers_to(again.effects)).effects.tasks.size(), 1u) << "the next item's";
}

}  // namespace
}  // namespace backstitch
