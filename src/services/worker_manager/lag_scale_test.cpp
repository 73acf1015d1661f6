#include "services/worker_manager/lag_scale.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

class LagScaleTest : public ::testing::Test {
 protected:
  /// The lane wishes for 2 workers of 10 at a time, and for 5 at most: 40 may wait for each.
  int count(std::map<std::string, std::size_t> waiting, std::int64_t now_ms) {
    return scale_.scaled({{"default", 2, 10}}, waiting, now_ms).front().count;
  }
  LagScale scale_{{.count_max = {{"default", 5}}, .rounds_max = 4, .calm_ms = 1'000}};
};

TEST_F(LagScaleTest, MoreForWhatWaitsWithinTheBounds) {
  EXPECT_EQ(count({{"default", 0}}, 0), 2);
  EXPECT_EQ(count({{"default", 80}}, 1), 2);
  EXPECT_EQ(count({{"default", 81}}, 2), 3) << "at once";
  EXPECT_EQ(count({{"default", 1'000'000}}, 3), 5);
}

TEST_F(LagScaleTest, FewerOnlyAfterAWhile) {
  EXPECT_EQ(count({{"default", 200}}, 0), 5);
  EXPECT_EQ(count({{"default", 130}}, 500), 5);
  EXPECT_EQ(count({{"default", 0}}, 1'000), 5);
  EXPECT_EQ(count({{"default", 0}}, 1'001), 4) << "what was needed at 500 still counts";
  EXPECT_EQ(count({{"default", 0}}, 1'501), 2);
}

TEST_F(LagScaleTest, ALaneWithoutAMostIsLeftAlone) {
  const auto wish = scale_.scaled({{"slow", 1, 1}, {"default", 7, 10}}, {{"slow", 9'999}, {"default", 9'999}}, 0);
  EXPECT_TRUE(same_wish(wish, {{"slow", 1, 1}, {"default", 7, 10}})) << "more is wished than the most";
}

TEST_F(LagScaleTest, WhatIsNotToldChangesNothing) {
  EXPECT_EQ(count({{"default", 200}}, 0), 5);
  EXPECT_EQ(count({}, 60'000), 5);
}

TEST_F(LagScaleTest, WhoTakesOverGoesOnFromWhatStands) {
  scale_.take_over({{"default", 4}, {"slow", 9}}, 0);
  EXPECT_EQ(count({}, 1), 4);
  EXPECT_EQ(count({{"default", 0}}, 1'000), 4) << "it was needed a moment ago";
  EXPECT_EQ(count({{"default", 0}}, 1'001), 2);
  scale_.take_over({{"default", 9}}, 2'000);
  EXPECT_EQ(count({}, 2'000), 5) << "the bounds hold";
}

TEST_F(LagScaleTest, WhoLooksSeesTheLastOne) {
  const DesiredWorkers wish = {{"default", 2, 10}, {"slow", 1, 1}};
  EXPECT_TRUE(same_wish(scale_.scaled(wish), wish));
  EXPECT_EQ(count({{"default", 200}}, 0), 5);
  EXPECT_TRUE(same_wish(scale_.scaled(wish), {{"default", 5, 10}, {"slow", 1, 1}}));
  EXPECT_TRUE(same_wish(scale_.scaled({{"default", 7, 10}}), {{"default", 7, 10}})) << "more is wished since";
}

}  // namespace
}  // namespace backstitch
