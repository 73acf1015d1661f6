#include "base/backoff.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace backstitch {
namespace {

TEST(Backoff, EndsWithItsAttempts) {
  Backoff backoff(60'000, {.attempts_max = 4, .first_ms = 1, .wait_ms_max = 2});
  int attempts = 1;
  while (backoff.wait()) ++attempts;
  EXPECT_EQ(attempts, 4);
}

TEST(Backoff, EndsWithItsTime) {
  const std::int64_t begun = monotonic_ms();
  Backoff backoff(60, {.attempts_max = 1'000, .first_ms = 1, .wait_ms_max = 8});
  while (backoff.wait()) EXPECT_LE(backoff.left_ms(), 60);
  EXPECT_GE(monotonic_ms() - begun, 60);
  EXPECT_EQ(backoff.left_ms(), 0);
  EXPECT_FALSE(backoff.wait_for_turn());
}

TEST(Backoff, WaitsTwiceAsLongEachTime) {
  Backoff backoff(60'000, {.attempts_max = 5, .first_ms = 4, .wait_ms_max = 1'000});
  for (const int expected : {2, 4, 8, 16}) {
    const std::int64_t begun = monotonic_ms();
    EXPECT_TRUE(backoff.wait());
    EXPECT_GE(monotonic_ms() - begun, expected);
  }
}

TEST(Doubling, GoesUpToTheLongestAndBeginsAgain) {
  Doubling waits(8, 20);
  for (int round = 0; round < 2; ++round, waits.begin_again())
    for (const int whole : {8, 16, 20, 20}) {
      const std::int64_t drawn = waits.next_ms();
      EXPECT_GE(drawn, whole / 2);
      EXPECT_LE(drawn, whole);
    }
  EXPECT_GE(waits.next_ms(1'000), 1'000) << "the peer asked for it";
}

TEST(Backoff, ALostRaceIsNoFailure) {
  Backoff backoff(60'000, {.attempts_max = 2, .first_ms = 1, .wait_ms_max = 1});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(backoff.wait_for_turn());
  EXPECT_TRUE(backoff.wait());
  EXPECT_FALSE(backoff.wait());
}

}  // namespace
}  // namespace backstitch
