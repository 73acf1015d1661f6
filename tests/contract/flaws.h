// The contract on fakes with one flaw each: a flaw that no case sees is a promise that nobody checks.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "contract/words.h"

namespace backstitch::contract {

/// How many cases see it. `make` makes what a case runs on, anew for each, with these flaws.
template <class Port, class Wrong, class Make>
long failing_cases(const std::vector<Case<Port>>& cases, const std::set<Wrong>& flaws, Make make) {
  return std::count_if(cases.begin(), cases.end(), [&](const Case<Port>& each) {
    auto port = make(flaws);
    return !each.run(port).empty();
  });
}

/// Each flaw is seen by a case, all together by five or more, and where there is none no case fails.
template <class Port, class Wrongs, class Make>
void expect_flaws_are_seen(const std::vector<Case<Port>>& cases, const Wrongs& wrongs, Make make) {
  using Flaws = std::set<typename Wrongs::value_type>;
  ASSERT_EQ(failing_cases(cases, Flaws(), make), 0);
  for (const auto& wrong : wrongs)
    EXPECT_GE(failing_cases(cases, Flaws{wrong}, make), 1) << "no case sees wrong number " << static_cast<int>(wrong);
  EXPECT_GE(failing_cases(cases, Flaws(wrongs.begin(), wrongs.end()), make), 5);
}

}  // namespace backstitch::contract
