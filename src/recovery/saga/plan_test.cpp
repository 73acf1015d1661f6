// A plan is kept as it was made: what it says comes back, and a plan of before, which says less, is read.
#include "recovery/saga/plan.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "recovery/report/report.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

const Time t0{1'700'000'000'123'456};

Plan a_plan() {
  Plan plan;
  plan.id = "rec-1", plan.asked = "20m", plan.backup = "b", plan.time = t0, plan.made_at = t0.plus_ms(5);
  plan.policy = Policy::fatally_fail, plan.cause = "the job is off", plan.actor = "ann";
  plan.tainted_catalogs = {"3f2a"}, plan.locked_roles = {"batch"};
  plan.rewound = {{"keyed", t0.plus_ms(1)}, {"lookup", t0.plus_ms(2)}};
  return plan;
}

TEST(RecoveryPlan, ComesBackFromTheSafeAsItWasKept) {
  safe::StrictFake safe{1};
  ASSERT_TRUE(keep_plan(safe, a_plan()));
  const auto loaded = load_plan(safe, "rec-1");
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(plan_json(*loaded), plan_json(a_plan()));
  EXPECT_EQ(loaded->rewound, a_plan().rewound);
}

TEST(RecoveryPlan, OfBeforeNamesNoSystems) {
  auto document = parse_json(plan_json(a_plan()));
  document->as_object().erase("systemsRewound");
  const auto plan = plan_from_json(write_json(*document));
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_TRUE(plan->rewound.empty());
}

TEST(RecoveryPlan, WhoseSystemsCannotBeReadIsNotGoneOnWith) {
  for (const char* broken : {R"(["keyed"])", R"([{"system":"keyed","since":"soon"}])"}) {
    auto document = parse_json(plan_json(a_plan()));
    document->as_object()["systemsRewound"] = parse_json(broken).value();
    EXPECT_FALSE(plan_from_json(write_json(*document))) << broken;
  }
}

TEST(RecoveryPlan, ItsReportNamesTheSystemsInDataTextAndPage) {
  safe::StrictFake safe{1};
  const auto report = make_report(safe, a_plan(), Journal::open(safe, "rec-1").value());
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->at("systemsRewound"), rewound_json(a_plan()));
  const std::string line = "lookup was restored to " + rfc3339(t0.plus_ms(2));
  EXPECT_NE(report_text(*report).find(line), std::string::npos) << report_text(*report);
  EXPECT_NE(report_html(*report).find(rfc3339(t0.plus_ms(1))), std::string::npos);
  EXPECT_NE(rewound_text(a_plan()).find(line), std::string::npos);
}

}  // namespace
}  // namespace backstitch::recovery
