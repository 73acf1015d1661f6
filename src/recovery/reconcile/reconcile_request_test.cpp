// The settling table where what was done is not what is wanted: another request, or another system under the same key.
#include "recovery/reconcile/reconcile.h"

#include "recovery/reconcile/reconcile_testing.h"

namespace backstitch::recovery {
namespace {

using systems::LookupState;

class SettlingRequests : public ReconcileTest {};

TEST_F(SettlingRequests, Row4NeverAdoptsTheAnswerToAnotherRequest) {
  submit("keyed");
  Named call = item("do");
  call.digest = std::string(16, 'e');
  called(call, "done");
  const Reconciled found = settle();
  expect_row(found, 4);
  expect_work(found, "E4", "amend by hand", call);
  expect_decision(found, "fatally-fail", call);
}

// A rule that chose the route wrongly: the same words under the same key, to another system.
TEST_F(SettlingRequests, Row4NeverAdoptsWhatAnotherSystemHasDone) {
  submit("keyed");
  Named call = item("do");
  call.system = "lookup";
  mark(call);
  knows(call, LookupState::done);
  const Reconciled found = settle();
  expect_row(found, 4);
  expect_work(found, "E4", "amend by hand", call);
  ASSERT_EQ(found.work.size(), 1u);
  EXPECT_NE(found.work[0].evidence.find("was done by lookup, and the item belongs to keyed"), std::string::npos)
      << found.work[0].evidence;
  expect_decision(found, "fatally-fail", call);
}

TEST_F(SettlingRequests, Row4ListsAnItemThatTheReplayCompletedByTheAnswerToAnotherRequest) {
  submit("keyed");
  Named elsewhere = item("do");
  elsewhere.system = "blind";
  called(elsewhere, "done");
  fold();
  ASSERT_EQ(state("do").state, ItemState::completed);
  Named other = item("then");
  other.digest = std::string(16, 'e');
  called(other, "done");
  fold();
  ASSERT_EQ(state("then").state, ItemState::completed);
  const Reconciled found = settle();
  EXPECT_EQ(found.rows[4], 2);
  EXPECT_TRUE(found.decisions.empty()) << "what has ended cannot be held";
  ASSERT_EQ(found.work.size(), 2u);
  for (const WorkRow& row : found.work) {
    EXPECT_EQ(row.kind, "E4");
    EXPECT_EQ(row.choices, (std::vector<std::string>{"done-by-hand", "keep"}));
  }
}

TEST_F(SettlingRequests, Row6UsesTheNextNumberWhereAnotherSystemWasToBeCalled) {
  submit("keyed");
  Named elsewhere = item("do");
  elsewhere.system = "lookup";
  mark(elsewhere);
  far->answers(404, "{}");
  const Reconciled found = settle();
  expect_row(found, 6);
  expect_decision(found, "next-call", elsewhere);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").call, 2);
}

TEST_F(SettlingRequests, Row4IsToldByWhatTheSystemSaysItExecuted) {
  submit("keyed");
  const Named call = item("do");
  mark(call);
  Named executed = call;
  executed.digest = std::string(16, 'e');
  knows(executed, LookupState::done);
  expect_row(settle(), 4);
}

}  // namespace
}  // namespace backstitch::recovery
