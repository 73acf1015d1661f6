#include "demo/victims.h"

#include <gtest/gtest.h>

#include <set>

namespace backstitch::demo {
namespace {

TEST(PlanKills, IsAFunctionOfTheSeed) {
  EXPECT_EQ(plan_kills(7, 8), plan_kills(7, 8));
  EXPECT_NE(plan_kills(7, 8), plan_kills(8, 8));
}

TEST(PlanKills, TheFirstThreeHitThePlatformsOwnProcesses) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::set<Victim> victims;
    for (const PlannedKill& kill : plan_kills(seed, 3)) victims.insert(kill.victim);
    EXPECT_EQ(victims, (std::set{Victim::serve, Victim::worker, Victim::postgres})) << seed;
  }
}

TEST(PlanKills, FiveHitEverybody) {
  std::set<Victim> victims;
  for (const PlannedKill& kill : plan_kills(3, 5)) victims.insert(kill.victim);
  EXPECT_EQ(victims.size(), 5u);
}

TEST(PlanKills, ComeInOrderAndOnAverageInTheGivenTime) {
  const auto kills = plan_kills(1, 40);
  ASSERT_EQ(kills.size(), 40u);
  for (std::size_t i = 1; i < kills.size(); ++i) EXPECT_LE(kills[i - 1].at_ms, kills[i].at_ms);
  EXPECT_NEAR(static_cast<double>(kills.back().at_ms) / 40, kill_every_ms, kill_every_ms / 4);
}

TEST(PlanKills, RealServersDieToo) {
  const std::vector<Victim> servers = {Victim::queue, Victim::objects};
  std::set<Victim> victims;
  for (const PlannedKill& kill : plan_kills(3, 7, servers)) victims.insert(kill.victim);
  EXPECT_EQ(victims.size(), 7u);
  EXPECT_FALSE(victims.contains(Victim::cache));
}

TEST(PlanKills, NoneIsNone) { EXPECT_TRUE(plan_kills(1, 0).empty()); }

}  // namespace
}  // namespace backstitch::demo
