// A callout whose system accepts it now and calls back later (order-management 5.15).
#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::after;
using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;
using fixture::one_line;

constexpr std::int64_t two_hours_ms = 2 * 3'600'000;

class AsyncCallout : public ::testing::Test {
 protected:
  void SetUp() override { engine.submit(one_line); }
  void accept() { engine.answer("call", CallOutcome::accepted, "later/202"); }
  Engine engine{catalog_with(callout("call", "", "later") + R"(,{"key":"end","type":"milestone"})", after("end", "call"))};
};

TEST_F(AsyncCallout, AcceptedItRunsUntilItsSystemCallsBack) {
  const Time at = engine.now;
  accept();
  EXPECT_EQ(engine.state("call"), ItemState::running);
  EXPECT_EQ(engine.item("call").due_at, at.plus_ms(two_hours_ms));
  ASSERT_EQ(engine.effects.timers.size(), 1u);
  EXPECT_EQ(engine.effects.timers[0].kind, "callback");
  engine.call_back("call", CallOutcome::done, R"({"b":"C-1"})");
  EXPECT_EQ(engine.state("call"), ItemState::completed);
  EXPECT_FALSE(engine.item("call").due_at.is_set());
  EXPECT_EQ(engine.order_state(), OrderState::activated);
  EXPECT_NE(engine.tables.values.begin()->second.values.find("C-1"), std::string::npos);
}

TEST_F(AsyncCallout, AnInterimUpdateIsNotedAndChangesNothing) {
  accept();
  const Time until = engine.item("call").due_at;
  engine.call_back("call", CallOutcome::accepted);
  EXPECT_EQ(engine.state("call"), ItemState::running);
  EXPECT_EQ(engine.item("call").due_at, until) << "patience does not begin again";
  EXPECT_NE(engine.events().find("InterimUpdate"), std::string::npos);
}

TEST_F(AsyncCallout, ACallbackMayComeBeforeTheWorkerTellsOfTheAcceptance) {
  engine.call_back("call", CallOutcome::done);
  EXPECT_EQ(engine.state("call"), ItemState::completed);
  accept();
  EXPECT_EQ(engine.order_state(), OrderState::activated);
  EXPECT_TRUE(engine.tables.commands.empty()) << "an acceptance that is over is no late callback";
}

TEST_F(AsyncCallout, ARefusalComesAgainUnderTheNextNumber) {
  accept();
  engine.call_back("call", CallOutcome::refused);
  EXPECT_EQ(engine.state("call"), ItemState::failed);
  engine.due("call");
  EXPECT_EQ(engine.task("call").key.call, 2);
  EXPECT_FALSE(engine.item("call").due_at.is_set());
}

TEST_F(AsyncCallout, NoCallbackInTimeIsAnUnknownOutcomeAndNoFailure) {
  accept();
  engine.due("call");
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  EXPECT_EQ(engine.attention("call"), "unknown-outcome");
  EXPECT_EQ(engine.item("call").error, code_text(Code::unknown_outcome) + " unknown-outcome no-callback");
  EXPECT_TRUE(engine.effects.tasks.empty()) << "a time-out is no licence to repeat";
}

TEST_F(AsyncCallout, ACallbackResolvesAnOutcomeThatNobodyKnew) {
  engine.answer("call", CallOutcome::unknown, "no-answer");
  engine.restart();
  engine.call_back("call", CallOutcome::done, R"({"b":"C-2"})");
  EXPECT_EQ(engine.state("call"), ItemState::completed);
  EXPECT_EQ(engine.attention("call"), "");
  EXPECT_EQ(engine.order_state(), OrderState::activated);
}

TEST_F(AsyncCallout, WhatARecoveryGaveToAPersonIsNotTakenFromHim) {
  engine.feed(
      Log::incoming, "incoming.settlement/1",
      fmt::format(R"({{"commandId":"cmd_00000000000000000000000077","itemId":"{}","decision":"fatally-fail","actor":"r"}})",
                  engine.item_id("call").text()));
  engine.call_back("call", CallOutcome::done);
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  EXPECT_EQ(engine.last_command().kind, "completer.callback");
  EXPECT_EQ(engine.last_command().state, "late");
}

TEST_F(AsyncCallout, WhatIsSaidAgainIsListedAsWhatItIs) {
  accept();
  engine.call_back("call", CallOutcome::done);
  for (const char* repeats : {"duplicate", "conflict"}) {
    engine.call_back("call", CallOutcome::done, "{}", repeats);
    EXPECT_EQ(engine.last_command().kind, "completer.callback");
    EXPECT_EQ(engine.last_command().state, repeats);
    EXPECT_EQ(engine.last_command().subject, engine.item_id("call").text());
  }
  EXPECT_EQ(engine.state("call"), ItemState::completed);
}

TEST_F(AsyncCallout, ForAnItemThatIsNotThereIsListed) {
  engine.feed(Log::completer, "completer.callback/1",
              R"({"effectKey":"eff_00000000000000000000000001.1","itemId":"itm_00000000000000000000000001","outcome":"done"})");
  EXPECT_EQ(engine.last_command().state, "late");
  EXPECT_EQ(engine.last_command().code, code_text(Code::item_not_found));
}

// What a crash between commit and publish loses: the task before the acceptance, the timer behind it.
TEST_F(AsyncCallout, IsHandedOutAgainOnlyUntilItWasAccepted) {
  const auto derived = [this] {
    Effects effects;
    for (const auto& [id, order] : engine.work.orders) rederive_effects(engine.settings, *order, effects);
    return effects;
  };
  EXPECT_EQ(derived().tasks.size(), 1u);
  EXPECT_TRUE(derived().timers.empty());
  accept();
  EXPECT_TRUE(derived().tasks.empty());
  ASSERT_EQ(derived().timers.size(), 1u);
  EXPECT_EQ(derived().timers[0].kind, "callback");
}

}  // namespace
}  // namespace backstitch
