// A second recovery finds the changes that the first one drained.
#include "recovery/window/window_changes.h"

#include <gtest/gtest.h>

#include "base/testing.h"
#include "recovery/drain/drain.h"
#include "stores/queue/strict_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

class WindowChanges : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(queue.ensure_topic("order_orderitems", {true, 0}));
    ASSERT_TRUE(safe.change_epoch({1, true, ""}, {2, false, "rec-1"}));
  }
  void tell(const std::string& reference) {
    queue::Append append;
    append.topic = "order_orderitems", append.partition = 0, append.key = "A-1", append.schema = "order_orderitems.asset/1";
    append.headers = R"({"bs-epoch":1})";
    append.value = R"({"assetRef":")" + reference + R"(","accountId":"A-1","state":"Active","before":null,"after":{"speed":1}})";
    ASSERT_TRUE(queue.append({append}));
  }
  void drain_as(const std::string& label) {
    const auto done = drain(queue, safe, label, "order_orderitems", {});
    ASSERT_TRUE(done && done->moved) << done.error().text();
  }
  std::string found(Time since = {}) {
    const auto changes = changes_of_window(queue, safe, since);
    if (!changes) return changes.error().text();
    std::string out;
    for (const AssetChange& change : changes->items) out += fmt::format("{}:{} ", change.offset, change.reference);
    for (const AssetGap& gap : changes->gaps) out += fmt::format("[{},{}) {} ", gap.from, gap.to, gap.why);
    return out;
  }
  queue::StrictFake queue{{.partitions = 1}};
  safe::StrictFake safe{1};
};

TEST_F(WindowChanges, AreThoseOfTheQueueWhenNothingWasDrained) {
  tell("a"), tell("b");
  EXPECT_EQ(found(), "1:a 2:b ");
}

TEST_F(WindowChanges, ComeFromTheEvidenceOfEarlierDrains) {
  tell("a"), tell("b");
  drain_as("rec-1");
  tell("c");
  drain_as("rec-2");
  tell("d");
  EXPECT_EQ(found(), "1:a 2:b 3:c 4:d ");
}

TEST_F(WindowChanges, AreInTheOrderOfTheirOffsetsWhateverTheDrainsAreCalled) {
  tell("a");
  drain_as("rec-1");
  tell("b");
  drain_as("by-hand");
  tell("c");
  EXPECT_EQ(found(), "1:a 2:b 3:c ");
}

TEST_F(WindowChanges, OlderThanTheWindowAreNoneOfIt) {
  tell("a");
  drain_as("rec-1");
  const Time since = wall_clock().plus_ms(1);
  ASSERT_TRUE(testing::wait_until([&] { return wall_clock() > since; }));
  tell("b");
  EXPECT_EQ(found(since), "2:b ");
}

TEST_F(WindowChanges, WhatNobodyKeptIsAGap) {
  tell("a"), tell("b");
  ASSERT_TRUE(queue.trim("order_orderitems", 0, 2));
  drain_as("rec-1");
  tell("c");
  EXPECT_EQ(found(), "2:b 3:c [1,2) expired ");
}

TEST_F(WindowChanges, EvidenceThatWasChangedIsAnAbort) {
  tell("a");
  drain_as("rec-1");
  ASSERT_TRUE(safe.put("evidence/rec-1/order_orderitems.jsonl", "{}\n"));
  tell("b");
  EXPECT_EQ(changes_of_window(queue, safe, {}).error().code, Code::checksum_mismatch);
}

}  // namespace
}  // namespace backstitch::recovery
