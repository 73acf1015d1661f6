// What happens when dependencies are met: skipped, scheduled, ready.
#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::after;
using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;
using fixture::one_line;

constexpr const char* never = R"(,"when":{"left":"attribute.a","op":"=","right":"nothing"})";

TEST(Skip, AnItemWhoseConditionIsFalseLetsOthersGo) {
  Engine engine(catalog_with(callout("maybe", never) + R"(,{"key":"end","type":"milestone"})", after("end", "maybe")));
  engine.submit(one_line);
  EXPECT_EQ(engine.state("maybe"), ItemState::skipped);
  EXPECT_EQ(engine.state("end"), ItemState::completed);
  EXPECT_EQ(engine.order_state(), OrderState::activated);
}

TEST(Skip, ABranchIsSkippedAsFarAsItGoes) {
  Engine engine(catalog_with(callout("maybe", std::string(never) + R"(,"skipBranch":true)") + "," + callout("then") + "," +
                                 callout("later") + R"(,{"key":"beside","type":"milestone"})",
                             after("then", "maybe") + "," + after("later", "then")));
  engine.submit(one_line);
  for (const char* item : {"maybe", "then", "later"}) EXPECT_EQ(engine.state(item), ItemState::skipped) << item;
  EXPECT_EQ(engine.state("beside"), ItemState::completed);
  EXPECT_TRUE(engine.effects.tasks.empty());
}

TEST(Skip, ABranchThatWaitedIsSkippedWhenItIsItsTurn) {
  Engine engine(catalog_with(callout("maybe", std::string(never) + R"(,"skipBranch":true)") + "," + callout("slow") + "," +
                                 callout("both") + "," + callout("last"),
                             after("both", "maybe") + "," + after("both", "slow") + "," + after("last", "both")));
  engine.submit(one_line);
  EXPECT_EQ(engine.state("both"), ItemState::pending);
  engine.restart();
  engine.answer("slow", CallOutcome::done);
  EXPECT_EQ(engine.state("both"), ItemState::skipped);
  EXPECT_EQ(engine.state("last"), ItemState::skipped);
  EXPECT_EQ(engine.order_state(), OrderState::activated);
}

TEST(ProcessAfter, WaitsForItsTimeAndIsTakenAtOnceWhenItIsPast) {
  const CatalogPtr catalog = catalog_with(callout("later", R"(,"processAfter":"$line.attribute.start")"));
  auto line = [](Time start) {
    return R"({"lineId":"1","product":"P","action":"Add","attributes":{"a":"x","start":")" + rfc3339(start) + "\"}}";
  };
  Engine engine(catalog);
  const Time start = engine.now.plus_ms(60'000);
  engine.submit(line(start));
  EXPECT_EQ(engine.state("later"), ItemState::scheduled);
  EXPECT_EQ(engine.item("later").due_at, start);
  ASSERT_EQ(engine.effects.timers.size(), 1u);
  EXPECT_EQ(engine.effects.timers[0].kind, "processAfter");
  EXPECT_TRUE(engine.effects.tasks.empty());
  engine.restart();
  Effects again;
  rederive_effects(engine.settings, *engine.work.orders.begin()->second, again);
  ASSERT_EQ(again.timers.size(), 1u) << "a lost timer comes back from the row";
  EXPECT_EQ(again.timers[0].due_at, start);
  engine.due("later");
  EXPECT_EQ(engine.state("later"), ItemState::running);

  Engine past(catalog);
  past.submit(line({past.now.us - 1}));
  EXPECT_EQ(past.state("later"), ItemState::running);
}

}  // namespace
}  // namespace backstitch
