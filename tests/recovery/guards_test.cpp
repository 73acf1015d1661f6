// The tests of this folder with one guard out, in a process of its own: each must go red, for the reason it is there.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/process.h"

namespace backstitch {
namespace {

Finished run_probe(const std::string& program, const std::string& filter, const std::string& guards_out) {
  Command command;
  command.argv = {std::string(PROBES_FOLDER) + "/" + program, "--gtest_filter=" + filter, "--gtest_color=no"};
  command.env = {{"BACKSTITCH_TESTING_DISABLE", guards_out}};
  const auto finished = run(command, 120'000);
  EXPECT_TRUE(finished) << (finished ? "" : finished.error().text());
  return finished ? *finished : Finished{255, {}, {}};
}

struct Case {
  const char *guard, *program, *filter, *found;
};
void PrintTo(const Case& guard, std::ostream* out) { *out << guard.guard; }

class Guards : public ::testing::TestWithParam<Case> {};

TEST_P(Guards, TakenOutIsFound) {
  const Case& guard = GetParam();
  const Finished with = run_probe(guard.program, guard.filter, "");
  ASSERT_EQ(with.exit_status, 0) << "with all guards in: " << with.out << with.err;
  ASSERT_NE(with.out.find("[  PASSED  ]"), std::string::npos);
  const Finished without = run_probe(guard.program, guard.filter, guard.guard);
  EXPECT_EQ(without.exit_status, 1) << without.out << without.err;
  EXPECT_NE(without.out.find(guard.found), std::string::npos) << without.out;
}

INSTANTIATE_TEST_SUITE_P(Each, Guards,
                         ::testing::Values(Case{"derived-ids", "replay_identity_probe", "Seeds/ReplayIdentity.OfHeldOrders/0",
                                                "account digest differs"},
                                           Case{"mark", "power_cut_probe", "Seeds/PowerCut.NothingAcknowledgedIsMissing/0",
                                                "sent without a durable mark"},
                                           Case{"durable-before-visible", "power_cut_probe",
                                                "Seeds/PowerCut.NothingAcknowledgedIsMissing/0", "and lost"}),
                         [](const auto& param) {
                           std::string name = param.param.guard;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace backstitch
