#include "demo/progress.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace backstitch::demo {
namespace {

Progress progress_of(const char* status) {
  const auto progress = read_progress(boost::json::parse(status));
  EXPECT_TRUE(progress);
  return progress.value_or(Progress{});
}

TEST(Progress, ReadsTheStatus) {
  const Progress progress = progress_of(R"({"backlog":3,"crm":{"lag":2,"delivered":9},
    "counts":{"orders":{"Activated":4,"InProgress":1},"items":{"Completed":20,"Running":1},"attention":{"manual":1}}})");
  EXPECT_EQ(progress.orders_known(), 5);
  EXPECT_EQ(progress.orders_in("Activated"), 4);
  EXPECT_EQ(progress.orders_in("Cancelled"), 0);
  EXPECT_EQ(progress.backlog, 3);
  EXPECT_EQ(progress.crm_lag, 2);
  EXPECT_EQ(progress.attention, (std::map<std::string, std::int64_t>{{"manual", 1}}));
}

TEST(Progress, IsAtRestWhenNothingMovesByItself) {
  EXPECT_TRUE(progress_of(R"({"backlog":0,"counts":{"items":{"Completed":2}}})").at_rest());
  EXPECT_TRUE(progress_of(R"({"counts":{"items":{"FatallyFailed":1,"Pending":2},"attention":{"unknown-outcome":1}}})").at_rest());
}

TEST(Progress, IsNotAtRestWhileSomethingWaits) {
  EXPECT_FALSE(progress_of(R"({"backlog":1,"counts":{}})").at_rest());
  EXPECT_FALSE(progress_of(R"({"crm":{"lag":1},"counts":{}})").at_rest());
  for (const char* state : {"Scheduled", "Ready", "Running", "Failed", "Pending"})
    EXPECT_FALSE(progress_of(fmt::format(R"({{"counts":{{"items":{{"{}":1}}}}}})", state).c_str()).at_rest()) << state;
}

TEST(Progress, ADocumentWithoutCountsIsAnError) {
  for (const char* text : {"{}", "[]", R"({"counts":null})"}) EXPECT_FALSE(read_progress(boost::json::parse(text))) << text;
}

}  // namespace
}  // namespace backstitch::demo
