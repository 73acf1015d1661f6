// Each guard of a recovery taken out alone turns a check of a recovery red. The checks run green in this same program; here each
// runs once more, in a process of its own, with its guard out. scripts/seeds.sh does both with many seeds.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/probe.h"
#include "base/process.h"

namespace backstitch::e2e {
namespace {

struct Pair {
  Guard guard;
  const char* check;
  std::vector<const char*> found;  // one of them: it is red for the reason the guard is there
};

class RecoveryGuardOut : public ::testing::TestWithParam<Pair> {};

TEST_P(RecoveryGuardOut, TurnsItsCheckRed) {
  ASSERT_TRUE(guarded(GetParam().guard)) << "a guard is out from the beginning";
  const std::string check = std::string("Check.") + GetParam().check;
  const auto ran = run({.argv = {own_executable(), "--gtest_filter=" + check},
                        .env = {{"BACKSTITCH_TESTING_DISABLE", guard_name(GetParam().guard)}}},
                       600'000);
  ASSERT_TRUE(ran) << ran.error().text();
  EXPECT_EQ(ran->exit_status, 1) << ran->out << ran->err;
  EXPECT_NE(ran->out.find("[  FAILED  ] " + check), std::string::npos) << ran->out << ran->err;
  EXPECT_TRUE(std::any_of(GetParam().found.begin(), GetParam().found.end(),
                          [&](const char* words) { return ran->out.find(words) != std::string::npos; }))
      << ran->out << ran->err;
}

constexpr const char* dead = "ADeadDatabaseComesBackAndNothingIsDoneTwice";
constexpr const char* ghosts = "GhostsOfTheOldEpochChangeNothing";

const std::vector<Pair> pairs = {
    {Guard::positions, ghosts, {"already exists"}},
    {Guard::derived_ids, dead, {"was done twice by"}},
    {Guard::mark, dead, {"was done twice by"}},
    {Guard::answer_index, dead, {"was done twice by"}},
    {Guard::adoption, dead, {"was done twice by"}},
    {Guard::evidence_before_rewind, dead, {"its proof does not speak of everything"}},
    {Guard::seal, ghosts, {"a mark that nobody had a right to"}},
    {Guard::epoch_database, ghosts, {"a shard of the old epoch wrote to the copy"}},
    {Guard::closed_flag, ghosts, {"a platform started while a recovery holds the epoch"}},
    {Guard::drain, ghosts, {"DIFFERS asset"}},
};

INSTANTIATE_TEST_SUITE_P(Alone, RecoveryGuardOut, ::testing::ValuesIn(pairs), [](const auto& instance) {
  std::string name = guard_name(instance.param.guard);
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

}  // namespace
}  // namespace backstitch::e2e
