// Submits and everything that is refused in writing; the chain of decision digests.
#include <boost/json.hpp>

#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::after;
using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;
using fixture::one_line;

CatalogPtr one_callout() { return catalog_with(callout("call")); }

TEST(Submit, BuildsThePlanAndHandsTheFirstCallOut) {
  Engine engine(one_callout());
  engine.submit(one_line);
  EXPECT_EQ(engine.order_state(), OrderState::in_progress);
  EXPECT_EQ(engine.state("call"), ItemState::running);
  ASSERT_EQ(engine.effects.tasks.size(), 1u);
  const Task& task = engine.task("call");
  EXPECT_EQ(task.key.call, 1);
  EXPECT_EQ(task.system, "sys");
  EXPECT_EQ(task.interface, "do");
  EXPECT_EQ(task.body, R"({"a":"x"})");
  EXPECT_EQ(task.subject, "A-1/O1:1/plan/call");
  EXPECT_EQ(engine.item("call").digest, task.digest) << "the row is the intent, committed before the call";
  EXPECT_EQ(engine.item("call").attempt, 1);
  ASSERT_EQ(engine.effects.crm.size(), 1u);
  EXPECT_NE(engine.effects.crm[0].body.find("\"state\":\"InProgress\""), std::string::npos);
  EXPECT_TRUE(engine.tables.commands.empty()) << "what is decided has no outcome beside its rows";
}

TEST(Submit, TheSameAgainIsADuplicateAndAnotherBodyAConflict) {
  Engine engine(one_callout());
  engine.submit(one_line);
  engine.submit(one_line);
  EXPECT_EQ(engine.last_command().state, "duplicate");
  EXPECT_TRUE(engine.effects.tasks.empty());
  engine.submit(R"({"lineId":"1","product":"P","action":"Add","attributes":{"a":"y"}})");
  EXPECT_EQ(engine.last_command().state, "conflict");
  EXPECT_EQ(engine.last_command().code, code_text(Code::order_conflict));
  EXPECT_EQ(engine.tables.orders.size(), 1u);
}

TEST(Submit, AlsoAfterTheOrderHasEnded) {
  Engine engine(one_callout());
  engine.submit(one_line);
  engine.answer("call", CallOutcome::done);
  ASSERT_EQ(engine.order_state(), OrderState::activated);
  engine.submit(one_line);
  EXPECT_EQ(engine.last_command().state, "duplicate");
}

TEST(Submit, AnUnknownProductIsRejectedAndTheCrmIsTold) {
  Engine engine(one_callout());
  engine.submit(R"({"lineId":"1","product":"NO-SUCH","action":"Add"})");
  EXPECT_EQ(engine.order_state(), OrderState::rejected);
  EXPECT_EQ(engine.last_command().state, "refused");
  EXPECT_EQ(engine.last_command().code, code_text(Code::order_unknown_product));
  EXPECT_NE(engine.events().find("OrderRejected"), std::string::npos);
  ASSERT_EQ(engine.effects.crm.size(), 1u);
  EXPECT_NE(engine.effects.crm[0].body.find("\"state\":\"Rejected\""), std::string::npos);
  EXPECT_TRUE(engine.work.orders.empty());
}

TEST(Submit, AChangeOfWhatIsNotThereIsRejected) {
  Engine engine(one_callout());
  engine.submit(R"({"lineId":"1","product":"P","action":"Change","assetRef":"nothing"})");
  EXPECT_EQ(engine.order_state(), OrderState::rejected);
  EXPECT_EQ(engine.last_command().code, code_text(Code::inventory_missing));
}

TEST(Submit, WithoutACatalogIsRejected) {
  Engine engine(one_callout());
  engine.work.catalog_digest.clear();
  engine.submit(one_line);
  EXPECT_EQ(engine.order_state(), OrderState::rejected);
  EXPECT_EQ(engine.last_command().code, code_text(Code::catalog_none));
}

TEST(Decide, WhatThisVersionCannotDoIsRefusedInWriting) {
  Engine engine(one_callout());
  for (const char* kind : {"supplement", "freeze", "discard"}) {
    engine.feed(Log::incoming, fmt::format("incoming.{}/1", kind), "{}");
    EXPECT_EQ(engine.last_command().state, "refused");
    EXPECT_EQ(engine.last_command().kind, kind);
  }
  EXPECT_EQ(engine.tables.commands.size(), 3u);
}

TEST(Decide, ABrokenRecordIsRefusedWithItsPlaceInTheLog) {
  Engine engine(one_callout());
  engine.feed(Log::incoming, "incoming.submit/1", "{\"source\":");
  EXPECT_EQ(engine.last_command().code, code_text(Code::json_invalid));
  EXPECT_EQ(engine.last_command().offset, 1u);
  engine.feed(Log::completer, "completer.answer/1", "[]");
  EXPECT_EQ(engine.last_command().kind, "completer.answer/1");
  EXPECT_NE(engine.tables.commands[0].id, engine.tables.commands[1].id) << "the same offset of another log";
}

TEST(Decide, ANewerSchemaIsNoInputOfThisVersion) {
  InputRecord record;
  record.schema = "incoming.submit/2";
  EXPECT_EQ(parse_input(record).error().code, Code::schema_unknown);
}

TEST(Decide, AnAnswerToNobodyIsAConflictOfItsOwnKind) {
  Engine engine(one_callout());
  engine.feed(Log::completer, "completer.answer/1",
              R"({"effectKey":"eff_00000000000000000000000001.1","itemId":"itm_00000000000000000000000001","outcome":"done"})");
  EXPECT_EQ(engine.last_command().state, "conflict");
  EXPECT_EQ(engine.last_command().kind, "completer.answer") << "told apart from outcomes of incoming";
}

TEST(Decide, ACatalogIsActiveFromItsPlaceInTheLogOn) {
  Engine engine(one_callout());
  engine.submit(one_line, "O1");
  const CatalogPtr next = catalog_with(callout("call") + R"(,{"key":"end","type":"milestone"})", after("end", "call"));
  engine.activate(next);
  EXPECT_EQ(engine.last_command().state, "applied");
  engine.submit(one_line, "O2");
  EXPECT_EQ(engine.item_names("O1").size(), 1u) << "what runs keeps the version it was made with";
  EXPECT_EQ(engine.item_names("O2").size(), 2u);
  engine.feed(Log::incoming, "incoming.catalog-activate/1",
              R"({"commandId":"cmd_00000000000000000000000002","digest":"nowhere"})");
  EXPECT_EQ(engine.last_command().code, code_text(Code::catalog_version_missing));
  EXPECT_EQ(engine.work.catalog_digest, next->digest);
}

std::uint64_t digest_of(const std::function<void(Engine&)>& live) {
  Engine engine(one_callout());
  live(engine);
  return engine.work.decision_digest;
}

TEST(DecisionDigest, IsAFunctionOfTheLog) {
  auto live = [](Engine& engine) {
    engine.submit(one_line), engine.answer("call", CallOutcome::refused, "sys/422"), engine.due("call");
  };
  EXPECT_EQ(digest_of(live), digest_of(live));
}

TEST(DecisionDigest, DiffersWhenAnEffectDiffers) {
  const auto base = digest_of([](Engine& engine) { engine.submit(one_line); });
  EXPECT_NE(base, digest_of([](Engine& engine) {  // another request
              engine.submit(R"({"lineId":"1","product":"P","action":"Add","attributes":{"a":"y"}})");
            }));
  EXPECT_NE(base, digest_of([](Engine& engine) {  // another key
              engine.submit(one_line, "O2");
            }));
  EXPECT_NE(base, digest_of([](Engine& engine) {  // none: held
              engine.system_command("sys", "down"), engine.submit(one_line);
            }));
  const auto timer = [](std::int64_t wait_ms) {
    return digest_of([&](Engine& engine) {
      engine.settings.default_retry_interval_ms = wait_ms;
      engine.submit(one_line), engine.answer("call", CallOutcome::refused);
    });
  };
  EXPECT_NE(timer(10), timer(11)) << "another time of a retry";
}

TEST(DecisionDigest, OfAMarkChangesNothingButTheChain) {
  Engine engine(one_callout());
  engine.submit(one_line);
  const std::string before = engine.events();
  engine.feed(Log::completer, "completer.mark/1", "{}");
  EXPECT_EQ(engine.events(), before);
  EXPECT_TRUE(engine.effects.tasks.empty());
}

}  // namespace
}  // namespace backstitch
