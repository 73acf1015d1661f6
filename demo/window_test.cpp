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
                                                        {"lateCallbacks", 10},
                                                        {"operatorCommands", 10},
                                                        {"catalogActivations", 1},
                                                        {"grantsRevoked", 1}}));
}

boost::json::object report_with_rows(const std::vector<int>& rows) {
  boost::json::object report;
  report["effects"] = boost::json::object{{"rows", boost::json::array(rows.begin(), rows.end())}};
  return report;
}

constexpr Reach whole_reach{.held_up = true, .strays = true, .ended_service = true};

TEST(Window, EachRowThatHadNothingToSettleIsVacuous) {
  EXPECT_TRUE(check_window(rows_held(report_with_rows({0, 1, 1, 1, 1, 1, 1, 1, 1, 1}), whole_reach)).holds());
  for (std::size_t row = 1; row <= 9; ++row) {
    std::vector<int> counts(10, 7);
    counts[row] = 0;
    const Check check = check_window(rows_held(report_with_rows(counts), whole_reach));
    ASSERT_EQ(check.differences.size(), 1u) << row;
    EXPECT_TRUE(check.differences[0].starts_with(fmt::format("vacuous: row{}", row))) << check.differences[0];
  }
}

TEST(Window, ARowIsWantedOnlyWhereTheDemoCanReachIt) {
  const auto wanted = [](const Reach& reach) {
    std::vector<int> rows;
    const std::vector<Held> held = rows_held(report_with_rows({}), reach);
    for (std::size_t i = 0; i < held.size(); ++i)
      if (held[i].least > 0) rows.push_back(static_cast<int>(i) + 1);
    return rows;
  };
  EXPECT_EQ(wanted(whole_reach), (std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(wanted({.held_up = true, .strays = true}), (std::vector<int>{1, 2, 3, 5, 6, 7, 8, 9}));
  EXPECT_EQ(wanted({.strays = true, .ended_service = true}), (std::vector<int>{1, 2, 3, 4, 6, 7, 8, 9}))
      << "the damage took the lock";
  EXPECT_EQ(wanted({.enough = false, .held_up = true, .strays = true, .ended_service = true}), (std::vector<int>{2, 4, 7, 8, 9}));
  EXPECT_EQ(wanted({.enough = false, .two_engines = true}), std::vector<int>{4});
  EXPECT_EQ(wanted({.settles = false, .held_up = true, .strays = true, .ended_service = true, .two_engines = true}),
            std::vector<int>{});
}

TEST(Window, AnotherReleaseHasToBringARequestOfItsOwn) {
  const Check check = check_window(
      rows_held(report_with_rows({0, 1, 1, 1, 1, 1, 1, 1, 1, 1}), {.strays = true, .ended_service = true, .two_engines = true}));
  EXPECT_EQ(check.differences, std::vector<std::string>{"vacuous: row4OtherRequest 1 of at least 2"});
}

TEST(Window, ASmallDemoNeedsHalf) {
  const Census small{.orders = 220, .callouts = 100};
  EXPECT_EQ(least_held(small).front().least, 11);
  EXPECT_TRUE(check_window(window_held(report_that_just_holds(small), small)).holds());
}

}  // namespace
}  // namespace backstitch::demo
