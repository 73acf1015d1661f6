// Systems down and up (H-1 … H-5): what is about to call is held, and let go only on command.
#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;
using fixture::one_line;

CatalogPtr one_callout() { return catalog_with(callout("call")); }

TEST(SystemDown, HoldsWhatIsAboutToCallIt) {
  Engine engine(one_callout());
  engine.system_command("sys", "down");
  engine.submit(one_line);
  EXPECT_EQ(engine.state("call"), ItemState::on_hold);
  EXPECT_EQ(engine.attention("call"), "on-hold");
  EXPECT_TRUE(engine.effects.tasks.empty());
  engine.restart();
  engine.submit(one_line, "O2");
  EXPECT_EQ(engine.state("call", "O2"), ItemState::on_hold) << "also after a restart";
}

TEST(SystemDown, OfAnotherSystemHoldsNothing) {
  Engine engine(one_callout());
  engine.system_command("other", "down");
  engine.submit(one_line);
  EXPECT_EQ(engine.state("call"), ItemState::running);
}

TEST(SystemDown, LeavesACallInTheAirAndHoldsItsRetry) {
  Engine engine(one_callout());
  engine.submit(one_line);
  engine.system_command("sys", "down");
  EXPECT_EQ(engine.state("call"), ItemState::running);
  engine.answer("call", CallOutcome::refused);
  engine.due("call");
  EXPECT_EQ(engine.state("call"), ItemState::on_hold);
}

TEST(SystemUp, LetsNewItemsGoAndKeepsTheHeldUntilUnhold) {
  Engine engine(one_callout());
  engine.system_command("sys", "down");
  engine.submit(one_line, "O1");
  engine.system_command("sys", "unhold");
  EXPECT_EQ(engine.last_command().code, code_text(Code::item_transition)) << "it is down";
  EXPECT_EQ(engine.state("call"), ItemState::on_hold);
  engine.system_command("sys", "up");
  EXPECT_EQ(engine.state("call"), ItemState::on_hold);
  engine.submit(one_line, "O2");
  EXPECT_EQ(engine.state("call", "O2"), ItemState::running);
  engine.system_command("sys", "unhold");
  EXPECT_EQ(engine.state("call"), ItemState::running);
  EXPECT_EQ(engine.attention("call"), "");
  ASSERT_EQ(engine.effects.tasks.size(), 1u);
}

TEST(SystemUp, ReleasesInTheOrderOfOrders) {
  Engine engine(one_callout());
  engine.system_command("sys", "down");
  for (int i = 0; i < 9; ++i) engine.submit(one_line, "O" + std::to_string(i));
  engine.system_command("sys", "up");
  engine.system_command("sys", "unhold");
  ASSERT_EQ(engine.effects.tasks.size(), 9u);
  for (std::size_t i = 1; i < 9; ++i) EXPECT_LT(engine.effects.tasks[i - 1].item.bits, engine.effects.tasks[i].item.bits);
}

TEST(SystemUp, AnOperatorCannotTakeAHeldItemOut) {
  Engine engine(one_callout());
  engine.system_command("sys", "down");
  engine.submit(one_line);
  for (const char* verb : {"retry", "complete", "fail"}) {
    engine.item_command("call", verb, "because");
    EXPECT_EQ(engine.last_command().state, "refused") << verb;
    EXPECT_EQ(engine.state("call"), ItemState::on_hold);
  }
}

}  // namespace
}  // namespace backstitch
