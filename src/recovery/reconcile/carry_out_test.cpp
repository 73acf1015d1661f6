// What people decided is carried out, each row once.
#include "recovery/reconcile/carry_out.h"

#include "recovery/reconcile/inquiry.h"
#include "recovery/reconcile/reconcile_testing.h"

namespace backstitch::recovery {
namespace {

using systems::Far;
using systems::LookupState;

class CarryOutTest : public ReconcileTest {
 protected:
  std::string listed() {
    const Reconciled found = settle();
    EXPECT_OK(add_work(safe, "rec-1", found.work));
    carry_out_decisions(found);
    return found.work.empty() ? std::string() : found.work[0].id;
  }
  void decide(const std::string& id, const std::string& decision) {
    EXPECT_OK(decide_work(safe, "rec-1", id, decision, "asked them", "ann", at));
  }
  CarriedOut carried_out() {
    const auto done =
        carry_out({"rec-1", settings.bases, at}, safe, library, ask ? &systems : nullptr, [this](const Decision& one) {
          appended.push_back(one);
          return append_fails ? Status(fail(Code::queue_failed, "as the test wanted")) : Status();
        });
    EXPECT_TRUE(done) << done.error().text();
    return done ? *done : CarriedOut();
  }
  WorkRow row() { return load_work(safe, "rec-1").value().at(0); }

  std::vector<Decision> appended;
  bool append_fails = false;
};

TEST_F(CarryOutTest, ACancelReachesItsSystemOnce) {
  const Named call = ghost("keyed");
  called(call, "done");
  knows(call, LookupState::done);
  const std::string id = listed();
  EXPECT_EQ(carried_out().cancelled, 0) << "nobody has decided";
  decide(id, "cancel");
  EXPECT_EQ(carried_out().cancelled, 1);
  const auto target = target_of(library.find((*database->positions())[static_cast<std::size_t>(partition)].catalog_digest).get(),
                                "keyed", settings.bases);
  EXPECT_EQ(systems.look_up(*target, call.key()).state, LookupState::failed);
  ASSERT_EQ(appended.size(), 1u);
  EXPECT_EQ(text_of(appended[0], "decision"), "note");
  EXPECT_NE(text_of(appended[0], "reason").find("ann"), std::string::npos);
  const std::size_t arrivals = far->arrivals().size();
  EXPECT_EQ(carried_out().cancelled, 0);
  EXPECT_EQ(far->arrivals().size(), arrivals);
}

TEST_F(CarryOutTest, ACancelThatDidNotArriveIsTriedAgain) {
  const Named call = ghost("keyed");
  called(call, "done");
  knows(call, LookupState::done);
  decide(listed(), "cancel");
  far->be(Far::Mood::drops);
  const CarriedOut first = carried_out();
  ASSERT_EQ(first.failures.size(), 1u);
  EXPECT_EQ(first.failures[0].error.code, Code::unknown_outcome);
  EXPECT_FALSE(row().carried_out.is_set());
  far->be(Far::Mood::answers);
  EXPECT_EQ(carried_out().cancelled, 1);
}

TEST_F(CarryOutTest, WithoutSystemsACancelStays) {
  const Named call = ghost("keyed");
  called(call, "done");
  knows(call, LookupState::done);
  decide(listed(), "cancel");
  ask = false;
  EXPECT_EQ(carried_out().failures.size(), 1u);
  EXPECT_TRUE(appended.empty());
}

TEST_F(CarryOutTest, WhatAPersonFoundOutIsAdoptedByTheItem) {
  submit("blind");
  mark(item("do"));
  const std::string id = listed();
  ASSERT_EQ(state("do").state, ItemState::fatally_failed);
  decide(id, "adopt");
  EXPECT_EQ(carried_out().settled, 1);
  ASSERT_EQ(appended.size(), 1u);
  EXPECT_EQ(text_of(appended[0], "outcome"), "done");
  append("incoming", "incoming.settlement/1", appended[0].value);
  fold();
  EXPECT_EQ(state("do").state, ItemState::completed);
}

TEST_F(CarryOutTest, WhatWasNotDoneIsCalledUnderTheNextNumber) {
  submit("blind");
  mark(item("do"));
  decide(listed(), "next-call");
  EXPECT_EQ(carried_out().settled, 1);
  append("incoming", "incoming.settlement/1", appended.at(0).value);
  fold();
  EXPECT_EQ(state("do").state, ItemState::running);
  EXPECT_EQ(state("do").call, 2);
}

TEST_F(CarryOutTest, ASettlementThatWasNotAppendedIsTheSameTheNextTime) {
  submit("blind");
  mark(item("do"));
  decide(listed(), "adopt");
  append_fails = true;
  EXPECT_EQ(carried_out().failures.size(), 1u);
  append_fails = false;
  EXPECT_EQ(carried_out().settled, 1);
  ASSERT_EQ(appended.size(), 2u);
  EXPECT_EQ(appended[0].value, appended[1].value);
  EXPECT_EQ(carried_out().settled, 0);
}

TEST_F(CarryOutTest, WhatIsDoneByHandIsClosedWithoutAWord) {
  submit("blind");
  mark(item("do"));
  decide(listed(), "done-by-hand");
  EXPECT_EQ(carried_out().closed, 1);
  EXPECT_TRUE(appended.empty());
  EXPECT_TRUE(row().carried_out.is_set());
  const Status late = decide_work(safe, "rec-1", row().id, "adopt", "", "ben", at);
  ASSERT_FALSE(late) << "what is carried out is decided";
  EXPECT_EQ(late.error().code, Code::decision_invalid);
}

}  // namespace
}  // namespace backstitch::recovery
