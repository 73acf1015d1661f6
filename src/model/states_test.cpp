#include "model/states.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace backstitch {
namespace {

template <class State, class From>
void expect_round_trip(int count, From from) {
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    const State state = static_cast<State>(i);
    const std::string name = to_text(state);
    EXPECT_FALSE(name.empty()) << i;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(from(name), std::optional<State>(state)) << name;
  }
  EXPECT_EQ(from("Nonsense"), std::nullopt);
  EXPECT_EQ(from(""), std::nullopt);
}

TEST(States, EveryStateHasANameThatReadsBack) {
  expect_round_trip<OrderState>(13, order_state_from);
  expect_round_trip<PlanState>(5, plan_state_from);
  expect_round_trip<ItemState>(15, item_state_from);
}

TEST(States, NamesAreThoseOfTheDomain) {
  EXPECT_STREQ(to_text(ItemState::fatally_failed), "FatallyFailed");
  EXPECT_STREQ(to_text(OrderState::submitted_for_fulfillment), "SubmittedForFulfillment");
  EXPECT_STREQ(to_text(DownstreamState::ready_for_activation), "ReadyForActivation");
  EXPECT_STREQ(to_text(LineState::superseded), "Superseded");
  EXPECT_STREQ(to_text(InventoryState::ended), "Ended");
  EXPECT_STREQ(to_text(AssetState::active), "Active");
}

TEST(States, FatallyFailedIsNotTheEnd) {
  EXPECT_FALSE(is_terminal(ItemState::fatally_failed));
  EXPECT_FALSE(is_terminal(ItemState::failed));
  EXPECT_FALSE(is_terminal(ItemState::on_hold));
  EXPECT_TRUE(is_terminal(ItemState::completed));
  EXPECT_TRUE(is_terminal(ItemState::failed_discarded));
  EXPECT_TRUE(is_terminal(OrderState::rejected));
  EXPECT_FALSE(is_terminal(OrderState::frozen));
  EXPECT_TRUE(is_terminal(PlanState::completed));
  EXPECT_FALSE(is_terminal(PlanState::failed));
}

TEST(States, OnlyWhatIsDoneSatisfiesADependency) {
  EXPECT_TRUE(satisfies_dependency(ItemState::completed));
  EXPECT_TRUE(satisfies_dependency(ItemState::skipped));
  for (const ItemState state : {ItemState::pending, ItemState::scheduled, ItemState::ready, ItemState::running, ItemState::failed,
                                ItemState::fatally_failed, ItemState::on_hold, ItemState::frozen, ItemState::frozen_running})
    EXPECT_FALSE(satisfies_dependency(state)) << to_text(state);
}

}  // namespace
}  // namespace backstitch
