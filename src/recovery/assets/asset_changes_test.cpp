#include "recovery/assets/asset_changes.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "stores/queue/embedded/embedded_queue.h"
#include "stores/queue/scratch_folder.h"

namespace backstitch::recovery {
namespace {

constexpr std::int64_t start_us = 1'800'000'000'000'000, second_us = 1'000'000;

std::string asset_body(const std::string& reference, const std::string& before, const std::string& after) {
  return R"({"type":"asset","version":18000000000000001,"assetId":"ast_1","assetRef":")" + reference +
         R"(","accountId":"A-1","product":"FIBER","orderId":"ord_1","lineId":"1","action":"Change","state":"Active","before":)" +
         before + R"(,"after":)" + after + R"(,"serviceRecord":{"circuit":"C-7"}})";
}

class AssetChangesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    queue::EmbeddedSettings settings{.folder = folder_.path(), .partitions = 2};
    settings.clock = [this] { return Time{now_us_}; };
    auto opened = queue::open_embedded_queue(settings);
    ASSERT_TRUE(opened) << opened.error().text();
    queue_ = std::move(*opened);
    ASSERT_TRUE(queue_->ensure_topic("order_orderitems", {false, 2 * 3'600'000}));
  }
  void append(Partition partition, const std::string& value, const std::string& schema = "order_orderitems.asset/1") {
    const auto appended =
        queue_->append({{"order_orderitems", partition, "A-1", schema, R"({"bs-epoch":3})", value, "", queue::ClaimMode::none}});
    ASSERT_TRUE(appended) << appended.error().text();
  }
  /// One change a second from `start_us` on, named r1, r2 …
  void append_changes(Partition partition, int count) {
    for (int i = 1; i <= count; ++i) {
      append(partition, asset_body("r" + std::to_string(i), "null", R"({"speed":19.95})"));
      now_us_ += second_us;
    }
  }
  AssetChanges read(const AssetRange& range) {
    auto changes = read_asset_changes(*queue_, range);
    EXPECT_TRUE(changes) << changes.error().text();
    return changes ? std::move(*changes) : AssetChanges{};
  }
  static std::string references(const AssetChanges& changes) {
    std::string out;
    for (const AssetChange& change : changes.items) out += (out.empty() ? "" : " ") + change.reference;
    return out;
  }

  const queue::ScratchFolder folder_;
  std::int64_t now_us_ = start_us;
  std::unique_ptr<queue::Queue> queue_;
};

TEST_F(AssetChangesTest, AChangeTellsAllThatTheRecordSays) {
  append(1, R"({"type":"order"})", "order_orderitems.order/1");
  append(1, asset_body("r1", R"({"speed":100})", R"({"speed":500})"));
  const AssetChanges changes = read({});
  ASSERT_EQ(changes.items.size(), 1u);
  EXPECT_TRUE(changes.gaps.empty());
  EXPECT_EQ(asset_changes_json(changes),
            R"({"schema":"assets.changes/1","from":null,"to":null,"gaps":[],"items":[{"assetId":"ast_1","assetRef":"r1",)"
            R"("accountId":"A-1","product":"FIBER","orderId":"ord_1","lineId":"1","action":"Change","state":"Active",)"
            R"("before":{"speed":100},"after":{"speed":500},"serviceRecord":{"circuit":"C-7"},)"
            R"("at":"2027-01-15T08:00:00.000000Z","partition":1,"offset":"2","epoch":3,"version":"18000000000000001"}]})"
            "\n");
}

TEST_F(AssetChangesTest, BothEdgesBelongToTheRange) {
  append_changes(0, 5);
  EXPECT_EQ(references(read({.from = Time{start_us + second_us}, .to = Time{start_us + 3 * second_us}})), "r2 r3 r4");
  EXPECT_EQ(references(read({.from = Time{start_us + second_us + 1}, .to = Time{start_us + 3 * second_us - 1}})), "r3");
  EXPECT_EQ(references(read({.from = Time{start_us + 60 * second_us}})), "");
}

TEST_F(AssetChangesTest, OffsetsNameTheRangeOfAPartition) {
  append_changes(0, 5);
  append_changes(1, 2);
  EXPECT_EQ(references(read({.offsets = {{0, {2, 4}}, {1, {1, 2}}}})), "r2 r3 r1");
}

TEST_F(AssetChangesTest, AnExpiredBeginningIsAGapUpToTheFirstRecordThere) {
  append_changes(0, 4);
  ASSERT_EQ(queue_->expire(Time{start_us + 2 * second_us}.plus_ms(2 * 3'600'000)), 2u);
  const AssetChanges changes = read({.from = Time{start_us}});
  EXPECT_EQ(references(changes), "r3 r4");
  ASSERT_EQ(changes.gaps.size(), 1u);
  const AssetGap& gap = changes.gaps[0];
  EXPECT_EQ(gap.why, "expired");
  EXPECT_EQ(gap.to, 3u);
  EXPECT_EQ(gap.from_at.us, start_us);
  EXPECT_EQ(gap.to_at.us, start_us + 2 * second_us);
  EXPECT_TRUE(read({.from = Time{start_us + 2 * second_us}}).gaps.empty()) << "what is asked for is all there";
  ASSERT_EQ(read({.offsets = {{0, {2, 5}}, {1, {1, 1}}}}).gaps.size(), 1u);
}

TEST_F(AssetChangesTest, AnEmptiedPartitionIsAGapAndOneThatNeverHadARecordIsNone) {
  append_changes(0, 2);
  ASSERT_EQ(queue_->expire(Time{start_us}.plus_ms(3 * 3'600'000)), 2u);
  const AssetChanges changes = read({.from = Time{start_us}.plus_ms(2 * 3'600'000)});
  ASSERT_EQ(changes.gaps.size(), 1u);
  EXPECT_EQ(changes.gaps[0].partition, 0);
  EXPECT_FALSE(changes.gaps[0].to_at.is_set());
}

TEST_F(AssetChangesTest, LostOffsetsAreAGap) {
  append_changes(0, 2);
  ASSERT_TRUE(queue_->open_behind("order_orderitems", 0, 9));
  append_changes(0, 1);
  const AssetChanges changes = read({.from = Time{start_us}});
  EXPECT_EQ(references(changes), "r1 r2 r1");
  ASSERT_EQ(changes.gaps.size(), 1u);
  EXPECT_EQ(changes.gaps[0].why, "lost");
  EXPECT_EQ(changes.gaps[0].from, 3u);
  EXPECT_EQ(changes.gaps[0].to, 9u);
  EXPECT_TRUE(read({.from = Time{start_us}, .to = Time{start_us}}).gaps.empty()) << "far from the range";
}

TEST_F(AssetChangesTest, WhatCannotBeReadIsNamed) {
  append(0, R"({"type":"asset"})");
  const AssetChanges changes = read({});
  ASSERT_EQ(changes.gaps.size(), 1u);
  EXPECT_EQ(changes.gaps[0].why, "unreadable");
  EXPECT_EQ(changes.gaps[0].to, 2u);
}

TEST_F(AssetChangesTest, MoreThanOnePieceIsRead) {
  for (int i = 0; i < 2001; ++i) append(0, asset_body("r", "null", "{}"));
  EXPECT_EQ(read({}).items.size(), 2001u);
}

TEST(AssetChangesCsv, QuotesAndNamesGaps) {
  AssetChanges changes;
  changes.gaps.push_back({4, 1, 7, {}, Time{start_us}, "expired"});
  changes.items.push_back(
      {.partition = 4, .offset = 7, .at = Time{start_us}, .reference = "r,1", .before = "null", .after = R"({"a":1})"});
  const std::string csv = asset_changes_csv(changes);
  EXPECT_NE(csv.find("gap,4,1,7,,2027-01-15T08:00:00.000000Z,,,,,,,,,,,,,,expired\r\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find(R"(change,4,7,,2027-01-15T08:00:00.000000Z,,,"r,1",,,,,,,null,"{""a"":1}",,0,0,)"), std::string::npos)
      << csv;
}

TEST(AssetTime, IsAMomentOrADurationAgo) {
  EXPECT_EQ(asset_time("30m", Time{start_us})->us, start_us - 1800 * second_us);
  EXPECT_EQ(asset_time("2027-01-15T08:00:00Z", Time{})->us, start_us);
  EXPECT_FALSE(asset_time("", Time{start_us})->is_set());
  EXPECT_EQ(asset_time("yesterday", Time{start_us}).error().code, Code::usage);
}

TEST_F(AssetChangesTest, QuietTimeBeforeTheFirstRecordIsNoGap) {
  append_changes(0, 2);
  now_us_ += std::int64_t{3} * 3'600'000'000;
  ASSERT_EQ(queue_->expire(Time{now_us_}).value(), 2u);
  append(0, asset_body("r3", "null", "{}"));
  const Time from = Time{now_us_}.plus_ms(-60'000);
  EXPECT_EQ(references(read({.from = from, .to = {}, .offsets = {}, .now = Time{now_us_}})), "r3");
  EXPECT_TRUE(read({.from = from, .to = {}, .offsets = {}, .now = Time{now_us_}}).gaps.empty());
  const auto gaps = read({.from = Time{start_us}, .to = {}, .offsets = {}, .now = Time{now_us_}}).gaps;
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].to_at, Time{now_us_}.plus_ms(-2 * 3'600'000)) << "what went was older than the retention";
  EXPECT_EQ(read({.from = from, .to = {}, .offsets = {}}).gaps.size(), 1u) << "nobody said when retention last went on";
}

}  // namespace
}  // namespace backstitch::recovery
