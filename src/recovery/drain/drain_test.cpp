// What is drained stands in the evidence before it leaves the queue, wherever the drain is cut off.
#include "recovery/drain/drain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <tuple>

#include "base/hash.h"
#include "base/json.h"
#include "stores/queue/strict_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

class DrainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* topic : {"incoming", "completer", "order_orderitems", "schedule", "tasks.default"})
      ASSERT_TRUE(queue.ensure_topic(topic, {true, 0}));
    ASSERT_TRUE(safe.change_epoch({1, true, ""}, {2, false, "rec-1"}));
  }
  void put(const std::string& topic, Partition partition, const std::string& value) {
    queue::Append append;
    append.topic = topic, append.partition = partition, append.key = "A-1", append.schema = topic + ".thing/1";
    append.headers = R"({"bs-epoch":1})", append.value = value;
    ASSERT_TRUE(queue.append({append}));
  }
  void put_some(const std::string& topic, int count) {
    for (int i = 0; i < count; ++i) put(topic, i % 2, fmt::format(R"({{"n":{}}})", i));
  }
  Result<Drained> drained(const std::string& topic, DrainSettings settings = {}) {
    settings.records_max = 2;
    return drain(queue, safe, "rec-1", topic, settings);
  }
  std::string file(const std::string& topic) { return safe.get("evidence/rec-1/" + topic + ".jsonl").value_or(""); }
  static std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }
  std::uint64_t left(const std::string& topic) {
    std::uint64_t count = 0;
    const auto info = queue.topic(topic);
    for (const auto& end : info->partitions) count += queue.read(topic, end.partition, end.begin, 1000)->size();
    return count;
  }
  queue::StrictFake queue{{.partitions = 2}};
  safe::StrictFake safe{2};
};

TEST_F(DrainTest, EveryRecordStandsInTheFileAndThenLeavesTheQueue) {
  put_some("schedule", 7);
  const auto done = drained("schedule");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->records, 7u);
  EXPECT_TRUE(done->moved);
  EXPECT_EQ(done->ends(), (Ends{{0, 5}, {1, 4}}));
  EXPECT_EQ(left("schedule"), 0u);
  const std::string text = file("schedule");
  EXPECT_EQ(lines(text), 7);
  EXPECT_EQ(done->sha256, sha256_hex(text));
  const auto first = parse_json(text.substr(0, text.find('\n')));
  ASSERT_TRUE(first) << text;
  EXPECT_EQ(first->at("offset").as_string(), "1");
  EXPECT_EQ(first->at("schema").as_string(), "schedule.thing/1");
  EXPECT_EQ(first->at("key").as_string(), "A-1");
  EXPECT_EQ(write_json(first->at("headers")), R"({"bs-epoch":1})");
  EXPECT_EQ(write_json(first->at("value")), R"({"n":0})");
  const auto stored = load_drained(safe, "rec-1", "schedule");
  ASSERT_TRUE(stored) << stored.error().text();
  EXPECT_EQ(stored->partitions, done->partitions);
  EXPECT_EQ(stored->schemas, done->schemas);
  EXPECT_TRUE(stored->moved);
}

TEST_F(DrainTest, ASecondTimeIsTheSame) {
  put_some("tasks.default", 5);
  const auto first = drained("tasks.default");
  const std::string text = file("tasks.default");
  const auto second = drained("tasks.default");
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(file("tasks.default"), text);
  EXPECT_EQ(second->sha256, first->sha256);
  EXPECT_EQ(second->partitions, first->partitions);
}

TEST_F(DrainTest, WhatComesLaterGoesBehindIt) {
  put_some("schedule", 3);
  ASSERT_TRUE(drained("schedule"));
  const std::string before = file("schedule");
  put_some("schedule", 2);
  const auto done = drained("schedule");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->records, 5u);
  EXPECT_TRUE(file("schedule").starts_with(before));
  EXPECT_EQ(lines(file("schedule")), 5);
}

/// The n-th object from now on is not written, or is written and not answered.
class CutSafe : public safe::StrictFake {
 public:
  using StrictFake::StrictFake;
  int cut_at = 0;
  bool written = false;
  Status put(const std::string& name, std::string_view content) override {
    if (--cut_at != 0) return StrictFake::put(name, content);
    if (written) static_cast<void>(StrictFake::put(name, content));
    return fail(Code::safe_failed, "cut off at {}", name);
  }
};

TEST_F(DrainTest, CutOffAnywhereItIsDoneAgain) {
  for (const bool written : {false, true})
    for (int round = 0; round < 6; ++round) {  // file, manifest, manifest of the move; then the same with an earlier part there
      SCOPED_TRACE(fmt::format("round {} {}", round, written ? "was done" : "was not done"));
      queue::StrictFake log{{.partitions = 2}};
      CutSafe place{2};
      ASSERT_TRUE(log.ensure_topic("schedule", {true, 0}));
      auto put_six = [&] {
        for (int i = 0; i < 6; ++i)
          ASSERT_TRUE(log.append({{.topic = "schedule", .partition = i % 2, .key = "A", .schema = "s/1", .value = "{}"}}));
      };
      put_six();
      if (round >= 3) {
        ASSERT_TRUE(drain(log, place, "cut", "schedule", {.force = true}));
        put_six();
      }
      place.cut_at = round % 3 + 1, place.written = written;
      static_cast<void>(drain(log, place, "cut", "schedule", {.force = true}));
      const auto done = drain(log, place, "cut", "schedule", {.force = true});
      ASSERT_TRUE(done) << done.error().text();
      const std::uint64_t wanted = round >= 3 ? 12 : 6;
      EXPECT_EQ(done->records, wanted);
      EXPECT_TRUE(done->moved);
      const std::string text = place.get("evidence/cut/schedule.jsonl").value_or("");
      EXPECT_EQ(sha256_hex(text), done->sha256);
      EXPECT_EQ(lines(text), static_cast<std::ptrdiff_t>(wanted));
      EXPECT_TRUE(load_drained(place, "cut", "schedule")->moved);
    }
}

TEST_F(DrainTest, NothingLeavesTheQueueWhenTheEvidenceIsNotWritten) {
  put_some("schedule", 4);
  safe.fail_next_write(Code::safe_failed);
  EXPECT_FALSE(drained("schedule"));
  EXPECT_EQ(left("schedule"), 4u);
}

TEST_F(DrainTest, TheReadersPositionMovesBeforeTheRecordsGo) {
  put_some("order_orderitems", 4);
  Ends told;
  std::uint64_t left_then = 0;
  DrainSettings settings;
  settings.move_reader = [&](const Ends& ends) {
    told = ends, left_then = left("order_orderitems");
    return Status();
  };
  ASSERT_TRUE(drained("order_orderitems", settings));
  EXPECT_EQ(told, (Ends{{0, 3}, {1, 3}}));
  EXPECT_EQ(left_then, 4u);
  put_some("order_orderitems", 2);
  settings.move_reader = [](const Ends&) -> Status { return fail(Code::database_unreachable, "away"); };
  EXPECT_FALSE(drained("order_orderitems", settings));
  EXPECT_EQ(left("order_orderitems"), 2u) << "a reader that stands before the begin would stand still for ever";
}

TEST_F(DrainTest, CompleterIsExportedOnly) {
  put_some("completer", 4);
  const auto done = drained("completer");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_FALSE(done->moved);
  EXPECT_EQ(left("completer"), 4u);
  EXPECT_EQ(lines(file("completer")), 4);
}

TEST_F(DrainTest, IncomingNeverAndOthersOnlyInsideARecovery) {
  put_some("incoming", 1), put_some("schedule", 1);
  EXPECT_EQ(drained("incoming", {.force = true}).error().code, Code::drain_refused);
  ASSERT_TRUE(safe.change_epoch({2, false, "rec-1"}, {2, true, ""}));
  EXPECT_EQ(drained("schedule").error().code, Code::drain_refused);
  EXPECT_EQ(left("schedule"), 1u);
  EXPECT_TRUE(drained("schedule", {.force = true}));
}

TEST_F(DrainTest, DryRunCountsAndTouchesNothing) {
  put_some("schedule", 4);
  const auto writes = safe.writes();
  const auto done = drained("schedule", {.dry_run = true});
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->records, 4u);
  EXPECT_EQ(safe.writes(), writes);
  EXPECT_EQ(left("schedule"), 4u);
}

TEST_F(DrainTest, StopsAtTheNotedEnd) {
  put_some("schedule", 6);
  const auto done = drained("schedule", {.end = {{0, 3}, {1, 2}}});
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->records, 3u);
  EXPECT_EQ(left("schedule"), 3u);
  EXPECT_EQ(drain(queue, safe, "to", "schedule", {.to = 3})->records, 1u) << "of partition 1 alone, as 0 begins at 3";
  EXPECT_EQ(drain(queue, safe, "x", "schedule", {.end = {{0, 99}}}).error().code, Code::offset_behind_end);
}

TEST_F(DrainTest, ALostTailIsDeclared) {
  put_some("schedule", 4);
  ASSERT_TRUE(queue.open_behind("schedule", 0, 10));
  put("schedule", 0, "{}");
  const auto done = drained("schedule");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->records, 5u);
  EXPECT_EQ(done->partitions[0].lost, (std::vector<std::pair<queue::Offset, queue::Offset>>{{3, 10}}));
  EXPECT_EQ(load_drained(safe, "rec-1", "schedule")->partitions, done->partitions);
}

/// Leaves a record out, as a log would that is damaged where nobody has looked.
class Leaky : public queue::StrictFake {
 public:
  using StrictFake::StrictFake;
  Result<std::vector<queue::Record>> read(const std::string& topic, Partition partition, queue::Offset from,
                                          std::size_t records_max) override {
    auto records = StrictFake::read(topic, partition, from, records_max);
    if (records) std::erase_if(*records, [](const queue::Record& record) { return record.offset == 2; });
    return records;
  }
};

TEST_F(DrainTest, CountsMustMeetTheOffsets) {
  Leaky leaky{{.partitions = 1}};
  ASSERT_TRUE(leaky.ensure_topic("schedule", {true, 0}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(leaky.append({{.topic = "schedule", .key = "A", .schema = "s/1", .value = "{}"}}));
  const auto done = drain(leaky, safe, "rec-1", "schedule", {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::drain_incomplete);
  EXPECT_EQ(leaky.topic("schedule")->partitions[0].begin, 1u) << "nothing was moved";
  EXPECT_FALSE(safe.get("evidence/rec-1/schedule.json"));
}

TEST_F(DrainTest, EvidenceIsReadBackAsTheRecordsWere) {
  put_some("schedule", 3);
  const auto before = queue.read("schedule", 0, 1, 10);
  ASSERT_TRUE(before && before->size() == 2);
  const auto done = drained("schedule");
  ASSERT_TRUE(done) << done.error().text();
  std::vector<queue::Record> after;
  const Status read = read_drained(safe, *done, [&](Partition partition, const queue::Record& record) {
    if (partition == 0) after.push_back(record);
  });
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(after.size(), before->size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const queue::Record &was = (*before)[i], &is = after[i];
    EXPECT_EQ(std::tie(is.offset, is.appended.us, is.key, is.schema, is.headers, is.value),
              std::tie(was.offset, was.appended.us, was.key, was.schema, was.headers, was.value));
  }
  ASSERT_TRUE(safe.put(done->file, "{}\n"));
  EXPECT_EQ(read_drained(safe, *done, [](Partition, const queue::Record&) {}).error().code, Code::checksum_mismatch);
}

TEST_F(DrainTest, ChangedEvidenceIsNotGoneOnWith) {
  put_some("schedule", 2);
  ASSERT_TRUE(drained("schedule"));
  ASSERT_TRUE(safe.put("evidence/rec-1/schedule.jsonl", "{}\n"));
  EXPECT_EQ(drained("schedule").error().code, Code::checksum_mismatch);
}

TEST_F(DrainTest, WhileRetentionIsHeldTheRecordsStay) {
  put_some("schedule", 2);
  queue.hold_retention(true);
  EXPECT_FALSE(drained("schedule")->moved);
  queue.hold_retention(false);
  EXPECT_TRUE(drained("schedule")->moved);
  EXPECT_EQ(left("schedule"), 0u);
}

TEST(DrainLabel, IsTheRecoverysOrOneByTime) {
  EXPECT_EQ(drain_label({2, false, "rec-1"}, {}), "rec-1");
  EXPECT_EQ(drain_label({2, true, ""}, *parse_rfc3339("2026-11-27T03:15:00Z")), "drain-20261127T031500Z");
}

}  // namespace
}  // namespace backstitch::recovery
