#include "base/time.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

TEST(TimeText, Rfc3339GoesBothWays) {
  for (const char* text : {"2026-11-23T05:21:00.000000Z", "1970-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.999999Z",
                           "2024-02-29T23:59:59.123456Z", "2100-01-01T00:00:00.000000Z"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(rfc3339(*time), text);
  }
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z")->us, 1'000'000);
}

TEST(TimeText, OffsetsAndShorterFormsMeanTheSameInstant) {
  const Time expected = *parse_rfc3339("2026-11-23T05:21:00Z");
  for (const char* text :
       {"2026-11-23T06:21:00+01:00", "2026-11-23T06:21:00+0100", "2026-11-22T23:51:00.0-05:30", "2026-11-23 05:21:00z"})
    EXPECT_EQ(parse_rfc3339(text), expected) << text;
  EXPECT_EQ(*parse_rfc3339("2026-11-23"), *parse_rfc3339("2026-11-23T00:00:00Z"));
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.1234567Z")->us, 123'456);
}

TEST(TimeText, WrongTextsAreRefused) {
  for (const char* text : {"", "2026", "2026-13-01", "2026-02-30", "2026-11-23T", "2026-11-23T25:00:00Z", "2026-11-23T05:21:00",
                           "2026-11-23T05:21:00Zx", "2026-11-23T05:21:00+01:00x", "2026-11-23T05:21:00+99:00", "2026/11/23",
                           "-026-11-23", "2026-11-23T05:21:00+01-00"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Duration, TextsGoBothWays) {
  for (const char* text : {"200ms", "30s", "10m", "2h", "7d", "0s", "61s"})
    EXPECT_EQ(duration_text(*parse_duration_ms(text)), text);
  EXPECT_EQ(parse_duration_ms("90m"), 5'400'000);
  for (const char* text : {"", "10", "s", "-1s", "1.5h", "3w", "9223372036854775807d", "10 s"})
    EXPECT_FALSE(parse_duration_ms(text)) << text;
}

TEST(Clock, MonotonicNeverGoesBack) {
  const auto before = monotonic_ms();
  EXPECT_LE(before, monotonic_ms());
  EXPECT_GT(wall_clock(), *parse_rfc3339("2024-01-01"));
}

}  // namespace
}  // namespace backstitch
