#include "demo/window.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t orders_for_whole_minima = 1'000, orders_small = 500;

}  // namespace

std::vector<Held> least_held(const Census& census) {
  const bool small = !is_whole(census);
  const std::int64_t orders = small ? census.orders / 2 : census.orders;
  const std::int64_t rare = std::min<std::int64_t>(20, 20 * orders / orders_for_whole_minima);
  return {{"ordersAcknowledged", 0, orders / 10},
          {"ordersActivated", 0, orders / 20},
          {"effectsExecuted", 0, small ? census.callouts / 8 : std::min<std::int64_t>(200, orders / 5)},
          {"unknownOutcomes", 0, rare},
          {"completerNotConsumed", 0, rare},
          {"timers", 0, rare},
          {"assetChanges", 0, orders / 10},
          {"lateCallbacks", 0, rare / 2},
          {"operatorCommands", 0, small ? 3 : 10},
          {"catalogActivations", 0, 1},
          {"grantsRevoked", 0, 1}};
}

std::vector<Held> window_held(const boost::json::object& recovery, const Census& census) {
  std::vector<Held> held = least_held(census);
  const auto* window = recovery.if_contains("window");
  const auto* counts = window && window->is_object() ? window->get_object().if_contains("held") : nullptr;
  if (!counts || !counts->is_object()) return held;
  for (Held& one : held)
    if (const auto* found = counts->get_object().if_contains(one.of); found && found->is_number())
      one.count = found->to_number<std::int64_t>();
  return held;
}

bool is_whole(const Census& census) { return census.orders >= orders_small; }

std::vector<Held> rows_held(const boost::json::object& recovery, const Reach& reach) {
  std::vector<Held> held{{"row1Asked", 0, reach.enough},
                         {"row2Contradicted", 0, reach.strays},
                         {"row3Adopted", 0, reach.enough},
                         {"row4OtherRequest", 0, int{reach.ended_service} + int{reach.two_engines}},
                         {"row5CalledAgain", 0, reach.held_up && reach.enough},
                         {"row6NeverMade", 0, reach.enough},
                         {"row7Netted", 0, reach.strays},
                         {"row8OtherKey", 0, reach.strays},
                         {"row9Unwanted", 0, reach.strays}};
  const auto* effects = recovery.if_contains("effects");
  const auto* rows = effects && effects->is_object() ? effects->get_object().if_contains("rows") : nullptr;
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (!reach.settles) held[i].least = 0;
    if (rows && rows->is_array() && rows->get_array().size() > i + 1) held[i].count = rows->at(i + 1).to_number<std::int64_t>();
  }
  return held;
}

Check check_window(const std::vector<Held>& held) {
  Check check{"window", "the window holds enough to prove something", static_cast<std::int64_t>(held.size()), {}};
  for (const Held& one : held)
    if (one.count < one.least)
      check.differences.push_back(fmt::format("vacuous: {} {} of at least {}", one.of, one.count, one.least));
  return check;
}

}  // namespace backstitch::demo
