#include "standins/system/faults.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace backstitch::standin {
namespace {

TEST(Faults, WhatIsNamedReplacesAndTheRestStays) {
  const Faults base{.refuse = 0.5, .error = 0.25};
  const auto faults = parse_faults("lost=0.02,error=0.03,latency=1-10", base);
  ASSERT_TRUE(faults);
  EXPECT_EQ(*faults, (Faults{.refuse = 0.5, .error = 0.03, .lost = 0.02, .latency_min_ms = 1, .latency_max_ms = 10}));
}

TEST(Faults, ReadsTheSameFromADocument) {
  const auto faults = read_faults({{"lost", 0.02}, {"latency", "5"}, {"refuse-of", "/S-1:"}}, {});
  ASSERT_TRUE(faults);
  EXPECT_EQ(*faults, (Faults{.lost = 0.02, .latency_min_ms = 5, .latency_max_ms = 5, .refuse_of = "/S-1:"}));
  EXPECT_EQ(read_faults(faults_json(*faults), {}).value(), *faults);
}

TEST(Faults, OfAnInterfaceThatCallsBack) {
  const auto faults = parse_faults("callback=5-3600000,refuse-later=0.1,interim=0.2,repeat=0.3", {});
  ASSERT_TRUE(faults);
  EXPECT_EQ(*faults,
            (Faults{.callback_min_ms = 5, .callback_max_ms = 3'600'000, .refuse_later = 0.1, .interim = 0.2, .repeat = 0.3}));
  EXPECT_EQ(read_faults(faults_json(*faults), {}).value(), *faults);
}

TEST(Faults, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"loss=0.1", "lost", "lost=2", "lost=-0.1", "lost=x", "lost=nan", "latency=9-3", "latency=1-", "latency=1-99999999",
        "callback=2-1", "callback=0-3600001", "interim=2", "repeat=-1", "refuse-later=x"})
    EXPECT_FALSE(parse_faults(text, {})) << text;
}

}  // namespace
}  // namespace backstitch::standin
