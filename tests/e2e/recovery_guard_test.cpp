// Each guard of a recovery taken out alone turns a check of a recovery red. The checks run green in this same program; here each
// runs once more, in a process of its own, with its guard out. scripts/seeds.sh does both with many seeds.
#include <gtest/gtest.h>

#include <algorithm>

#include "guard_out.h"

namespace backstitch::e2e {
namespace {

struct Pair {
  Guard guard;
  const char* check;
  std::vector<const char*> found;  // one of them: it is red for the reason the guard is there
};

void PrintTo(const Pair& pair, std::ostream* out) { *out << guard_name(pair.guard); }

class RecoveryGuardOut : public ::testing::TestWithParam<Pair> {};

TEST_P(RecoveryGuardOut, TurnsItsCheckRed) {
  const std::string said = said_without(GetParam().guard, GetParam().check, 600'000);
  EXPECT_TRUE(std::any_of(GetParam().found.begin(), GetParam().found.end(), [&](const char* words) {
    return said.find(words) != std::string::npos;
  })) << said;
}

constexpr const char* dead = "ADeadDatabaseComesBackAndNothingIsDoneTwice";
constexpr const char* names = "AReplayGivesEverythingItsOldName";
constexpr const char* ghosts = "GhostsOfTheOldEpochChangeNothing";

const std::vector<Pair> pairs = {
    {Guard::positions, ghosts, {"already exists"}},
    {Guard::derived_ids, names, {"has no row for", "\"unexplainedAccounts\":[\""}},
    {Guard::mark, dead, {"was done twice by"}},
    {Guard::answer_index, dead, {"was done twice by"}},
    {Guard::adoption, dead, {"was done twice by"}},
    {Guard::evidence_before_rewind, dead, {"and up to", "its proof does not speak of everything"}},
    {Guard::seal, ghosts, {"a mark that nobody had a right to"}},
    {Guard::epoch_database, ghosts, {"a shard of the old epoch wrote to the copy"}},
    {Guard::closed_flag, ghosts, {"a platform started while a recovery holds the epoch"}},
    {Guard::drain, ghosts, {"DIFFERS asset"}},
};

// Checks that draw more of a world than one guard is about, and must see it all the same.
constexpr const char* net_effect = "EverySubjectIsDoneOnceWhateverIsRewound";
constexpr const char* kills_and_undo = "AKilledAndUndoneRecoveryLeavesNothingAndTheNextOneCloses";

const std::vector<Pair> of_properties = {
    {Guard::answer_index, net_effect, {"was done twice by"}},
    {Guard::adoption, net_effect, {"was done twice by"}},
    {Guard::seal, kills_and_undo, {"a mark that nobody had a right to"}},
    {Guard::closed_flag, kills_and_undo, {"a platform started while a recovery holds the epoch"}},
};

INSTANTIATE_TEST_SUITE_P(Alone, RecoveryGuardOut, ::testing::ValuesIn(pairs),
                         [](const auto& instance) { return instance_name(instance.param.guard); });

INSTANTIATE_TEST_SUITE_P(Property, RecoveryGuardOut, ::testing::ValuesIn(of_properties),
                         [](const auto& instance) { return instance_name(instance.param.guard); });

}  // namespace
}  // namespace backstitch::e2e
