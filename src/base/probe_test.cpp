#include "base/probe.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace backstitch {
namespace {

// This binary is linked as the product is: no switch in the environment may reach a guard or a probe.
TEST(ProbeOff, TheProductHasNoSwitch) {
  ::setenv("BACKSTITCH_TESTING_DISABLE", "mark", 1);
  ::setenv("BACKSTITCH_PROBE", "after-mark:1", 1);
  EXPECT_FALSE(testing_build());
  EXPECT_TRUE(guarded(Guard::mark));
  hit(Probe::after_mark);
  ::unsetenv("BACKSTITCH_TESTING_DISABLE");
  ::unsetenv("BACKSTITCH_PROBE");
}

TEST(ProbeNames, AreThoseOfTheDocument) {
  EXPECT_STREQ(probe_name(Probe::between_commit_and_publish), "between-commit-and-publish");
  EXPECT_STREQ(probe_name(Probe::during_log_sync), "during-log-sync");
  EXPECT_STREQ(guard_name(Guard::durable_before_visible), "durable-before-visible");
  EXPECT_STREQ(guard_name(Guard::answer_index), "answer-index");
}

}  // namespace
}  // namespace backstitch
