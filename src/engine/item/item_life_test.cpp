// One item's life: calls and their outcomes, retries, operators.
#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::after;
using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;
using fixture::one_line;

CatalogPtr call_then_end(const std::string& more = "") {
  return catalog_with(callout("call", more) + R"(,{"key":"end","type":"milestone"})", after("end", "call"));
}

TEST(Milestone, CompletesByItself) {
  Engine engine(catalog_with(R"({"key":"only","type":"milestone"})"));
  engine.submit(one_line);
  EXPECT_EQ(engine.state("only"), ItemState::completed);
  EXPECT_EQ(engine.order_state(), OrderState::activated);
  EXPECT_TRUE(engine.effects.tasks.empty());
}

TEST(AutoTask, IsHandedOutWithItsImplementation) {
  Engine engine(catalog_with(
      R"({"key":"work","type":"autoTask","implementation":"echo","lane":"slow","request":{"a":"$line.attribute.a"}})"));
  engine.submit(one_line);
  EXPECT_EQ(engine.task("work").implementation, "echo");
  EXPECT_EQ(engine.task("work").lane, "slow");
  EXPECT_TRUE(engine.task("work").system.empty());
}

TEST(Callout, DoneSetsValuesAndLetsDependantsGo) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  EXPECT_EQ(engine.state("end"), ItemState::pending);
  engine.answer("call", CallOutcome::done, "sys/200", R"({"b":"C-1"})");
  EXPECT_EQ(engine.state("call"), ItemState::completed);
  EXPECT_EQ(engine.state("end"), ItemState::completed);
  EXPECT_EQ(engine.order_state(), OrderState::activated);
  ASSERT_EQ(engine.tables.values.size(), 1u);
  EXPECT_NE(engine.tables.values.begin()->second.values.find("C-1"), std::string::npos);
}

TEST(Callout, RefusedWaitsAndComesAgainUnderTheNextNumber) {
  Engine engine(call_then_end(R"(,"retryIntervalMs":500)"));
  engine.submit(one_line);
  const Time failed_at = engine.now;
  engine.answer("call", CallOutcome::refused, "sys/422");
  EXPECT_EQ(engine.state("call"), ItemState::failed);
  EXPECT_EQ(engine.item("call").error, "sys/422");
  EXPECT_EQ(engine.attention("call"), "failed");
  ASSERT_EQ(engine.effects.timers.size(), 1u);
  EXPECT_EQ(engine.effects.timers[0].due_at, failed_at.plus_ms(500));
  engine.due("call");
  EXPECT_EQ(engine.state("call"), ItemState::running);
  EXPECT_EQ(engine.task("call").key.call, 2) << "the number rises only after a decision of the system";
  EXPECT_EQ(engine.attention("call"), "");
  EXPECT_EQ(engine.item("call").error, "");
}

TEST(Callout, NotTakenComesAgainUnderTheSameNumber) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.answer("call", CallOutcome::not_taken, "sys/503");
  EXPECT_EQ(engine.state("call"), ItemState::failed);
  engine.due("call");
  EXPECT_EQ(engine.task("call").key.call, 1);
  EXPECT_EQ(engine.item("call").attempt, 2);
}

TEST(Callout, UnknownIsNeverRetriedByItself) {
  Engine engine(call_then_end(R"(,"retryForever":true)"));
  engine.submit(one_line);
  engine.answer("call", CallOutcome::unknown, "no-answer");
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  EXPECT_EQ(engine.attention("call"), "unknown-outcome");
  EXPECT_EQ(engine.item("call").error, code_text(Code::unknown_outcome) + " unknown-outcome no-answer");
  EXPECT_EQ(engine.item("call").call, 1) << "after an unknown outcome the number does not rise";
  EXPECT_TRUE(engine.effects.timers.empty());
  EXPECT_EQ(engine.order_state(), OrderState::in_progress);
}

TEST(Callout, AnAnswerThatNobodyWaitsForChangesNoState) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.answer_call("call", 2, CallOutcome::done, "sys/200");
  EXPECT_EQ(engine.state("call"), ItemState::running) << "of another call";
  engine.answer("call", CallOutcome::refused, "sys/422");
  engine.answer_call("call", 1, CallOutcome::done, "sys/200");
  EXPECT_EQ(engine.state("call"), ItemState::failed) << "late: the call has been answered";
  engine.feed(Log::completer, "completer.answer/1",
              fmt::format(R"({{"effectKey":"eff_00000000000000000000000001.2","itemId":"{}","outcome":"done"}})",
                          engine.item_id("call").text()));
  EXPECT_EQ(engine.state("call"), ItemState::failed) << "of another effect";
  EXPECT_NE(engine.events().find("AnswerNotNeeded"), std::string::npos);
}

TEST(Callout, AnAnswerAfterTheOrderHasEndedIsNoted) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.answer("call", CallOutcome::done);
  engine.answer_call("call", 1, CallOutcome::done, "sys/200");
  EXPECT_EQ(engine.order_state(), OrderState::activated);
  EXPECT_NE(engine.events().find("AnswerNotNeeded"), std::string::npos);
  EXPECT_TRUE(engine.work.orders.empty()) << "it was loaded for this record and leaves again";
}

// R-1, R-2: blank retries are three, so four attempts, then Fatally Failed with the last error.
TEST(Retries, BlankMeansThree) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    engine.answer("call", CallOutcome::refused, "sys/500");
    ASSERT_EQ(engine.state("call"), ItemState::failed) << attempt;
    engine.due("call");
  }
  engine.answer("call", CallOutcome::refused, "sys/501");
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  EXPECT_EQ(engine.item("call").error, "sys/501");
  EXPECT_EQ(engine.attention("call"), "fatally-failed");
  EXPECT_EQ(engine.item("call").attempt, 4);
  EXPECT_FALSE(engine.item("call").due_at.is_set());
}

TEST(Retries, NoneMeansFatallyFailedAtOnce) {
  Engine engine(call_then_end(R"(,"retries":0)"));
  engine.submit(one_line);
  engine.answer("call", CallOutcome::not_taken, "sys/503");
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
}

TEST(Retries, StaggeredHaveTheirOwnWaits) {
  Engine engine(call_then_end(R"(,"retries":9,"staggeredMs":[10,70])"));
  engine.submit(one_line);
  for (const std::int64_t wait : {10, 70}) {
    const Time at = engine.now;
    engine.answer("call", CallOutcome::refused);
    EXPECT_EQ(engine.item("call").due_at, at.plus_ms(wait));
    engine.due("call");
  }
  engine.answer("call", CallOutcome::refused);
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed) << "the list of waits is the list of retries";
}

TEST(Retries, ATimerThatNoLongerFitsIsNoError) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.answer("call", CallOutcome::refused);
  const auto early = fmt::format(R"({{"itemId":"{}","timer":"retry","dueUs":{}}})", engine.item_id("call").text(),
                                 engine.item("call").due_at.us - 1);
  engine.feed(Log::completer, "completer.due/1", early);
  EXPECT_EQ(engine.state("call"), ItemState::failed);
  engine.due("call");
  engine.feed(Log::completer, "completer.due/1", early);
  EXPECT_EQ(engine.state("call"), ItemState::running);
}

TEST(Operator, RetriesAFatallyFailedItemFromTheFirstAttempt) {
  Engine engine(call_then_end(R"(,"retries":0)"));
  engine.submit(one_line);
  engine.answer("call", CallOutcome::refused);
  engine.item_command("call", "retry", "");
  EXPECT_EQ(engine.last_command().state, "applied");
  EXPECT_EQ(engine.state("call"), ItemState::running);
  EXPECT_EQ(engine.item("call").attempt, 1);
  EXPECT_EQ(engine.task("call").key.call, 2);
}

TEST(Operator, RetriesAnUnknownOutcomeOnlyWithAReasonAndThenUnderTheNextNumber) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.answer("call", CallOutcome::unknown, "no-answer");
  engine.item_command("call", "retry", "");
  EXPECT_EQ(engine.last_command().code, code_text(Code::reason_missing));
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  engine.restart();
  engine.item_command("call", "retry", "they never got it");
  EXPECT_EQ(engine.task("call").key.call, 2);
}

TEST(Operator, CompletesByHandWithAReasonAndValues) {
  Engine engine(call_then_end(R"(,"retries":0)"));
  engine.submit(one_line);
  engine.answer("call", CallOutcome::refused);
  engine.item_command("call", "complete", "");
  EXPECT_EQ(engine.last_command().code, code_text(Code::reason_missing));
  engine.item_command("call", "complete", "done by phone", R"({"b":"by phone"})");
  EXPECT_EQ(engine.state("call"), ItemState::completed);
  EXPECT_EQ(engine.order_state(), OrderState::activated);
  EXPECT_NE(engine.tables.values.begin()->second.values.find("by phone"), std::string::npos);
  EXPECT_EQ(engine.attention("call"), "");
}

TEST(Operator, MarksARunningCalloutFailed) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.item_command("call", "fail", "");
  EXPECT_EQ(engine.last_command().code, code_text(Code::reason_missing));
  engine.item_command("call", "fail", "hangs");
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  EXPECT_EQ(engine.item("call").error, code_text(Code::item_failed) + " marked failed by ann");
  engine.answer("call", CallOutcome::done);
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed) << "what comes after is evidence";
}

TEST(Operator, IsRefusedWhatTheTableDoesNotHave) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  auto refused = [&](const char* item, const char* verb) {
    const ItemState before = engine.state(item);
    engine.item_command(item, verb, "because");
    EXPECT_EQ(engine.last_command().state, "refused") << item << " " << verb;
    EXPECT_EQ(engine.last_command().code, code_text(Code::item_transition)) << item << " " << verb;
    EXPECT_EQ(engine.state(item), before);
  };
  refused("end", "retry"), refused("end", "complete"), refused("end", "fail");  // pending
  refused("call", "retry"), refused("call", "complete");                        // running
  engine.answer("call", CallOutcome::refused);
  refused("call", "fail");  // failed already
  engine.due("call");
  engine.answer("call", CallOutcome::done);
  ASSERT_EQ(engine.order_state(), OrderState::activated);
  refused("call", "retry"), refused("call", "complete"), refused("call", "fail");  // of an order that has ended
}

TEST(Operator, OfAnItemThatIsNotThere) {
  Engine engine(call_then_end());
  engine.feed(Log::incoming, "incoming.item-command/1",
              R"({"commandId":"cmd_00000000000000000000000001","itemId":"itm_00000000000000000000000001",)"
              R"("command":"retry","actor":"ann"})");
  EXPECT_EQ(engine.last_command().code, code_text(Code::item_not_found));
}

}  // namespace
}  // namespace backstitch
