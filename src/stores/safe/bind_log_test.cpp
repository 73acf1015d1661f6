#include "stores/safe/bind_log.h"

#include <gtest/gtest.h>

#include "stores/queue/strict_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::safe {
namespace {

struct BindLog : ::testing::Test {
  queue::StrictFake log, other_log;
  StrictFake safe, other_safe;
  std::string number_of(queue::Queue& queue) { return queue.identity()->log; }
  std::string refused(queue::Queue& queue, Safe& by) {
    const Status bound = bind_log(queue, by);
    return bound ? "bound" : bound.error().text();
  }
};

TEST_F(BindLog, LogAndSafeFindEachOtherAgain) {
  EXPECT_EQ(bound_log(safe), "");
  ASSERT_TRUE(bind_log(log, safe));
  EXPECT_EQ(bound_log(safe), number_of(log));
  EXPECT_TRUE(bind_log(log, safe));
}

TEST_F(BindLog, ALogIsOfOneSafeAndTheOtherSafeStaysFree) {
  ASSERT_TRUE(bind_log(log, safe));
  const std::string words = refused(log, other_safe);
  EXPECT_TRUE(words.starts_with("BS-4306")) << words;
  EXPECT_NE(words.find(number_of(log)), std::string::npos) << words;
  EXPECT_EQ(bound_log(other_safe), "");
  EXPECT_TRUE(bind_log(other_log, other_safe)) << "under another name it may begin";
}

TEST_F(BindLog, ASafeIsOfOneLog) {
  ASSERT_TRUE(bind_log(log, safe));
  const std::string words = refused(other_log, safe);
  EXPECT_TRUE(words.starts_with("BS-4306")) << words;
  EXPECT_NE(words.find(number_of(log)), std::string::npos) << words;
  EXPECT_NE(words.find(number_of(other_log)), std::string::npos) << words;
}

// Killed behind each of its writes, done or not: the next start goes on, and another safe is refused all the same.
TEST_F(BindLog, WhoDiesInBetweenGoesOn) {
  for (const bool written : {false, true})
    for (int at = 0; at < 2; ++at) {
      queue::StrictFake fresh_log;
      StrictFake fresh_safe;
      if (at == 1) {
        ASSERT_TRUE(fresh_safe.put_new("instance/safe", "0123"));
      }
      fresh_safe.fail_next_write(Code::safe_failed, written);
      ASSERT_FALSE(bind_log(fresh_log, fresh_safe));
      EXPECT_TRUE(bind_log(fresh_log, fresh_safe)) << at << written;
      EXPECT_FALSE(bind_log(fresh_log, other_safe)) << at << written;
      EXPECT_EQ(bound_log(fresh_safe), number_of(fresh_log));
    }
}

}  // namespace
}  // namespace backstitch::safe
