// Each guard taken out alone turns a named check red. The checks run green in this same program; here each runs once more, in a
// process of its own, with its guard out.
#include <gtest/gtest.h>

#include "guard_out.h"

namespace backstitch::e2e {
namespace {

struct Pair {
  Guard guard;
  const char* check;
};

class GuardOut : public ::testing::TestWithParam<Pair> {};

TEST_P(GuardOut, TurnsItsCheckRed) { said_without(GetParam().guard, GetParam().check, 240'000); }

INSTANTIATE_TEST_SUITE_P(Alone, GuardOut,
                         ::testing::Values(Pair{Guard::mark, "ABlindCallIsMadeOnce"},
                                           Pair{Guard::answer_index, "AnAnsweredCallIsNotMadeAgain"},
                                           Pair{Guard::derived_ids, "ARestartDerivesTheSameIds"},
                                           Pair{Guard::positions, "EachInputIsFoldedOnce"},
                                           Pair{Guard::epoch, "AnOldOwnerIsFenced"},
                                           Pair{Guard::durable_before_visible, "ReadersSeeOnlyWhatIsDurable"},
                                           Pair{Guard::rule, "TextsAreComparedWhole"}),
                         [](const auto& instance) { return instance_name(instance.param.guard); });

}  // namespace
}  // namespace backstitch::e2e
