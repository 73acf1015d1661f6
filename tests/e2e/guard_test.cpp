// Each guard taken out alone turns a named check red. The checks run green in this same program; here each runs once more, in a
// process of its own, with its guard out.
#include <gtest/gtest.h>

#include "base/probe.h"
#include "base/process.h"

namespace backstitch::e2e {
namespace {

struct Pair {
  Guard guard;
  const char* check;
};

class GuardOut : public ::testing::TestWithParam<Pair> {};

TEST_P(GuardOut, TurnsItsCheckRed) {
  ASSERT_TRUE(guarded(GetParam().guard)) << "a guard is out from the beginning";
  const std::string check = std::string("Check.") + GetParam().check;
  const auto ran = run({.argv = {own_executable(), "--gtest_filter=" + check},
                        .env = {{"BACKSTITCH_TESTING_DISABLE", guard_name(GetParam().guard)}}},
                       240'000);
  ASSERT_TRUE(ran) << ran.error().text();
  EXPECT_EQ(ran->exit_status, 1) << ran->out << ran->err;
  EXPECT_NE(ran->out.find("[  FAILED  ] " + check), std::string::npos) << ran->out << ran->err;
}

INSTANTIATE_TEST_SUITE_P(Alone, GuardOut,
                         ::testing::Values(Pair{Guard::mark, "ABlindCallIsMadeOnce"},
                                           Pair{Guard::answer_index, "AnAnsweredCallIsNotMadeAgain"},
                                           Pair{Guard::derived_ids, "ARestartDerivesTheSameIds"},
                                           Pair{Guard::positions, "EachInputIsFoldedOnce"},
                                           Pair{Guard::epoch, "AnOldOwnerIsFenced"},
                                           Pair{Guard::durable_before_visible, "ReadersSeeOnlyWhatIsDurable"},
                                           Pair{Guard::rule, "TextsAreComparedWhole"}),
                         [](const auto& instance) {
                           std::string name = guard_name(instance.param.guard);
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace backstitch::e2e
