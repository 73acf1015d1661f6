#include "stores/queue/lost.h"

#include <gtest/gtest.h>

#include "stores/queue/forgetful_fake.h"

namespace backstitch::queue {
namespace {

class CheckGaps : public ::testing::Test {
 protected:
  CheckGaps() { EXPECT_TRUE(log.ensure_topic("incoming", {true, 0})); }
  void append() {
    EXPECT_TRUE(log.append({{.topic = "incoming", .key = "A-1", .schema = "incoming.x/1", .headers = "{}", .value = "{}"}}));
  }
  Status check(Offset from) {
    const auto records = log.read("incoming", 0, from, 100);
    return records ? check_gaps(log, "incoming", 0, from, *records) : fail(records.error());
  }
  ForgetfulFake log{{1, [] { return Time{1}; }}};
};

TEST_F(CheckGaps, WhatIsWholeOrLostInWordsIsTaken) {
  append(), append();
  EXPECT_TRUE(check(1));
  ASSERT_TRUE(log.open_behind("incoming", 0, 6));
  append();
  EXPECT_TRUE(check(1));
  EXPECT_TRUE(check(3));
}

TEST_F(CheckGaps, WhatIsLeftOutWithoutAWordIsNamed) {
  append(), append(), append();
  for (const Offset forgotten : {1, 2}) {  // at the beginning, in the middle; at the end nothing is missing yet
    log.forgotten = forgotten;
    const Status checked = check(1);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Code::queue_failed);
    EXPECT_NE(checked.error().detail.find(fmt::format("no offset {}", forgotten)), std::string::npos) << checked.error().detail;
  }
}

}  // namespace
}  // namespace backstitch::queue
