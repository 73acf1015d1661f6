#include "recovery/capture/time_left.h"

#include <gtest/gtest.h>

#include <set>

#include "base/testing.h"
#include "recovery/registry/stores.h"
#include "stores/queue/strict_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

namespace json = boost::json;
constexpr Time begin{1'800'000'000'000'000};
constexpr std::int64_t hour_ms = 3'600'000, minute_ms = 60'000;

class TimeLeft : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* topic : {"incoming", "completer", "order_orderitems", "schedule", "tasks.default", "tasks.slow"})
      ASSERT_TRUE(queue.ensure_topic(topic, {false, 2 * hour_ms}));
  }
  void append(const std::string& topic, Time at) {
    now = at;
    ASSERT_TRUE(queue.append({{topic, 0, "A-1", topic + ".x/1", "", "{}", "", queue::ClaimMode::none}}));
  }
  json::array rows(Time since, Time at, Time held_since = {}, bool with_queue = true) {
    return time_left({.since = since,
                      .now = at,
                      .held_since = held_since,
                      .queue = with_queue ? &queue : nullptr,
                      .safe = safe,
                      .folders = folders});
  }
  static json::object row(const json::array& rows, const std::string& evidence) {
    for (const json::value& one : rows)
      if (one.at("evidence") == evidence.c_str()) return one.as_object();
    ADD_FAILURE() << "no row of " << evidence;
    return {};
  }

  Time now = begin;
  queue::StrictFake queue{{.partitions = 1, .clock = [this] { return now; }}};
  safe::StrictFake safe;
  testing::ScratchFolder scratch;
  database::ClusterFolders folders{
      .data_folder = scratch.path(), .pg = {}, .wal = scratch / "wal", .base = scratch / "base", .sockets = {}, .elsewhere = {}};
};

TEST_F(TimeLeft, EveryStoreHasItsRowAndEveryLaneItsOwn) {
  const json::array all = rows(begin, begin);
  std::set<std::string> stores;
  for (const json::value& one : all) stores.insert(json::value_to<std::string>(one.at("store")));
  EXPECT_EQ(stores.size(), all_stores().size());
  EXPECT_EQ(row(all, "tasks.slow").at("store"), "workers");
  EXPECT_EQ(row(all, "incoming").at("state"), "kept");
}

TEST_F(TimeLeft, AQueueExpiresItsRetentionBehindTheBeginOfTheWindow) {
  append("order_orderitems", begin);
  const json::object one = row(rows(begin, begin.plus_ms(109 * minute_ms)), "order_orderitems");
  EXPECT_EQ(one.at("state"), "expires");
  EXPECT_EQ(one.at("leftMs"), 11 * minute_ms);
  EXPECT_EQ(one.at("expiresAt"), rfc3339(begin.plus_ms(2 * hour_ms)).c_str());
  EXPECT_TRUE(one.at("expired").is_null());
  EXPECT_NE(time_left_text({one}).find("queue-order_orderitems  expires in 11 min (retention 2h)"), std::string::npos)
      << time_left_text({one});
}

TEST_F(TimeLeft, WhatHasExpiredIsAPeriodAndTheRestHasItsTime) {
  append("order_orderitems", begin.plus_ms(minute_ms)), append("order_orderitems", begin.plus_ms(30 * minute_ms));
  const Time later = begin.plus_ms(125 * minute_ms);
  ASSERT_EQ(queue.expire(later, {}).value(), 1u);
  const json::object one = row(rows(begin, later), "order_orderitems");
  ASSERT_TRUE(one.at("expired").is_object());
  EXPECT_EQ(one.at("expired").at("from"), rfc3339(begin).c_str());
  EXPECT_EQ(one.at("expired").at("to"), rfc3339(begin.plus_ms(5 * minute_ms)).c_str()) << "what went was older than that";
  EXPECT_EQ(one.at("leftMs"), 25 * minute_ms);
  const std::string text = time_left_text({one});
  EXPECT_NE(text.find("expired: period "), std::string::npos) << text;
  EXPECT_NE(text.find("the rest expires in 25 min"), std::string::npos) << text;
}

TEST_F(TimeLeft, WhileARecoveryIsUnderWayItIsHeld) {
  append("schedule", begin);
  const Time frozen = begin.plus_ms(hour_ms);
  const json::object one = row(rows(begin, begin.plus_ms(9 * hour_ms), frozen), "schedule");
  EXPECT_EQ(one.at("state"), "held");
  EXPECT_TRUE(one.at("expired").is_null() && one.at("leftMs").is_null());
}

TEST_F(TimeLeft, WithoutAWindowTheRowsSayHowFarBackAStoreTells) {
  append("schedule", begin), append("schedule", begin.plus_ms(hour_ms));
  const Time later = begin.plus_ms(150 * minute_ms);
  ASSERT_EQ(queue.expire(later, {}).value(), 1u);
  const std::string text = time_left_text({row(rows({}, later), "schedule")});
  EXPECT_NE(text.find("tells from " + rfc3339(begin.plus_ms(30 * minute_ms)) + " on"), std::string::npos) << text;
}

TEST_F(TimeLeft, ALogThatNobodyCanAskIsUnknownAndNoError) {
  EXPECT_EQ(row(rows(begin, begin, {}, false), "order_orderitems").at("state"), "unknown");
  EXPECT_EQ(row(rows(begin, begin), "base backups and WAL").at("state"), "none");
}

TEST_F(TimeLeft, WhatAnEarlierRecoveryDrainedHasNotExpired) {
  append("schedule", begin), append("schedule", begin.plus_ms(minute_ms));
  ASSERT_TRUE(queue.trim("schedule", 0, 3));
  const Time later = begin.plus_ms(5 * hour_ms);
  EXPECT_TRUE(lost_until(safe, "rec-2", queue.topic("schedule").value(), later)->is_set());
  ASSERT_TRUE(safe.put("recoveries/rec-1/plan.json", "{}"));
  auto journal = Journal::open(safe, "rec-1");
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->finish("seal", begin, 1, "", {{"ends", json::object{{"schedule", json::object{{"0", 3}}}}}}));
  EXPECT_FALSE(lost_until(safe, "rec-2", queue.topic("schedule").value(), later)->is_set());
  EXPECT_TRUE(lost_until(safe, "rec-1", queue.topic("schedule").value(), later)->is_set()) << "its own seal proves nothing";
}

TEST_F(TimeLeft, ARecoverySaysWhatItHoldsUntilItEnds) {
  auto journal = Journal::open(safe, "rec-1");
  EXPECT_FALSE(time_left_noted(*journal));
  ASSERT_TRUE(journal->finish("freeze", begin, 1, "", {{"evidence", json::array{json::object{{"state", "held"}}}}}));
  EXPECT_EQ(time_left_noted(*journal)->size(), 1u);
  ASSERT_TRUE(journal->finish("resume", begin, 1, "", {}));
  EXPECT_TRUE(time_left_noted(*journal)->empty());
}

TEST(TimeLeftText, HasUnits) {
  EXPECT_EQ(left_text(11 * minute_ms), "11 min");
  EXPECT_EQ(left_text(11 * minute_ms + 20'400), "11 min 20 s");
  EXPECT_EQ(left_text(2 * hour_ms + 5 * minute_ms), "2 h 5 min");
  EXPECT_EQ(left_text(76 * hour_ms), "3 d 4 h");
  EXPECT_EQ(left_text(9'000), "9 s");
  EXPECT_EQ(left_text(30), "30 ms");
}

}  // namespace
}  // namespace backstitch::recovery
