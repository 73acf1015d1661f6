// A restart after every step: what comes back from the rows decides as what was there. The fixture compares after every record;
// here twins prove that the decisions are the same, over random commands too.
#include <rapidcheck.h>

#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::after;
using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;
using fixture::one_line;

/// Every type of item, a join, a skipped branch and a second system.
CatalogPtr broad() {
  return catalog_with(
      callout("first", R"(,"retryIntervalMs":5,"retries":2)") +
          R"(,{"key":"hand","type":"manualTask","manualQueue":"people"},)"
          R"({"key":"auto","type":"autoTask","implementation":"echo"},)"
          R"({"key":"second","type":"callout","interface":"other.do","response":{"$line.attribute.b":"$.b"},"retries":0},)"
          R"({"key":"no","type":"milestone","skipBranch":true,"when":{"left":"attribute.a","op":"=","right":"nothing"}},)"
          R"({"key":"nor","type":"milestone"},{"key":"keep","type":"autoTask","implementation":"assetize"})",
      after("second", "first") + "," + after("auto", "first") + "," + after("nor", "no") + "," + after("keep", "second") + "," +
          after("keep", "hand") + "," + after("keep", "auto"));
}

/// One step of whoever acts, legal or not.
struct Step {
  int what = 0, item = 0, dice = 0;
};
constexpr const char* items[] = {"first", "hand", "auto", "second", "no", "nor", "keep"};

void act(Engine& engine, const Step& step) {
  static constexpr CallOutcome outcomes[] = {CallOutcome::done, CallOutcome::done, CallOutcome::refused, CallOutcome::not_taken,
                                             CallOutcome::unknown};
  static constexpr const char *verbs[] = {"retry", "complete", "fail"}, *task_verbs[] = {"claim", "complete", "reassign"},
                              *switches[] = {"down", "up", "unhold"};
  const std::string item = items[step.item % 7], reason = step.dice % 3 ? "because" : "";
  switch (step.what % 6) {
    case 0: return engine.answer(item, outcomes[step.dice % 5], "sys/x", R"({"b":"v"})");
    case 1: return engine.due(item);
    case 2: return engine.item_command(item, verbs[step.dice % 3], reason, R"({"b":"by hand"})");
    case 3: return engine.task_command(item, task_verbs[step.dice % 3], step.dice % 4 ? "ann" : "bob", "bob");
    case 4: return engine.system_command(step.dice % 2 ? "sys" : "other", switches[step.item % 3]);
    case 5: return engine.answer_call(item, 1 + step.dice % 3, CallOutcome::done, "sys/late");
  }
}

void expect_invariants(const Engine& engine) {
  bool all_ended = true;
  for (const char* name : items) {
    const ItemRow& item = engine.item(name);
    all_ended = all_ended && is_terminal(item.state);
    RC_ASSERT(item.call >= 1);
    RC_ASSERT(item.due_at.is_set() == (item.state == ItemState::failed || item.state == ItemState::scheduled));
    RC_ASSERT(!(item.state == ItemState::fatally_failed && item.error.empty()));
    RC_ASSERT(!(item.state == ItemState::completed && !item.error.empty()));
    const bool wants_somebody =
        item.state == ItemState::failed || item.state == ItemState::fatally_failed || item.state == ItemState::on_hold ||
        (std::string(name) == "hand" && (item.state == ItemState::ready || item.state == ItemState::running));
    RC_ASSERT(engine.attention(name).empty() != wants_somebody);
  }
  RC_ASSERT((engine.order_state() == OrderState::activated) == all_ended);
  RC_ASSERT(engine.work.orders.empty() == all_ended);
  // Nothing starts before what it waits for is satisfied (V-3).
  for (const auto& [item, before] :
       {std::pair("second", "first"), {"auto", "first"}, {"keep", "second"}, {"keep", "hand"}, {"keep", "auto"}})
    RC_ASSERT(engine.state(item) == ItemState::pending || satisfies_dependency(engine.state(before)));
}

std::vector<Step> steps_by_dice() {
  return *rc::gen::container<std::vector<Step>>(
      rc::gen::apply([](int what, int item, int dice) { return Step{what, item, dice}; }, rc::gen::inRange(0, 6),
                     rc::gen::inRange(0, 7), rc::gen::inRange(0, 60)));
}

TEST(RestartAfterEveryStep, RandomCommandsKeepTheLifeCycleAndDecideTheSame) {
  const CatalogPtr catalog = broad();
  EXPECT_TRUE(rc::check("twins agree", [&] {
    Engine live(catalog), restarted(catalog);
    live.submit(one_line), restarted.submit(one_line);
    for (const Step& step : steps_by_dice()) {
      restarted.restart();
      act(live, step), act(restarted, step);
      RC_ASSERT(live.work.decision_digest == restarted.work.decision_digest);
      RC_ASSERT(live.events() == restarted.events());
      expect_invariants(live);
    }
    RC_ASSERT(!::testing::Test::HasFailure());  // the fixture's own comparison of every field
  }));
}

// Turns cut the log anywhere: the rows at the end must not depend on where.
TEST(RowsOfATurn, DoNotDependOnWhereTurnsAreCut) {
  const CatalogPtr catalog = broad();
  EXPECT_TRUE(rc::check("one turn or many", [&] {
    Engine many(catalog), cut(catalog);
    many.submit(one_line);
    for (const Step& step : steps_by_dice()) act(many, step);
    cut.rows_each_record = false;
    for (const InputRecord& record : many.log) {
      cut.feed(record);
      if (*rc::gen::inRange(0, 4) == 0) cut.take_rows();
    }
    cut.take_rows();
    RC_ASSERT(many.work.decision_digest == cut.work.decision_digest);
    RC_ASSERT(many.tables.dump() == cut.tables.dump());
  }));
}

TEST(RowsOfATurn, TheGraphIsOfTheSubmitAlsoWhenATaskIsDoneInTheSameTurn) {
  const CatalogPtr catalog =
      catalog_with(R"({"key":"hand","type":"manualTask","manualQueue":"people"},)" + callout("call"), after("call", "hand"));
  Engine many(catalog), one(catalog);
  many.submit(one_line);
  const std::string hand = many.item_id("hand").text();
  auto command = [&](Engine& engine, const char* verb, int number) {
    engine.feed(
        Log::incoming, "incoming.task-command/1",
        fmt::format(R"({{"commandId":"cmd_{:026}","itemId":"{}","command":"{}","actor":"ann","attributes":{{"b":"by hand"}}}})",
                    number, hand, verb));
  };
  command(many, "claim", 1), command(many, "complete", 2);
  one.rows_each_record = false;
  one.submit(one_line), command(one, "claim", 1), command(one, "complete", 2);
  one.take_rows();
  EXPECT_EQ(many.work.decision_digest, one.work.decision_digest);
  EXPECT_EQ(many.tables.docs.begin()->second.graph, one.tables.docs.begin()->second.graph)
      << "a cold row is what was decided at the submit";
  EXPECT_EQ(many.tables.values.begin()->second.values, one.tables.values.begin()->second.values);
  EXPECT_EQ(many.events(), one.events());
}

TEST(RestoreOrder, ARowThatIsMissingIsNamed) {
  Engine engine(broad());
  engine.submit(one_line);
  const auto order = engine.tables.orders.begin()->first;
  engine.tables.items.erase(engine.item_id("hand"));
  const OrderWork* live = engine.work.find_order(order);
  std::vector<ItemRow> rows;
  for (const auto& [id, row] : engine.tables.items) rows.push_back(row);
  std::vector<LineRow> lines, orders, parts;
  for (const auto& [id, row] : engine.tables.order_items) lines.push_back(row);
  for (const auto& [id, row] : engine.tables.downstream_orders) orders.push_back(row);
  for (const auto& [id, row] : engine.tables.downstream_items) parts.push_back(row);
  const auto back = restore_order(
      {engine.tables.orders.at(order), engine.tables.docs.at(order), lines, orders, parts, {}, nullptr, rows}, live->catalog);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, Code::row_broken);
  EXPECT_NE(back.error().detail.find("plan/hand"), std::string::npos) << back.error().detail;
  const auto without = restore_order(
      {engine.tables.orders.at(order), engine.tables.docs.at(order), lines, orders, parts, {}, nullptr, rows}, nullptr);
  EXPECT_EQ(without.error().code, Code::catalog_version_missing);
}

TEST(RederiveEffects, AreTheTasksAndTimersThatACrashLost) {
  Engine engine(broad());
  engine.submit(one_line);
  const Task lost = engine.task("first");
  engine.restart();
  Effects effects;
  rederive_effects(engine.settings, *engine.work.orders.begin()->second, effects);
  ASSERT_EQ(effects.tasks.size(), 1u);
  EXPECT_EQ(effects.tasks[0].key, lost.key);
  EXPECT_EQ(effects.tasks[0].body, lost.body);
  EXPECT_EQ(effects.tasks[0].digest, lost.digest);
  EXPECT_EQ(effects.tasks[0].subject, lost.subject);
  engine.answer("first", CallOutcome::refused);
  engine.restart();
  effects = {};
  rederive_effects(engine.settings, *engine.work.orders.begin()->second, effects);
  EXPECT_TRUE(effects.tasks.empty());
  ASSERT_EQ(effects.timers.size(), 1u);
  EXPECT_EQ(effects.timers[0].due_at, engine.item("first").due_at);
}

}  // namespace
}  // namespace backstitch
