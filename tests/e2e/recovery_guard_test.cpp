// Each guard of a recovery taken out alone turns a check of a recovery red. The checks run green in this same program; here each
// runs once more, in a process of its own, with its guard out. scripts/seeds.sh does both with many seeds.
#include <gtest/gtest.h>

#include "base/probe.h"
#include "base/process.h"

namespace backstitch::e2e {
namespace {

struct Pair {
  Guard guard;
  const char* check;
};

class RecoveryGuardOut : public ::testing::TestWithParam<Pair> {};

TEST_P(RecoveryGuardOut, TurnsItsCheckRed) {
  ASSERT_TRUE(guarded(GetParam().guard)) << "a guard is out from the beginning";
  const std::string check = std::string("Check.") + GetParam().check;
  const auto ran = run({.argv = {own_executable(), "--gtest_filter=" + check},
                        .env = {{"BACKSTITCH_TESTING_DISABLE", guard_name(GetParam().guard)}}},
                       240'000);
  ASSERT_TRUE(ran) << ran.error().text();
  EXPECT_EQ(ran->exit_status, 1) << ran->out << ran->err;
  EXPECT_NE(ran->out.find("[  FAILED  ] " + check), std::string::npos) << ran->out << ran->err;
}

constexpr const char* dead = "ADeadDatabaseComesBackAndNothingIsDoneTwice";
constexpr const char* ghosts = "GhostsOfTheOldEpochChangeNothing";

INSTANTIATE_TEST_SUITE_P(Alone, RecoveryGuardOut,
                         ::testing::Values(Pair{Guard::positions, dead}, Pair{Guard::derived_ids, dead}, Pair{Guard::mark, dead},
                                           Pair{Guard::answer_index, dead}, Pair{Guard::adoption, dead},
                                           Pair{Guard::evidence_before_rewind, dead}, Pair{Guard::seal, ghosts},
                                           Pair{Guard::epoch_database, ghosts}, Pair{Guard::closed_flag, ghosts},
                                           Pair{Guard::drain, ghosts}),
                         [](const auto& instance) {
                           std::string name = guard_name(instance.param.guard);
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace backstitch::e2e
