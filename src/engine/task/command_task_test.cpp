// Manual tasks: one person at a time.
#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::catalog_with;
using fixture::Engine;
using fixture::one_line;

class ManualTask : public ::testing::Test {
 protected:
  void SetUp() override { engine.submit(one_line); }
  void expect_refused(Code code) {
    EXPECT_EQ(engine.last_command().state, "refused");
    EXPECT_EQ(engine.last_command().code, code_text(code)) << engine.last_command().detail;
  }
  Engine engine{catalog_with(R"({"key":"do","type":"manualTask","manualQueue":"people"})")};
};

TEST_F(ManualTask, IsOfferedClaimedAndCompleted) {
  EXPECT_EQ(engine.state("do"), ItemState::ready);
  EXPECT_EQ(engine.attention("do"), "manual");
  EXPECT_TRUE(engine.effects.tasks.empty());
  EXPECT_EQ(engine.tables.attention.begin()->second.system, "people");
  engine.task_command("do", "claim", "ann");
  EXPECT_EQ(engine.state("do"), ItemState::running);
  EXPECT_EQ(engine.item("do").owner, "ann");
  EXPECT_EQ(engine.attention("do"), "manual");
  engine.restart();
  engine.task_command("do", "complete", "ann");
  EXPECT_EQ(engine.state("do"), ItemState::completed);
  EXPECT_EQ(engine.attention("do"), "");
  EXPECT_EQ(engine.order_state(), OrderState::activated);
  EXPECT_NE(engine.tables.values.begin()->second.values.find("by hand"), std::string::npos);
}

TEST_F(ManualTask, IsNotCompletedBeforeItIsClaimed) {
  engine.task_command("do", "complete", "ann");
  expect_refused(Code::item_transition);
  engine.task_command("do", "reassign", "ann", "bob");
  expect_refused(Code::item_transition);
}

TEST_F(ManualTask, BelongsToWhoClaimedIt) {
  engine.task_command("do", "claim", "ann");
  engine.task_command("do", "claim", "bob");
  expect_refused(Code::task_claimed);
  engine.task_command("do", "complete", "bob");
  expect_refused(Code::task_claimed);
  engine.task_command("do", "claim", "ann");
  EXPECT_EQ(engine.last_command().state, "applied") << "her own claim again";
  EXPECT_EQ(engine.item("do").owner, "ann");
}

TEST_F(ManualTask, IsReassigned) {
  engine.task_command("do", "claim", "ann");
  engine.task_command("do", "reassign", "boss", "bob");
  EXPECT_EQ(engine.item("do").owner, "bob");
  EXPECT_EQ(engine.tables.attention.begin()->second.owner, "bob");
  engine.task_command("do", "complete", "ann");
  expect_refused(Code::task_claimed);
  engine.task_command("do", "complete", "bob");
  EXPECT_EQ(engine.order_state(), OrderState::activated);
}

TEST_F(ManualTask, IsNoCalloutAndTheOtherWayRound) {
  engine.item_command("do", "fail", "because");
  expect_refused(Code::item_transition);
  Engine other(catalog_with(fixture::callout("call")));
  other.submit(one_line);
  other.task_command("call", "claim", "ann");
  EXPECT_EQ(other.last_command().code, code_text(Code::item_transition));
}

}  // namespace
}  // namespace backstitch
