#include "demo/report.h"

#include <gtest/gtest.h>

#include "demo/testing.h"

namespace backstitch::demo {
namespace {

Report report_in_order() {
  Report report;
  report.collected = testing::collected_in_order();
  report.checks.push_back(check_acknowledged(report.collected));
  return report;
}

TEST(Report, ClosesOnlyWhenSomethingWasComparedAndNothingDiffers) {
  EXPECT_FALSE(Report{}.closed());
  Report report = report_in_order();
  EXPECT_TRUE(report.closed());
  report.checks.back().differences.push_back("O-1 is not there");
  EXPECT_FALSE(report.closed());
}

TEST(Report, TheTextNamesEachDifferenceUpToABound) {
  Report report = report_in_order();
  for (int n = 1; n <= 25; ++n) report.checks.back().differences.push_back(fmt::format("difference {} of many", n));
  const std::string text = report_text(report);
  EXPECT_NE(text.find("DIFFERS acknowledged: difference 1 of many"), std::string::npos);
  EXPECT_NE(text.find("and 5 more"), std::string::npos);
  EXPECT_NE(text.find("closed: no"), std::string::npos);
  EXPECT_EQ(report_json(report).at("checks").at(0).at("differences").as_array().size(), 25u) << "the document has all";
}

TEST(Report, NamesTheStoresItRanOn) {
  Report report = report_in_order();
  EXPECT_EQ(report_text(report).find("stores "), std::string::npos);
  report.stores = {"kafka", "salesforce"};
  EXPECT_NE(report_text(report).find("stores       kafka, salesforce"), std::string::npos);
  EXPECT_EQ(report_json(report).at("stores").as_array().size(), 2u);
}

TEST(Report, TheJsonConservesTheOrders) {
  Report report = report_in_order();
  report.collected.inside[order_name("org1", "O-2", 1)].state = "InProgress";
  report.collected.unknown.push_back({"itm_1", "ord_O-2", "p/i[order]", "A-1/O-2:1/p/i", "tenant-blind.stage", "eff_1.1", true});
  const auto document = report_json(report);
  EXPECT_EQ(document.at("closed").as_bool(), true);
  const auto& orders = document.at("conservation").at(0);
  EXPECT_EQ(orders.at("known").to_number<int>(), 2);
  EXPECT_EQ(orders.at("kept").to_number<int>(), 1);
  EXPECT_EQ(orders.at("open").to_number<int>(), 1);
  EXPECT_EQ(orders.at("difference").to_number<int>(), 0);
  EXPECT_EQ(document.at("work").at(0).at("subject").as_string(), "A-1/O-2:1/p/i");
  EXPECT_NE(report_text(report).find("itm_1 A-1/O-2:1/p/i: never arrived"), std::string::npos);
}

Report report_of_a_recovery() {
  Report report = report_in_order();
  report.story.kind = "bad-sql";
  report.story.held = {{"effectsExecuted", 265, 200}, {"timers", 19, 20}, {"lateCallbacks", 9, 10}};
  report.story.report =
      boost::json::parse(R"({"window":{},"accounts":{},"effects":{"rows":[291,2,0,7,0,0,0,0,0,0]}})").as_object();
  report.sums = {"orders known 2 = kept 2 + rejected in writing 0, difference 0"};
  return report;
}

TEST(Report, TheTextHasTheWindowBesideItsLeastTheRowsAndTheSums) {
  const std::string text = report_text(report_of_a_recovery());
  EXPECT_NE(text.find("  effectsExecuted          265       200\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  lateCallbacks              9        10\n"), std::string::npos) << text;
  EXPECT_NE(text.find("row 0: 291 row 1: 2 row 2: 0 row 3: 7"), std::string::npos) << text;
  EXPECT_NE(text.find("conserved    orders known 2 = kept 2"), std::string::npos) << text;
}

TEST(Report, TheJsonHasTheSame) {
  const auto document = report_json(report_of_a_recovery());
  EXPECT_EQ(document.at("window").at(1).at("held").to_number<int>(), 19);
  EXPECT_EQ(document.at("window").at(1).at("atLeast").to_number<int>(), 20);
  EXPECT_EQ(document.at("window").as_array().size(), 3u);
  EXPECT_EQ(document.at("rows").at(3).to_number<int>(), 7);
  EXPECT_EQ(document.at("sums").at(0).as_string(), "orders known 2 = kept 2 + rejected in writing 0, difference 0");
}

}  // namespace
}  // namespace backstitch::demo
