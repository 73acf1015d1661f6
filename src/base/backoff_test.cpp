#include "base/backoff.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace backstitch {
namespace {

TEST(Backoff, AttemptsAreCountedAndPausesGrow) {
  Backoff backoff({.attempts = 4, .first_ms = 4, .highest_ms = 10});
  std::vector<std::int64_t> waited;
  for (std::int64_t from = monotonic_ms(); backoff.wait(); from = monotonic_ms()) waited.push_back(monotonic_ms() - from);
  ASSERT_EQ(waited.size(), 3u);
  EXPECT_GE(waited[0], 3);
  EXPECT_GE(waited[1], 7);
  EXPECT_GE(waited[2], 9);
  const std::int64_t from = monotonic_ms();
  EXPECT_FALSE(backoff.wait(10'000));
  EXPECT_LT(monotonic_ms() - from, 1'000);
}

TEST(Backoff, WaitsAsLongAsThePeerAsksButNotLongerThanTheHighest) {
  Backoff backoff({.attempts = 2, .first_ms = 1, .highest_ms = 20});
  const std::int64_t from = monotonic_ms();
  EXPECT_TRUE(backoff.wait(60'000));
  EXPECT_GE(monotonic_ms() - from, 19);
  EXPECT_LT(monotonic_ms() - from, 10'000);
}

}  // namespace
}  // namespace backstitch
