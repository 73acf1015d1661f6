#include "model/transitions.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace backstitch {
namespace {

constexpr int item_states = 15, item_events = 16, order_states = 13, order_events = 5;

// Written down once more, from the domain's table: the code's table is compared with it pair by pair.
const std::map<std::string, std::string> expected_items = {{"Pending dependencies-met", "Ready"},
                                                           {"Pending start-in-future", "Scheduled"},
                                                           {"Pending condition-false", "Skipped"},
                                                           {"Scheduled time-reached", "Ready"},
                                                           {"Scheduled system-down", "OnHold"},
                                                           {"Ready system-down", "OnHold"},
                                                           {"Ready start", "Running"},
                                                           {"Ready complete", "Completed"},
                                                           {"OnHold released", "Ready"},
                                                           {"Running complete", "Completed"},
                                                           {"Running attempt-failed", "Failed"},
                                                           {"Running operator-fail", "Failed"},
                                                           {"Running give-up", "FatallyFailed"},
                                                           {"Pending mark-restored", "FatallyFailed"},
                                                           {"Scheduled mark-restored", "FatallyFailed"},
                                                           {"Ready mark-restored", "FatallyFailed"},
                                                           {"OnHold mark-restored", "FatallyFailed"},
                                                           {"Running mark-restored", "FatallyFailed"},
                                                           {"Failed mark-restored", "FatallyFailed"},
                                                           {"FatallyFailed reopen", "Pending"},
                                                           {"Failed retry-due", "Ready"},
                                                           {"Failed system-down", "OnHold"},
                                                           {"Failed give-up", "FatallyFailed"},
                                                           {"Failed operator-complete", "Completed"},
                                                           {"FatallyFailed operator-retry", "Ready"},
                                                           {"FatallyFailed operator-complete", "Completed"}};

TEST(ItemTransitions, ExactlyTheTablesPairsAreAllowed) {
  std::size_t allowed = 0;
  for (int s = 0; s < item_states; ++s)
    for (int e = 0; e < item_events; ++e) {
      const auto from = static_cast<ItemState>(s);
      const auto event = static_cast<ItemEvent>(e);
      const std::string pair = std::string(to_text(from)) + " " + to_text(event);
      const auto next = next_state(from, event);
      const auto expected = expected_items.find(pair);
      if (expected == expected_items.end()) {
        ASSERT_FALSE(next.has_value()) << pair;
        EXPECT_EQ(next.error().code, Code::item_transition) << pair;
        EXPECT_EQ(code_text(next.error().code), "BS-3301");
        EXPECT_NE(next.error().detail.find(to_text(from)), std::string::npos) << "the refusal names the state";
      } else {
        ASSERT_TRUE(next.has_value()) << pair;
        EXPECT_EQ(to_text(*next), expected->second) << pair;
        ++allowed;
      }
    }
  EXPECT_EQ(allowed, expected_items.size());
  EXPECT_EQ(item_transitions().size(), expected_items.size());
}

TEST(ItemTransitions, EveryEventHasANameOfItsOwn) {
  std::map<std::string, int> names;
  for (int e = 0; e < item_events; ++e) ++names[to_text(static_cast<ItemEvent>(e))];
  EXPECT_EQ(names.size(), static_cast<std::size_t>(item_events));
  EXPECT_FALSE(names.contains(""));
}

TEST(ItemTransitions, ARetryPassesThroughReady) {
  ItemState state = ItemState::pending;
  for (const ItemEvent event :
       {ItemEvent::dependencies_met, ItemEvent::start, ItemEvent::attempt_failed, ItemEvent::retry_due, ItemEvent::start,
        ItemEvent::attempt_failed, ItemEvent::give_up, ItemEvent::operator_retry, ItemEvent::start, ItemEvent::complete})
    state = next_state(state, event).value();
  EXPECT_EQ(state, ItemState::completed);
}

TEST(OrderTransitions, FinalStatesAndSkippedStepsAreRefused) {
  std::size_t allowed = 0;
  for (int s = 0; s < order_states; ++s)
    for (int e = 0; e < order_events; ++e) {
      const auto from = static_cast<OrderState>(s);
      const auto next = next_state(from, static_cast<OrderEvent>(e));
      const bool stuck = is_terminal(from) || from == OrderState::frozen || from == OrderState::freezing;
      EXPECT_FALSE(stuck && next) << to_text(from);
      EXPECT_EQ(next ? "BS-3106" : code_text(next.error().code), "BS-3106");
      allowed += next ? 1 : 0;
    }
  EXPECT_EQ(allowed, order_transitions().size());
  EXPECT_EQ(next_state(OrderState::draft, OrderEvent::submit).value(), OrderState::submitted);
  EXPECT_EQ(next_state(OrderState::submitted, OrderEvent::compose).value(), OrderState::in_progress);
  EXPECT_EQ(next_state(OrderState::in_progress, OrderEvent::activate).value(), OrderState::activated);
  EXPECT_EQ(next_state(OrderState::submitted, OrderEvent::reject).value(), OrderState::rejected);
  EXPECT_FALSE(next_state(OrderState::submitted, OrderEvent::activate).has_value());
}

}  // namespace
}  // namespace backstitch
