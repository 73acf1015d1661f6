// What the strict fake refuses beyond the contract, and what it can lose.
#include "stores/queue/strict_fake.h"

#include <gtest/gtest.h>

namespace backstitch::queue {
namespace {

class StrictFakeTest : public testing::Test {
 protected:
  StrictFakeTest() {
    EXPECT_TRUE(queue_.ensure_topic("incoming", {true, 0}));
    EXPECT_TRUE(queue_.ensure_topic("tasks", {false, 0}));
  }
  static Append record(const std::string& topic, const std::string& claim = "") {
    return {topic, 0, "a", "x/1", "", "v", claim, claim.empty() ? ClaimMode::none : ClaimMode::first_only};
  }
  Code refusal(const Append& append) {
    const auto answer = queue_.append({append});
    return answer ? Code::defect : answer.error().code;
  }

  std::int64_t clock_us_ = 1000;
  StrictFake queue_{{2, [this] { return Time{clock_us_}; }}};
};

TEST_F(StrictFakeTest, RefusesWhatOthersLetPass) {
  Append append = record("incoming");
  append.key.clear();
  EXPECT_EQ(refusal(append), Code::append_invalid);
  append = record("incoming");
  append.schema = "incoming.submit";
  EXPECT_EQ(refusal(append), Code::append_invalid);
  append = record("incoming");
  append.headers = "bs-id=1";
  EXPECT_EQ(refusal(append), Code::append_invalid);
  EXPECT_EQ(queue_.append({}).error().code, Code::append_invalid);
  EXPECT_EQ(queue_.subscribe("no-such-topic", [] {}), nullptr);
  EXPECT_EQ(queue_.ensure_topic("", {}).error().code, Code::topic_unknown);
}

TEST_F(StrictFakeTest, RefusesAClockThatStepsBack) {
  ASSERT_TRUE(queue_.append({record("incoming")}));
  clock_us_ = 999;
  EXPECT_EQ(refusal(record("incoming")), Code::queue_failed);
}

TEST_F(StrictFakeTest, LosesItsUnsyncedTailAndItsClaims) {
  ASSERT_TRUE(queue_.append({record("tasks", "kept")}));
  ASSERT_TRUE(queue_.append({record("incoming")}));
  ASSERT_TRUE(queue_.append({record("tasks", "lost")}));
  queue_.lose_unsynced_tail();
  EXPECT_EQ(queue_.topic("tasks")->partitions[0].end, 2u);
  EXPECT_EQ(queue_.topic("incoming")->partitions[0].end, 2u);
  EXPECT_EQ(queue_.holders("tasks", "kept")->size(), 1u);
  EXPECT_TRUE(queue_.holders("tasks", "lost")->empty());
  ASSERT_TRUE(queue_.open_behind("tasks", 0, 3));
  EXPECT_EQ(queue_.append({record("tasks", "lost")})->front().offset, 3u);
}

TEST_F(StrictFakeTest, FailsWhenAsked) {
  queue_.fail_next_append(Code::disk_full);
  EXPECT_EQ(refusal(record("incoming")), Code::disk_full);
  EXPECT_EQ(queue_.topic("incoming")->partitions[0].end, 1u);
  queue_.fail_next_append(Code::queue_failed, true);
  EXPECT_EQ(refusal(record("incoming", "claim")), Code::queue_failed);
  EXPECT_EQ(queue_.holders("incoming", "claim")->size(), 1u);
  EXPECT_TRUE(queue_.append({record("incoming")}));
}

}  // namespace
}  // namespace backstitch::queue
