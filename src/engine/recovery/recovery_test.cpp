// What a recovery says through the log: seals, exclusions, settlements, and what the fold puts in the place of records.
#include "engine/recovery/recovery.h"

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

class Settlement : public ::testing::Test {
 protected:
  void SetUp() override { engine.submit(one_line); }

  void settle(const std::string& item, const std::string& decision, const std::string& members = "") {
    engine.feed(Log::incoming, "incoming.settlement/1",
                fmt::format(R"({{"commandId":"cmd_{:026}","itemId":"{}","decision":"{}","reason":"asked","actor":"ann"{}}})",
                            ++settlements, engine.item_id(item).text(), decision, members));
    EXPECT_EQ(engine.last_command().kind, "settlement");
  }
  void expect_refused(Code code) {
    EXPECT_EQ(engine.last_command().state, "refused");
    EXPECT_EQ(engine.last_command().code, code_text(code)) << engine.last_command().detail;
  }
  void expect_applied() {
    EXPECT_EQ(engine.last_command().state, "applied") << engine.last_command().detail;
    EXPECT_EQ(engine.last_command().actor, "ann");
  }
  static constexpr const char* done =
      R"(,"effectKey":"eff_00000000000000000000000001.1","outcome":"done","code":"sys/200","response":{"b":"C-7"})";

  Engine engine{call_then_end()};
  int settlements = 0;
};

TEST_F(Settlement, AdoptedAnswerCompletesARunningItemAsTheAnswerWouldHave) {
  settle("call", "adopt", done);
  expect_applied();
  EXPECT_EQ(engine.state("call"), ItemState::completed);
  EXPECT_EQ(engine.order_state(), OrderState::activated) << "its dependants go on";
  EXPECT_NE(engine.tables.values.begin()->second.values.find("C-7"), std::string::npos);
  EXPECT_NE(engine.events().find(R"("e":"AnswerAdopted","i":0,"key":"eff_00000000000000000000000001.1","reason":"asked")"),
            std::string::npos)
      << engine.events();
  EXPECT_TRUE(engine.effects.tasks.empty());
}

TEST_F(Settlement, AdoptedAnswerIsTakenByAnItemOnHoldWithoutACall) {
  Engine held(call_then_end());
  held.system_command("sys", "down");
  held.submit(one_line);
  ASSERT_EQ(held.state("call"), ItemState::on_hold);
  held.feed(Log::incoming, "incoming.settlement/1",
            fmt::format(R"({{"commandId":"cmd_00000000000000000000000091","itemId":"{}","decision":"adopt"{}}})",
                        held.item_id("call").text(), done));
  EXPECT_EQ(held.state("call"), ItemState::completed);
  EXPECT_EQ(held.attention("call"), "");
  EXPECT_TRUE(held.effects.tasks.empty()) << "nothing is called";
}

TEST_F(Settlement, AdoptedAnswerIsTakenByAnItemThatWaitsForItsRetry) {
  engine.answer("call", CallOutcome::refused, "sys/422");
  ASSERT_EQ(engine.state("call"), ItemState::failed);
  settle("call", "adopt", done);
  expect_applied();
  EXPECT_EQ(engine.state("call"), ItemState::completed);
  EXPECT_FALSE(engine.item("call").due_at.is_set());
}

TEST_F(Settlement, AnUnknownOutcomeIsSettledByWhatTheSystemSays) {
  engine.answer("call", CallOutcome::unknown, "no-answer");
  engine.restart();
  settle("call", "adopt", done);
  expect_applied();
  EXPECT_EQ(engine.state("call"), ItemState::completed);
}

TEST_F(Settlement, WhatDoesNotFitIsRefusedInWriting) {
  settle("end", "adopt", done);
  expect_refused(Code::decision_invalid);  // a milestone calls nothing
  settle("call", "adopt", R"(,"effectKey":"eff_00000000000000000000000001.1","outcome":"refused")");
  expect_refused(Code::decision_invalid);
  settle("call", "adopt", R"(,"effectKey":"broken","outcome":"done")");
  expect_refused(Code::decision_invalid);
  settle("call", "undo");
  expect_refused(Code::decision_invalid);
  settle("end", "next-call");
  expect_refused(Code::decision_invalid);
  EXPECT_EQ(engine.state("call"), ItemState::running) << "nothing has changed";
  engine.answer("call", CallOutcome::done);
  for (const char* decision : {"adopt", "next-call", "fatally-fail"}) {
    settle("call", decision, done);
    expect_refused(Code::item_transition);
  }
  EXPECT_EQ(engine.state("call"), ItemState::completed);
}

TEST_F(Settlement, AnItemWhoseTurnHasNotComeTakesNothing) {
  Engine two(catalog_with(callout("call") + "," + callout("next"), after("next", "call")));
  two.submit(one_line);
  for (const char* decision : {"adopt", "next-call"}) {
    two.feed(Log::incoming, "incoming.settlement/1",
             fmt::format(R"({{"commandId":"cmd_{:026}","itemId":"{}","decision":"{}"{}}})", ++settlements,
                         two.item_id("next").text(), decision, done));
    EXPECT_EQ(two.last_command().code, code_text(Code::item_transition)) << decision;
    EXPECT_EQ(two.state("next"), ItemState::pending);
  }
}

TEST_F(Settlement, NextCallLeavesTheNumberBehindThatWasSettled) {
  const std::string effect = engine.effects.tasks.at(0).key.text();
  settle("call", "next-call", R"(,"effectKey":")" + effect.substr(0, effect.rfind('.')) + ".4\"");
  expect_applied();
  EXPECT_EQ(engine.task("call").key.call, 5);
}

TEST_F(Settlement, OfAnItemThatIsNotThere) {
  auto of_nothing = [&](const char* decision) {
    engine.feed(
        Log::incoming, "incoming.settlement/1",
        fmt::format(R"({{"commandId":"cmd_{:026}","itemId":"itm_00000000000000000000000001","decision":"{}","actor":"ann"}})",
                    ++settlements, decision));
  };
  of_nothing("fatally-fail");
  expect_refused(Code::item_not_found);
  of_nothing("note");
  expect_applied();
}

TEST_F(Settlement, FatallyFailStopsWhateverIsOpen) {
  settle("call", "fatally-fail");
  expect_applied();
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  EXPECT_EQ(engine.item("call").error, code_text(Code::restored) + " asked");
  EXPECT_EQ(engine.attention("call"), "fatally-failed");
  engine.answer("call", CallOutcome::done);
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed) << "what comes after is evidence";
}

TEST_F(Settlement, NextCallGoesOutAtOnceUnderTheNextNumber) {
  settle("call", "next-call");
  expect_applied();
  EXPECT_EQ(engine.state("call"), ItemState::running);
  EXPECT_EQ(engine.task("call").key.call, 2);
  EXPECT_EQ(engine.item("call").attempt, 1) << "attempts are counted anew";
  engine.answer("call", CallOutcome::unknown, "no-answer");
  settle("call", "next-call");
  EXPECT_EQ(engine.task("call").key.call, 3);
  engine.answer_call("call", 2, CallOutcome::done, "sys/200");
  EXPECT_EQ(engine.state("call"), ItemState::running) << "of a call that is settled";
}

TEST_F(Settlement, NextCallOfAnItemOnHoldWaitsForTheSystem) {
  Engine held(call_then_end());
  held.system_command("sys", "down");
  held.submit(one_line);
  held.feed(Log::incoming, "incoming.settlement/1",
            fmt::format(R"({{"commandId":"cmd_00000000000000000000000091","itemId":"{}","decision":"next-call"}})",
                        held.item_id("call").text()));
  EXPECT_EQ(held.state("call"), ItemState::on_hold);
  held.system_command("sys", "up"), held.system_command("sys", "unhold");
  EXPECT_EQ(held.task("call").key.call, 2);
}

TEST_F(Settlement, ANoteChangesNothing) {
  settle("call", "note");
  expect_applied();
  EXPECT_EQ(engine.state("call"), ItemState::running);
  EXPECT_NE(engine.events().find("CallSettled"), std::string::npos);
}

TEST(Seal, DecidesNothingAndIsPartOfTheChain) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  const std::string before = engine.tables.dump();
  const std::uint64_t chain = engine.work.decision_digest;
  engine.feed(Log::completer, "completer.seal/1", R"({"epoch":2,"recovery":"rec-1"})");
  engine.feed(Log::incoming, "incoming.seal/1", R"({"epoch":2,"recovery":"rec-1"})");
  EXPECT_EQ(engine.tables.dump(), before);
  EXPECT_NE(engine.work.decision_digest, chain);
}

TEST(Exclusion, IsRecordedWithItsPlaces) {
  Engine engine(call_then_end());
  engine.feed(Log::incoming, "incoming.exclusion/1",
              R"({"commandId":"cmd_00000000000000000000000001","recovery":"rec-1","actor":"ann",)"
              R"("list":[{"partition":3,"offset":17,"digest":"d","why":"w"},{"partition":3,"offset":18}]})");
  EXPECT_EQ(engine.last_command().kind, "exclusion");
  EXPECT_EQ(engine.last_command().state, "applied");
  EXPECT_EQ(engine.last_command().subject, "rec-1");
  EXPECT_EQ(engine.last_command().detail, "3:17 3:18");
  engine.feed(Log::incoming, "incoming.exclusion/1", R"({"recovery":"rec-1"})");
  EXPECT_EQ(engine.last_command().state, "refused");
}

TEST(MarkFatallyFailed, WorksForEveryStateThatIsNotFinal) {
  const std::string items = callout("call") + "," + callout("later", R"(,"processAfter":"$line.attribute.start")") +
                            R"(,{"key":"task","type":"manualTask","manualQueue":"q"},{"key":"end","type":"milestone"})";
  Engine engine(catalog_with(items, after("end", "call")));
  const std::string line = R"({"lineId":"1","product":"P","action":"Add","attributes":{"a":"x","start":")" +
                           rfc3339(engine.now.plus_ms(60'000)) + "\"}}";
  engine.submit(line);
  ASSERT_EQ(engine.state("call"), ItemState::running);
  ASSERT_EQ(engine.state("later"), ItemState::scheduled);
  ASSERT_EQ(engine.state("task"), ItemState::ready);
  ASSERT_EQ(engine.state("end"), ItemState::pending);
  for (const char* item : {"call", "later", "task", "end"}) {
    engine.item_command(item, "mark-fatally-failed", "");
    EXPECT_EQ(engine.last_command().state, "applied") << item << engine.last_command().detail;
    EXPECT_EQ(engine.state(item), ItemState::fatally_failed) << item;
    EXPECT_EQ(engine.item(item).error, code_text(Code::restored) + " restored") << item;
    EXPECT_EQ(engine.attention(item), "fatally-failed") << item;
    engine.item_command(item, "mark-fatally-failed", "");
    EXPECT_EQ(engine.last_command().code, code_text(Code::item_transition)) << "once";
  }
  EXPECT_EQ(engine.order_state(), OrderState::in_progress);
}

TEST(MarkFatallyFailed, FailedAndHeldItemsToo) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.answer("call", CallOutcome::not_taken);
  engine.item_command("call", "mark-fatally-failed", "");
  EXPECT_EQ(engine.state("call"), ItemState::fatally_failed);
  EXPECT_FALSE(engine.item("call").due_at.is_set()) << "no timer starts it again";

  Engine held(call_then_end());
  held.system_command("sys", "down");
  held.submit(one_line);
  held.item_command("call", "mark-fatally-failed", "");
  EXPECT_EQ(held.state("call"), ItemState::fatally_failed);
  held.system_command("sys", "up"), held.system_command("sys", "unhold");
  EXPECT_EQ(held.state("call"), ItemState::fatally_failed);
}

// What had not had its turn is not run past its dependencies by a person who goes on from it.
TEST(MarkFatallyFailed, WhatWasPendingWaitsAgainAfterARetry) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.item_command("end", "mark-fatally-failed", "");
  engine.item_command("end", "complete", "by hand");
  EXPECT_EQ(engine.last_command().code, code_text(Code::item_transition)) << "its dependency is not met";
  engine.restart();
  engine.item_command("end", "retry", "");
  EXPECT_EQ(engine.last_command().state, "applied");
  EXPECT_EQ(engine.state("end"), ItemState::pending);
  EXPECT_EQ(engine.attention("end"), "");
  engine.item_command("end", "mark-fatally-failed", "");
  engine.answer("call", CallOutcome::done);
  EXPECT_EQ(engine.state("end"), ItemState::fatally_failed) << "a person goes on, not the plan";
  engine.item_command("end", "retry", "");
  EXPECT_EQ(engine.state("end"), ItemState::completed);
  EXPECT_EQ(engine.order_state(), OrderState::activated);
}

TEST(MarkFatallyFailed, WhatIsFinalIsRefused) {
  Engine engine(call_then_end());
  engine.submit(one_line);
  engine.answer("call", CallOutcome::done);
  engine.item_command("call", "mark-fatally-failed", "");
  EXPECT_EQ(engine.last_command().code, code_text(Code::item_transition));
  EXPECT_EQ(engine.state("call"), ItemState::completed);
}

TEST(PlacedInput, CarriesWhatARecordSaysOfItself) {
  InputRecord record{Log::incoming,
                     0,
                     1,
                     Time{1},
                     "A-1",
                     "incoming.submit/1",
                     "{}",
                     R"({"source":"org1","sourceOrderId":"O1","accountId":"A-1","items":[)" + one_line + "]}"};
  const ExcludedInput submit = excluded_input(record, "poison");
  EXPECT_EQ(submit.kind, "submit");
  EXPECT_EQ(submit.subject, "org1/O1");
  EXPECT_EQ(submit.why, "poison");
  EXPECT_TRUE(submit.submit.has_value());
  record.schema = "incoming.submit/9", record.value = "broken";
  const ExcludedInput broken = excluded_input(record, "poison");
  EXPECT_EQ(broken.kind, "submit") << "it need not be readable";
  EXPECT_EQ(broken.subject, "A-1");
  EXPECT_FALSE(broken.submit.has_value());

  InputRecord due{Log::completer, 0, 1, Time{1}, "A-1", "completer.due/1", "{}", "{}"};
  EXPECT_FALSE(distrusted_input(due).has_value()) << "only calls are distrusted";
}

}  // namespace
}  // namespace backstitch
