// The settling table, row by row, on a real database and a real archive; decisions are folded by the real engine.
#include "recovery/reconcile/reconcile.h"

#include "recovery/reconcile/reconcile_testing.h"

namespace backstitch::recovery {
namespace {

using systems::Far;
using systems::LookupState;

class SettlingTable : public ReconcileTest {};

TEST_F(SettlingTable, NothingIsSettledWhereRowsAndAnswersAgree) {
  submit("keyed");
  called(item("do"), "done");
  fold();
  const Reconciled found = settle();
  EXPECT_EQ(found.rows[0], 1);
  EXPECT_EQ(found.rows[6], 1) << "\"then\" runs, and was never marked";
  EXPECT_EQ(found.run, 1);
  EXPECT_TRUE(found.decisions.empty() && found.work.empty());
  EXPECT_TRUE(far->arrivals().empty()) << "nobody is asked about what is known";
}

TEST_F(SettlingTable, Row1AsksNobodyWhereNobodyAnswersAndAPersonMustLook) {
  submit("blind");
  const Named call = item("do");
  mark(call);
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_decision(found, "fatally-fail", call);
  expect_work(found, "E1", "done-by-hand", call);
  EXPECT_EQ(found.asked, 0);
  EXPECT_EQ(found.fatally_failed, 1);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::fatally_failed);
}

TEST_F(SettlingTable, Row1LeavesTheSameKeyToASystemThatTakesItTwice) {
  submit("keyed");
  mark(item("do"));
  far->be(Far::Mood::drops);
  const Reconciled found = settle();
  expect_row(found, 1);
  EXPECT_EQ(found.asked, 1);
  EXPECT_EQ(found.resent, 1);
  EXPECT_TRUE(found.decisions.empty() && found.work.empty());
}

TEST_F(SettlingTable, Row1SendsNothingAgainBeyondTheLifetimeOfItsKey) {
  submit("keyed");
  const Named call = item("do");
  mark(call);
  far->be(Far::Mood::drops);
  at = at.plus_ms(20 * hour_ms);
  mark(call);  // a repetition makes no key younger
  settings.now = t0.plus_ms(25 * hour_ms);
  const Reconciled found = settle();
  expect_row(found, 1);
  EXPECT_EQ(found.resent, 0);
  expect_decision(found, "fatally-fail", call);
}

TEST_F(SettlingTable, Row1SendsAnotherRequestUnderTheSameKeyToNobody) {
  submit("keyed");
  Named call = item("do");
  call.digest = std::string(16, 'e');
  mark(call);
  far->be(Far::Mood::drops);
  const Reconciled found = settle();
  EXPECT_EQ(found.resent, 0);
  expect_decision(found, "fatally-fail", call);
}

TEST_F(SettlingTable, Row1AForgottenKeyProvesNothing) {
  submit("keyed");
  const Named call = item("do");
  mark(call);
  knows(call, LookupState::done);
  far->forgets(call.key());
  settings.now = t0.plus_ms(25 * hour_ms);
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_work(found, "E1", "done-by-hand", call);
}

TEST_F(SettlingTable, Row1NothingToBeSeenYetIsNotAbsence) {
  submit("lookup");
  const Named call = item("do");
  mark(call);
  far->answers(404, "{}");
  settings.now = at.plus_ms(100);  // it shows after 200 ms
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_decision(found, "fatally-fail", call);
}

TEST_F(SettlingTable, Row1LeavesWhatHasNotComeToItsCallToTheNormalPath) {
  submit("blind");
  mark(item("then"));
  const Reconciled found = settle();
  EXPECT_EQ(found.rows[1], 1);
  EXPECT_EQ(found.rows[6], 1) << "\"do\" runs and was never marked";
  EXPECT_TRUE(found.decisions.empty() && found.work.empty());
}

TEST_F(SettlingTable, ALostAnswerIsLookedUpAndAdopted) {
  submit("lookup");
  const Named call = item("do");
  mark(call);
  knows(call, LookupState::done);
  const Reconciled found = settle();
  expect_row(found, 3);
  expect_decision(found, "adopt", call);
  EXPECT_EQ(found.asked, 1);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::completed);
  EXPECT_EQ(backstitch::text_of(*order()->parts.items[0].values.find("b")), "looked-up");
}

TEST_F(SettlingTable, ARememberedRefusalCallsUnderTheNextNumber) {
  submit("keyed");
  const Named call = item("do");
  mark(call);
  knows(call, LookupState::failed);
  const Reconciled found = settle();
  expect_row(found, 5);
  expect_decision(found, "next-call", call);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::running);
  EXPECT_EQ(state("do").call, 2);
}

TEST_F(SettlingTable, Row2ListsWhatAnswerAndSystemSayDifferently) {
  submit("lookup");
  const Named call = item("do");
  called(call, "refused");
  mark(call, 2);
  knows(call, LookupState::done);  // recorded as refused
  const Reconciled found = settle();
  expect_row(found, 2);
  expect_decision(found, "fatally-fail", call, 2);
  ASSERT_EQ(found.work.size(), 1u);
  EXPECT_EQ(found.work[0].kind, "E2");
  EXPECT_EQ(found.work[0].proposal, "done-by-hand");
}

TEST_F(SettlingTable, Row2ListsAnEffectOfWhichOurLogKnowsNothing) {
  submit("keyed");
  const Named call = item("do");
  mark(call);
  Named foreign = ghost_of(call);
  far->knows(call.subject, {foreign.key(), LookupState::done, "d", "{}", at});
  const Reconciled found = settle();
  expect_row(found, 2);
  expect_work(found, "E2", "done-by-hand", call);
}

TEST_F(SettlingTable, Row3AdoptsAnAnswerThatCameBeforeItsItem) {
  mirrors = false;
  submit("keyed");
  const Named call = item("do");
  called(call, "done");
  fold_anew();
  ASSERT_EQ(state("do").state, ItemState::running) << "its answer was consumed before it was there";
  const Reconciled found = settle();
  expect_row(found, 3);
  expect_decision(found, "adopt", call);
  EXPECT_EQ(found.adopted, 1);
  EXPECT_EQ(found.asked, 0);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::completed);
}

TEST_F(SettlingTable, Row5CallsUnderTheNextNumberAfterARefusal) {
  submit("keyed");
  const Named call = item("do");
  called(call, "refused");
  const Reconciled found = settle();
  expect_row(found, 5);
  expect_decision(found, "next-call", call);
  EXPECT_EQ(found.run, 1);
}

TEST_F(SettlingTable, Row5HasNothingToSayWhereTheNumberHasRisenAlready) {
  submit("keyed");
  called(item("do"), "refused");
  fold();
  ASSERT_EQ(state("do").call, 2);
  const Reconciled found = settle();
  expect_row(found, 5);
  EXPECT_TRUE(found.decisions.empty());
}

TEST_F(SettlingTable, Row6CallsWhatWasProvablyNeverDone) {
  submit("lookup");
  const Named call = item("do");
  mark(call);
  far->answers(404, "{}");
  const Reconciled found = settle();
  expect_row(found, 6);
  EXPECT_EQ(found.run, 1);
  EXPECT_TRUE(found.decisions.empty() && found.work.empty());
}

TEST_F(SettlingTable, Row7NotesWhatIsUndoneAndWantedByNobody) {
  const Named call = ghost("keyed");
  called(call, "refused");
  const Reconciled found = settle();
  expect_row(found, 7);
  expect_decision(found, "note", call);
  EXPECT_TRUE(found.work.empty());
}

TEST_F(SettlingTable, Row8AdoptsUnderTheItemThatWantsTheSameNow) {
  submit("keyed");
  const Named now = item("do"), before = ghost_of(now);
  called(before, "done");
  const Reconciled found = settle();
  expect_row(found, 8);
  ASSERT_EQ(found.decisions.size(), 1u);
  EXPECT_EQ(text_of(found.decisions[0], "decision"), "adopt");
  EXPECT_EQ(text_of(found.decisions[0], "itemId"), now.item.text());
  EXPECT_EQ(text_of(found.decisions[0], "effectKey"), before.key());
  EXPECT_EQ(found.run, 0) << "it is not called";
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::completed);
}

TEST_F(SettlingTable, Row8HoldsTheItemThatWantsSomethingElseOfTheSame) {
  submit("keyed");
  const Named now = item("do");
  Named before = ghost_of(now);
  before.digest = std::string(16, 'e');
  called(before, "done");
  const Reconciled found = settle();
  expect_row(found, 8);
  expect_work(found, "E8", "adopt", before);
  ASSERT_EQ(found.decisions.size(), 1u);
  EXPECT_EQ(text_of(found.decisions[0], "decision"), "fatally-fail");
  EXPECT_EQ(text_of(found.decisions[0], "itemId"), now.item.text());
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::fatally_failed) << "row 6 waits until row 8 is decided";
}

TEST_F(SettlingTable, Row8HoldsAnItemThatHasNotComeToItsCallYet) {
  submit("keyed");
  const auto work = order();
  ASSERT_EQ(work->plan.items.at(1).item, "then");
  const PlanItem& planned = work->plan.items[1];
  const Named then{planned.id, planned.effect, business_subject(*work, 1), "keyed", std::string(16, 'e')};
  const Named before = ghost_of(then);
  called(before, "done");
  const Reconciled found = settle();
  EXPECT_EQ(found.rows[8], 1);
  expect_work(found, "E8", "adopt", before);
  ASSERT_EQ(found.decisions.size(), 1u);
  EXPECT_EQ(text_of(found.decisions[0], "itemId"), then.item.text());
  carry_out_decisions(found);
  EXPECT_EQ(state("then").state, ItemState::fatally_failed);
  called(item("do"), "done"), fold();
  EXPECT_EQ(state("do").state, ItemState::completed);
  EXPECT_EQ(state("then").state, ItemState::fatally_failed) << "its turn has come, and a person has not decided yet";
}

TEST_F(SettlingTable, Row9ProposesToCancelWhatTheSystemStillHas) {
  const Named call = ghost("keyed");
  called(call, "done");
  knows(call, LookupState::done);
  const Reconciled found = settle();
  expect_row(found, 9);
  expect_work(found, "E9", "cancel", call);
  EXPECT_EQ(found.work[0].choices, (std::vector<std::string>{"cancel", "keep", "done-by-hand"}));
  EXPECT_TRUE(found.decisions.empty()) << "executed after resume, when somebody has decided";
}

TEST_F(SettlingTable, Row9IsForAPersonWhereNothingCanBeTakenBack) {
  for (const char* system : {"lookup", "blind"}) {
    const Named call = ghost(system);
    called(call, "done");
  }
  far->be(Far::Mood::gone);
  const Reconciled found = settle();
  EXPECT_EQ(found.rows[9], 2);
  EXPECT_EQ(found.asked, 1) << "who is blind is not asked";
  for (const WorkRow& row : found.work) EXPECT_EQ(row.proposal, "done-by-hand");
}

TEST_F(SettlingTable, Row9IsRow2WhereTheSystemSaysItWasNeverDone) {
  const Named call = ghost("keyed");
  called(call, "done");
  far->answers(404, "{}");
  const Reconciled found = settle();
  expect_row(found, 2);
  expect_work(found, "E2", "done-by-hand", call);
}

}  // namespace
}  // namespace backstitch::recovery
