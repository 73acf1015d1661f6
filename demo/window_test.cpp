#include "demo/window.h"

#include <gtest/gtest.h>

namespace backstitch::demo {
namespace {

boost::json::object report_that_just_holds(const Census& census) {
  boost::json::object held;
  for (const Held& one : least_held(census)) held[one.of] = one.least;
  return {{"window", boost::json::object{{"held", std::move(held)}}}};
}

const Census whole{.orders = 1'100, .callouts = 495};

TEST(Window, HoldsWithExactlyTheLeast) { EXPECT_TRUE(check_window(window_held(report_that_just_holds(whole), whole)).holds()); }

TEST(Window, OneBelowTheLeastIsVacuousWhicheverItIs) {
  for (const Held& one : least_held(whole)) {
    ASSERT_GT(one.least, 0) << one.of << " proves nothing when it may be none";
    auto report = report_that_just_holds(whole);
    report["window"].at("held").as_object()[one.of] = one.least - 1;
    const Check check = check_window(window_held(report, whole));
    EXPECT_EQ(check.differences,
              std::vector<std::string>{fmt::format("vacuous: {} {} of at least {}", one.of, one.least - 1, one.least)});
  }
}

TEST(Window, WhatTheReportDoesNotNameIsNone) {
  EXPECT_EQ(check_window(window_held({}, whole)).differences.size(), least_held(whole).size());
}

TEST(Window, TheDefaultDemoHasTheWholeMinima) {
  std::map<std::string, std::int64_t> least;
  for (const Held& one : least_held(whole)) least[one.of] = one.least;
  EXPECT_EQ(least, (std::map<std::string, std::int64_t>{{"ordersAcknowledged", 110},
                                                        {"ordersActivated", 55},
                                                        {"effectsExecuted", 200},
                                                        {"unknownOutcomes", 20},
                                                        {"completerNotConsumed", 20},
                                                        {"timers", 20},
                                                        {"assetChanges", 110},
                                                        {"operatorCommands", 10},
                                                        {"catalogActivations", 1},
                                                        {"grantsRevoked", 1}}));
}

TEST(Window, ASmallDemoNeedsHalf) {
  const Census small{.orders = 220, .callouts = 100};
  EXPECT_EQ(least_held(small).front().least, 11);
  EXPECT_TRUE(check_window(window_held(report_that_just_holds(small), small)).holds());
}

}  // namespace
}  // namespace backstitch::demo
