// Settling beyond the table's single rows: what is evidence and what is not, the policy fatally-fail, systems that went back too.
#include "recovery/reconcile/reconcile_testing.h"

namespace backstitch::recovery {
namespace {

using systems::Far;
using systems::LookupState;

class Settling : public ReconcileTest {};

TEST_F(Settling, FatallyFailAdoptsNothingAndAsksNobody) {
  settings.policy = Policy::fatally_fail;
  submit("keyed", "O1"), submit("lookup", "O2"), submit("blind", "O3"), submit("blind", "O4");
  const Named done = item("do", "O1"), marked = item("do", "O2"), refused = item("do", "O3");
  called(done, "done"), mark(marked), called(refused, "refused");
  const Named gone = ghost("keyed");
  called(gone, "done");
  const Reconciled found = settle();
  EXPECT_TRUE(far->arrivals().empty());
  EXPECT_EQ(found.fatally_failed, 3);
  EXPECT_EQ(found.adopted, 0);
  EXPECT_EQ(found.rows[6], 1) << "nothing was ever recorded of O4: it is called";
  std::set<std::string> items;
  for (const Decision& decision : found.decisions) {
    EXPECT_EQ(text_of(decision, "decision"), "fatally-fail");
    items.insert(text_of(decision, "itemId"));
  }
  EXPECT_EQ(items, (std::set<std::string>{done.item.text(), marked.item.text(), refused.item.text()}));
  expect_work(found, "E9", "done-by-hand", gone);
}

TEST_F(Settling, FatallyFailHoldsTheItemThatWantsWhatWasDoneUnderAnotherKey) {
  settings.policy = Policy::fatally_fail;
  submit("keyed");
  const Named before = ghost_of(item("do"));
  called(before, "done");
  const Reconciled found = settle();
  expect_row(found, 8);
  expect_work(found, "E8", "adopt", before);
  ASSERT_EQ(found.decisions.size(), 1u);
  EXPECT_EQ(text_of(found.decisions[0], "decision"), "fatally-fail");
}

TEST_F(Settling, FatallyFailLetsAnItemGoOnWhoseNextCallNobodyMade) {
  settings.policy = Policy::fatally_fail;
  submit("keyed");
  called(item("do"), "refused");
  fold();
  const Reconciled found = settle();
  expect_row(found, 5);
  EXPECT_TRUE(found.decisions.empty());
}

TEST_F(Settling, WhatARewoundSystemAnsweredIsUnknown) {
  submit("keyed");
  const Named call = item("do");
  called(call, "done");
  far->answers(404, "{}");
  settings.rewound["keyed"] = t0;
  const Reconciled found = settle();
  EXPECT_EQ(found.asked, 1);
  expect_row(found, 6);
  expect_decision(found, "next-call", call);  // under the same key the answer index would give the record
}

TEST_F(Settling, WhatARewoundSystemStillHasIsAdopted) {
  submit("keyed");
  const Named call = item("do");
  called(call, "done");
  knows(call, LookupState::done);
  settings.rewound["keyed"] = t0;
  const Reconciled found = settle();
  EXPECT_EQ(found.asked, 1);
  expect_row(found, 3);
}

TEST_F(Settling, OfARewoundSystemThatTellsNothingAPersonIsAsked) {
  submit("blind");
  const Named call = item("do");
  called(call, "done");
  settings.rewound["blind"] = t0;
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_work(found, "E1", "done-by-hand", call);
  expect_decision(found, "fatally-fail", call);
}

// The record would be adopted by the same key, sent again or found running.
TEST_F(Settling, AKeyWhoseRecordNobodyBelievesIsNotSentAgain) {
  submit("keyed");
  const Named call = item("do");
  called(call, "done");
  ask = false;
  settings.rewound["keyed"] = t0, settings.now = at;
  const Reconciled found = settle();
  EXPECT_EQ(found.resent, 0);
  expect_work(found, "E1", "done-by-hand", call);
}

TEST_F(Settling, WhatARewoundSystemHasForgottenIsNotLeftToAnItemThatHasYetToComeToIt) {
  submit("keyed");
  const Named later = item("then");
  called(later, "done");
  far->answers(404, "{}");
  settings.rewound["keyed"] = t0;
  const Reconciled found = settle();
  EXPECT_EQ(found.rows[2], 1);
  expect_work(found, "E2", "done-by-hand", later);
}

// Only the system that the call went to was restored, whatever is called now.
TEST_F(Settling, AnotherSystemsRewindIsNoneOfThisCalls) {
  submit("keyed");
  called(item("do"), "done");
  settings.rewound["lookup"] = t0;
  expect_row(settle(), 3);
}

TEST_F(Settling, ACompletedItemWhoseSystemHasForgottenItIsListed) {
  submit("keyed");
  const Named call = item("do");
  called(call, "done");
  fold();
  ASSERT_EQ(state("do").state, ItemState::completed);
  far->answers(404, "{}");
  settings.rewound["keyed"] = t0;
  const Reconciled found = settle();
  EXPECT_EQ(found.rows[2], 1);
  expect_work(found, "E2", "done-by-hand", call);
  EXPECT_TRUE(found.decisions.empty()) << "what is Completed is not undone behind anybody's back";
}

TEST_F(Settling, WhatASystemAnsweredBeforeItWasRewoundStands) {
  submit("keyed");
  const Named call = item("do");
  called(call, "done");
  settings.rewound["keyed"] = at;
  expect_row(settle(), 3);
}

TEST_F(Settling, TheOrderOfAnswersDoesNotMatterToWhatWasDone) {
  submit("keyed");
  const Named call = item("do");
  mark(call), mark(call, 2), answer(call, "done", 2), answer(call, "refused", 1);
  const Reconciled found = settle();
  expect_row(found, 3);
  expect_decision(found, "adopt", call, 2);
}

TEST_F(Settling, NotTakenSaysNothingOfAnEarlierAttempt) {
  submit("lookup");
  const Named call = item("do");
  mark(call), mark(call), answer(call, "not-taken");
  knows(call, LookupState::done);
  const Reconciled found = settle();
  EXPECT_EQ(found.asked, 1);
  expect_row(found, 3);
}

TEST_F(Settling, NotTakenAloneIsProof) {
  submit("blind");
  called(item("do"), "not-taken");
  const Reconciled found = settle();
  expect_row(found, 6);
  EXPECT_TRUE(found.decisions.empty());
}

TEST_F(Settling, ARepeatedAnswerIsNoSecondOne) {
  submit("keyed");
  const Named call = item("do");
  called(call, "refused");
  answer(call, "done", 1, R"({"bs-adopted":true})");
  expect_row(settle(), 5);
}

TEST_F(Settling, AMarkBehindTheSealIsNobodysRight) {
  submit("blind");
  called(item("do"), "not-taken");
  append("completer", "completer.seal/1", R"({"epoch":2,"recovery":"rec-1"})");
  settings.seals = {{partition, {{offsets["completer"], 2}}}};
  mark(item("do"));
  expect_row(settle(), 6);
  append("completer", "completer.seal/1", R"({"epoch":4,"recovery":"rec-2"})");
  settings.seals[partition].push_back({offsets["completer"], 4});
  expect_row(settle(), 6);
}

TEST_F(Settling, WhatWasSettledBeforeTheWindowIsLeftOut) {
  called(ghost("keyed"), "refused");
  mark(ghost("blind"));
  settings.since = at;
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_work(found, "E1", "done-by-hand", ghost("blind"));
}

TEST_F(Settling, AnEffectThatAnEarlierRecoveryCancelledIsUndone) {
  const Named call = ghost("keyed");
  called(call, "done");
  WorkRow row;
  row.kind = "E9", row.subject = call.key(), row.choices = {"cancel"};
  ASSERT_TRUE(add_work(safe, "rec-0", {row}));
  const std::string id = work_id("E9", call.key());
  ASSERT_TRUE(decide_work(safe, "rec-0", id, "cancel", "", "ann", at));
  EXPECT_EQ(settle().rows[7], 0) << "decided is not carried out";
  ASSERT_TRUE(mark_carried_out(safe, "rec-0", id, at));
  expect_row(settle(), 7);
  knows(call, LookupState::done);
  settings.rewound["keyed"] = at;
  expect_row(settle(), 9);  // restored to before it was told, the system has it again
}

TEST_F(Settling, ARerunDecidesTheSameUnderTheSameNames) {
  submit("keyed");
  called(item("do"), "done"), called(ghost("blind"), "done");
  const Reconciled first = settle(), second = settle();
  ASSERT_EQ(first.decisions.size(), second.decisions.size());
  for (std::size_t i = 0; i < first.decisions.size(); ++i) EXPECT_EQ(first.decisions[i].value, second.decisions[i].value);
  EXPECT_EQ(work_json(first.work), work_json(second.work));
  settings.recovery_id = "rec-2";
  EXPECT_NE(text_of(settle().decisions[0], "commandId"), text_of(first.decisions[0], "commandId"));
}

TEST_F(Settling, WithoutAWayToTheSystemsThereIsWork) {
  submit("lookup");
  const Named call = item("do");
  mark(call);
  ask = false;
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_work(found, "E1", "done-by-hand", call);
  EXPECT_EQ(found.asked, 0);
}

TEST_F(Settling, AnArchiveThatEndsBeforeTheRowsIsAGap) {
  submit("keyed");
  called(item("do"), "done");
  fold();
  safe::StrictFake behind{partitions};
  CatalogLibrary other(behind);
  const auto found = reconcile(settings, behind, *database, other, &systems);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::archive_gap);
}

TEST_F(Settling, AnAnswerThatCameTooLateForAPersonsItemIsAdopted) {
  submit("blind");
  const Named call = item("do");
  called(call, "unknown");
  fold();
  ASSERT_EQ(state("do").state, ItemState::fatally_failed);
  expect_row(settle(), 0);
  answer(call, "done");
  const Reconciled found = settle();
  expect_row(found, 3);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::completed);
}

}  // namespace
}  // namespace backstitch::recovery
