#include "recovery/repair/repair_plan.h"

#include <gtest/gtest.h>

namespace backstitch::recovery {
namespace {

TEST(RepairId, GoesByTheMomentAndTwoOfOneSecondAreTwo) {
  const Time at{1'700'000'000'000'000};
  EXPECT_EQ(repair_id(at), "rep-20231114T221320.000000Z");
  EXPECT_LT(repair_id(at), repair_id(Time{at.us + 1}));
  EXPECT_LT(repair_id(Time{at.us + 1}), repair_id(at.plus_ms(1'000)));
}

}  // namespace
}  // namespace backstitch::recovery
