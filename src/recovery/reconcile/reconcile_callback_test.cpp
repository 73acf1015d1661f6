// Calls that were accepted, and whose systems have called back or will (recovery, section 4).
#include "recovery/reconcile/reconcile.h"
#include "recovery/reconcile/reconcile_testing.h"

namespace backstitch::recovery {
namespace {

using systems::Far;
using systems::LookupState;

class SettlingCallbacks : public ReconcileTest {
 protected:
  /// Accepted and folded: the item waits for its system to call back.
  Named accepted(const std::string& system) {
    submit(system);
    const Named call = item("do");
    called(call, "accepted");
    fold();
    EXPECT_EQ(state("do").state, ItemState::running);
    EXPECT_TRUE(state("do").due_at.is_set());
    return call;
  }
};

TEST_F(SettlingCallbacks, WhoIsStillAtItWillCallBack) {
  const Named call = accepted("later");
  knows(call, LookupState::running);
  const Reconciled found = settle();
  expect_row(found, 1);
  EXPECT_EQ(found.asked, 1);
  EXPECT_TRUE(found.decisions.empty() && found.work.empty());
}

TEST_F(SettlingCallbacks, WhoCannotBeAskedWillCallBackAllTheSame) {
  accepted("letter");
  const Reconciled found = settle();
  expect_row(found, 1);
  EXPECT_TRUE(found.decisions.empty() && found.work.empty()) << "what was accepted is not given up";
}

TEST_F(SettlingCallbacks, WhatHasEndedMeanwhileIsAdopted) {
  const Named call = accepted("later");
  knows(call, LookupState::done);
  const Reconciled found = settle();
  expect_row(found, 3);
  expect_decision(found, "adopt", call);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::completed);
}

TEST_F(SettlingCallbacks, ACallbackIsAnAnswer) {
  submit("later");
  const Named call = item("do");
  mark(call), call_back(call, "done");
  const Reconciled found = settle();
  expect_row(found, 3);
  expect_decision(found, "adopt", call);
  EXPECT_EQ(found.asked, 0) << "nobody is asked about what is known";
  carry_out_decisions(found);
  EXPECT_EQ(backstitch::text_of(*order()->parts.items[0].values.find("b")), "back-1");
}

TEST_F(SettlingCallbacks, WhoKnowsNothingOfWhatHeAcceptedIsListed) {
  const Named call = accepted("later");
  far->answers(404, "{}");
  const Reconciled found = settle();
  expect_row(found, 2);
  expect_work(found, "E2", "done-by-hand", call);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").state, ItemState::fatally_failed) << "nobody will call back";
}

TEST_F(SettlingCallbacks, ARestoredSystemThatHasLostItIsCalledUnderTheNextNumber) {
  const Named call = accepted("later");
  settings.rewound["later"] = t0;
  far->answers(404, "{}");
  const Reconciled found = settle();
  expect_row(found, 6);
  expect_decision(found, "next-call", call);
  carry_out_decisions(found);
  EXPECT_EQ(state("do").call, 2);
  EXPECT_FALSE(state("do").due_at.is_set()) << "it is handed out again";
}

TEST_F(SettlingCallbacks, AnotherRequestThanTheOneThatWasAcceptedIsForAPerson) {
  submit("letter");
  Named call = item("do");
  call.digest = std::string(16, 'e');
  called(call, "accepted");
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_work(found, "E1", "done-by-hand", call);
}

TEST_F(SettlingCallbacks, AMarkBehindTheAcceptanceMayHaveBeenSent) {
  submit("letter");
  const Named call = item("do");
  called(call, "accepted"), mark(call);
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_decision(found, "fatally-fail", call);
}

TEST_F(SettlingCallbacks, UnderThePolicyFatallyFailNobodyWaitsForThem) {
  const Named call = accepted("later");
  settings.policy = Policy::fatally_fail;
  const Reconciled found = settle();
  expect_row(found, 1);
  expect_decision(found, "fatally-fail", call);
}

}  // namespace
}  // namespace backstitch::recovery
