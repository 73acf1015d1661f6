#include "stores/queue/expired.h"

#include <gtest/gtest.h>

namespace backstitch::queue {
namespace {

constexpr Time now{1'800'000'000'000'000};

Time until(std::uint64_t begin, Time first_at, std::int64_t retention_ms = 60'000) {
  return expired_until({"schedule", false, retention_ms, {}}, {0, begin, begin + 5, first_at, {}}, now);
}

TEST(ExpiredUntil, NothingWentAsLongAsTheFirstRecordIsThere) { EXPECT_FALSE(until(1, now.plus_ms(-1)).is_set()); }

TEST(ExpiredUntil, WhatWentLayBeforeTheFirstRecord) { EXPECT_EQ(until(9, now.plus_ms(-90'000)), now.plus_ms(-90'000)); }

TEST(ExpiredUntil, QuietTimeBeforeTheFirstRecordWasNotLost) {
  EXPECT_EQ(until(9, now.plus_ms(-1'000)), now.plus_ms(-60'000));
  EXPECT_EQ(until(9, {}), now.plus_ms(-60'000)) << "an empty partition";
}

TEST(ExpiredUntil, WithoutRetentionOnlyTrimsTakeAndTheirAgeIsUnknown) {
  EXPECT_EQ(until(9, now.plus_ms(-1'000), 0), now.plus_ms(-1'000));
  EXPECT_EQ(until(9, {}, 0), now);
}

}  // namespace
}  // namespace backstitch::queue
