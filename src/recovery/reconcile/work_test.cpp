// The work list: rows that keep their decisions, and a table that people fill in somewhere else.
#include "recovery/reconcile/work.h"

#include <gtest/gtest.h>

#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

const Time noon{1'764'200'000'000'000};
const std::string id = "rec-1";

WorkRow row_of(const std::string& kind, const std::string& subject) {
  WorkRow row;
  row.kind = kind, row.subject = subject, row.evidence = "recorded as done, \"sure\"", row.proposal = "cancel";
  row.choices = {"cancel", "keep"}, row.settlement = R"({"decision":"adopt"})", row.account = "A-1", row.partition = 3;
  return row;
}

class WorkTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(add_work(safe, id, {row_of("E9", "eff_A.1"), row_of("E1", "eff_B.1")})); }
  std::vector<WorkRow> rows() { return load_work(safe, id).value(); }
  Code code_of(const Status& status) {
    EXPECT_FALSE(status);
    return status ? Code::usage : status.error().code;
  }
  void expect_fault(const std::string& csv, const std::string& where) {
    const std::string before = work_json(rows());
    const Status taken = decide_work_csv(safe, id, csv, noon);
    ASSERT_FALSE(taken) << csv;
    EXPECT_EQ(taken.error().code, Code::decision_invalid);
    EXPECT_TRUE(taken.error().detail.starts_with(where)) << taken.error().detail;
    EXPECT_EQ(work_json(rows()), before) << "a part of it was taken";
  }
  safe::StrictFake safe;
  const std::string first = work_id("E9", "eff_A.1"), second = work_id("E1", "eff_B.1");
};

TEST_F(WorkTest, NoListIsAnEmptyOne) { EXPECT_TRUE(load_work(safe, "rec-2").value().empty()); }

TEST_F(WorkTest, RowsComeBackWhole) {
  const auto found = rows();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, first);
  EXPECT_EQ(first.size(), 14u) << first;
  EXPECT_EQ(found[0].evidence, "recorded as done, \"sure\"");
  EXPECT_EQ(found[0].choices, (std::vector<std::string>{"cancel", "keep"}));
  EXPECT_EQ(found[0].settlement, R"({"decision":"adopt"})");
  EXPECT_EQ(found[0].account, "A-1");
  EXPECT_EQ(found[0].partition, 3);
  EXPECT_TRUE(found[0].open());
}

TEST_F(WorkTest, ARerunKeepsWhatWasDecidedAndTakesNewerEvidenceOfTheRest) {
  ASSERT_TRUE(decide_work(safe, id, first, "keep", "they need it", "ann", noon));
  WorkRow newer = row_of("E9", "eff_A.1"), other = row_of("E1", "eff_B.1");
  newer.evidence = other.evidence = "looked up again";
  ASSERT_TRUE(add_work(safe, id, {newer, other}));
  const auto found = rows();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].decision, "keep");
  EXPECT_EQ(found[0].evidence, "recorded as done, \"sure\"");
  EXPECT_EQ(found[1].evidence, "looked up again");
  const std::uint64_t writes = safe.writes();
  ASSERT_TRUE(add_work(safe, id, {newer, other}));
  EXPECT_EQ(safe.writes(), writes);
}

TEST_F(WorkTest, OnlyAChoiceOfTheRowCanBeDecidedBySomebody) {
  EXPECT_EQ(code_of(decide_work(safe, id, "w-000000000000", "keep", "", "ann", noon)), Code::work_not_found);
  EXPECT_EQ(code_of(decide_work(safe, id, first, "burn", "", "ann", noon)), Code::decision_invalid);
  EXPECT_EQ(code_of(decide_work(safe, id, first, "keep", "", "", noon)), Code::decision_invalid);
  ASSERT_TRUE(decide_work(safe, id, first, "keep", "n", "ann", noon));
  EXPECT_EQ(rows()[0].when, noon);
  ASSERT_TRUE(decide_work(safe, id, first, "", "", "ann", noon));
  EXPECT_TRUE(rows()[0].open());
  EXPECT_TRUE(rows()[0].who.empty());
}

TEST_F(WorkTest, ATableGoesOutAndComesInAgain) {
  const std::string note = "they said: \"keep it\",\nand\r\nso we do; =1+1";
  ASSERT_TRUE(decide_work(safe, id, first, "keep", note, "ann, ben", noon));
  const std::string csv = work_csv(rows());
  safe::StrictFake elsewhere;
  ASSERT_TRUE(add_work(elsewhere, id, {row_of("E9", "eff_A.1"), row_of("E1", "eff_B.1")}));
  ASSERT_TRUE(decide_work_csv(elsewhere, id, csv, noon));
  EXPECT_EQ(work_json(load_work(elsewhere, id).value()), work_json(rows()));
  ASSERT_TRUE(decide_work_csv(elsewhere, id, "\xEF\xBB\xBF" + csv, noon.plus_ms(1))) << "some programs put a mark before it";
  EXPECT_EQ(load_work(elsewhere, id).value()[0].when, noon) << "the same decision is not made anew";
}

TEST_F(WorkTest, ATableMayHaveOtherColumnsAndNoCarriageReturns) {
  ASSERT_TRUE(decide_work_csv(safe, id, "who,colour,decision,id\nann,red,cancel," + first + "\nann,red,," + second, noon));
  EXPECT_EQ(rows()[0].decision, "cancel");
  EXPECT_TRUE(rows()[1].open());
  ASSERT_TRUE(decide_work_csv(safe, id, "id,decision\r\n" + first + ",\r\n", noon));
  EXPECT_EQ(rows()[0].decision, "cancel") << "an empty cell takes nothing back";
}

TEST_F(WorkTest, AFaultyTableIsNamedByLineAndColumnAndNothingIsTaken) {
  const std::string good = first + ",cancel,,ann\n";
  expect_fault("id,note,who\n", "line 1: the head line has no decision");
  expect_fault("id,decision,note,who\n" + good + "w-1,keep,,ann\n", "line 3, id");
  expect_fault("id,decision,note,who\n" + good + second + ",burn,,ann\n", "line 3, decision");
  expect_fault("id,decision,note,who\n" + good + second + ",keep,,\n", "line 3, who");
  expect_fault("id,decision,note,who\n" + first + ",cancel,\"a\nb\",ann\n" + second + ",burn,,ann\n", "line 4, decision");
  expect_fault("id,decision,note,who\n" + good + second + ",keep,\"open,ann\n", "line 3, column 3");
  expect_fault("id,decision,note,who\n" + good + second + ",keep,\"a\"b,ann\n", "line 3, column 3");
}

TEST_F(WorkTest, AListThatIsNoneIsSaidToBe) {
  ASSERT_TRUE(safe.put("recoveries/rec-3/work.json", "[]"));
  EXPECT_EQ(load_work(safe, "rec-3").error().code, Code::json_invalid);
}

}  // namespace
}  // namespace backstitch::recovery
