// The report's stores and its loss are what was measured, and say nothing of what was not reached.
#include "recovery/report/store_lines.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "recovery/report/report.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

namespace json = boost::json;

class StoreLines : public ::testing::Test {
 protected:
  StoreLines() : journal(Journal::open(safe, "rec-1").value()) {}

  void done(const std::string& step, std::string_view result) {
    ASSERT_TRUE(journal.begin(step, wall_clock(), "before"));
    ASSERT_TRUE(journal.finish(step, wall_clock(), 1, "after", parse_json(result)->as_object()));
  }
  std::string line(std::string_view name, const json::array& work = {}) const {
    for (const json::value& one : stores_of(journal, work))
      if (one.at("name").as_string() == name)
        return json::value_to<std::string>(one.at("before")) + " -> " + json::value_to<std::string>(one.at("after"));
    return "no such store";
  }
  json::value lost() {
    Plan plan;
    plan.id = "rec-1";
    const auto report = make_report(safe, plan, journal);
    return report ? report->at("times").at("rpoAcknowledged") : json::value(report.error().text());
  }
  safe::StrictFake safe{1};
  Journal journal;
};

TEST_F(StoreLines, AreFifteenAlsoOfARecoveryThatHasNotBegun) {
  const json::array lines = stores_of(journal, {});
  ASSERT_EQ(lines.size(), 15u);
  int reached = 0;
  for (const json::value& one : lines) reached += one.at("after") != "not reached";
  EXPECT_EQ(reached, 1) << "the CRM's catalog is the master, and no step's";
}

TEST_F(StoreLines, SayWhatTheStepsCounted) {
  done("replay", R"({"inputs":7,"beyond":{"inputs":2},"accounts":{"compared":9,"damaged":3,"free":1,"unexplained":0}})");
  done("capture", R"({"queues":[{"name":"schedule","records":5}],"crm":{"records":4}})");
  done("drain", "{}");
  done("verify", R"({"invariants":[{"count":2}],"orders":{"L1":6,"L9":8},"assets":{"K1":3,"K6":9,"K5":1},
                     "window":{"effectsExecuted":11,"completerNotConsumed":1},"conservation":[]})");
  done("resume", "{}");
  EXPECT_EQ(line("PostgreSQL orders, plans, items, inventory"), "4 of 9 accounts differ -> 2 violations");
  EXPECT_EQ(line("PostgreSQL orders and assets"), "6 orders, 3 assets of the window -> agrees");
  EXPECT_EQ(line("incoming"), "9 inputs to fold again -> at its seal");
  EXPECT_EQ(line("completer"), "11 effects executed, 1 records not consumed -> at its seal");
  EXPECT_EQ(line("schedule"), "5 records of the window -> at its seal");
  const json::array work{json::object{{"class", "L3"}}, json::object{{"class", "K2"}}, json::object{{"class", "E9"}}};
  EXPECT_EQ(line("CRM orders", work), "4 records touched since T -> 1 listed for a person");
  EXPECT_EQ(line("external systems"), "0 effects to settle -> not reached");
}

TEST_F(StoreLines, WhatIsLostIsCounted) {
  EXPECT_TRUE(lost().is_null()) << "nobody has counted yet";
  done("verify", R"({"closed":false,"conservation":[{"of":"orders","difference":2},{"of":"inputs","difference":3},
                                                    {"of":"effects","difference":40}]})");
  EXPECT_EQ(lost(), json::value(3));
}

}  // namespace
}  // namespace backstitch::recovery
