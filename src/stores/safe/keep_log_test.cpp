// An archive of a log that has lost records: no gap in its lines, and nothing in what is read back.
#include "stores/safe/keep_log.h"

#include <gtest/gtest.h>

#include "stores/queue/forgetful_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::safe {
namespace {

class KeepLogTest : public ::testing::Test {
 protected:
  KeepLogTest() { EXPECT_TRUE(log.ensure_topic("incoming", {true, 0})); }
  void append(const std::string& value) {
    EXPECT_TRUE(log.append({{.topic = "incoming", .key = "A-1", .schema = "incoming.x/1", .headers = "{}", .value = value}}));
  }
  std::string archived(queue::Offset from = 1) {
    std::string out;
    EXPECT_TRUE(safe.read_archive("incoming", 0, from, [&](const queue::Record& record) {
      out += std::to_string(record.offset) + record.value + " ";
      return true;
    }));
    return out;
  }
  queue::StrictFake log{{1, [] { return Time{1}; }}};
  StrictFake safe{1};
};

TEST_F(KeepLogTest, WhatTheLogHasLostIsPassedOver) {
  append("a");
  ASSERT_TRUE(log.open_behind("incoming", 0, 5));
  append("b"), append("c");
  ASSERT_TRUE(archive_rest(log, safe, "incoming"));
  EXPECT_EQ(archived(), "1a 5b 6c ");
  EXPECT_EQ(archived(3), "5b 6c ");
  EXPECT_EQ(*safe.archived_end("incoming", 0), 7u);
}

TEST_F(KeepLogTest, NothingIsWaitedForThatNobodyCanRead) {
  append("a");
  ASSERT_TRUE(log.open_behind("incoming", 0, 5));
  EXPECT_EQ(log.topic("incoming")->partitions[0].readable_end(), 2u);
  ASSERT_TRUE(archive_rest(log, safe, "incoming"));
  EXPECT_EQ(*safe.archived_end("incoming", 0), 2u);
  append("b");
  ASSERT_TRUE(archive_rest(log, safe, "incoming"));
  EXPECT_EQ(archived(), "1a 5b ");
}

TEST_F(KeepLogTest, ARecordThatIsMissingWithoutAWordIsAGap) {
  queue::ForgetfulFake forgetful({1, [] { return Time{1}; }});
  forgetful.forgotten = 2;
  ASSERT_TRUE(forgetful.ensure_topic("incoming", {true, 0}));
  for (const char* value : {"a", "b", "c"})
    ASSERT_TRUE(
        forgetful.append({{.topic = "incoming", .key = "A-1", .schema = "incoming.x/1", .headers = "{}", .value = value}}));
  const Status archived = archive_rest(forgetful, safe, "incoming");
  ASSERT_FALSE(archived);
  EXPECT_EQ(archived.error().code, Code::archive_gap);
}

}  // namespace
}  // namespace backstitch::safe
