// What the embedded log promises beyond the contract: reopening, the sync, full and broken disks.
#include "stores/queue/embedded/embedded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "stores/queue/embedded/fault_layer.h"
#include "stores/queue/scratch_folder.h"

namespace backstitch::queue {
namespace {

constexpr std::int64_t start_us = 1'800'000'000'000'000;

class EmbeddedQueueTest : public testing::Test {
 protected:
  EmbeddedQueueTest() {
    settings_.folder = folder_.path() + "/queue";
    settings_.partitions = 4;
    settings_.clock = [this] { return Time{clock_us_}; };
    settings_.faults = &faults_;
    open();
    EXPECT_TRUE(queue_->ensure_topic("incoming", {true, 60'000}));
    EXPECT_TRUE(queue_->ensure_topic("tasks", {false, 60'000}));
  }
  void open() {
    queue_.reset();
    auto opened = open_embedded_queue(settings_);
    ASSERT_TRUE(opened) << opened.error().text();
    queue_ = std::move(*opened);
  }
  Result<std::vector<Appended>> append(const std::string& topic, const std::string& value, const std::string& claim = "") {
    return queue_->append({{topic, 0, "a", "x/1", "", value, claim, claim.empty() ? ClaimMode::none : ClaimMode::first_only}});
  }
  std::string values(const std::string& topic, Offset from = 1) {
    const auto records = queue_->read(topic, 0, from, 1000);
    if (!records) return records.error().text();
    std::string text;
    for (const Record& record : *records) text += record.value + ",";
    return text;
  }
  TopicInfo::End ends(const std::string& topic) { return queue_->topic(topic)->partitions[0]; }

  const ScratchFolder folder_;
  std::atomic<std::int64_t> clock_us_{start_us};
  FaultLayer faults_;
  EmbeddedSettings settings_;
  std::unique_ptr<Queue> queue_;
};

TEST_F(EmbeddedQueueTest, ReopensWithEverythingItHad) {
  ASSERT_TRUE(append("incoming", "one", "claim-1"));
  ASSERT_TRUE(append("incoming", "two"));
  ASSERT_TRUE(append("tasks", "task"));
  ASSERT_TRUE(queue_->ensure_topic("tasks", {true, 7'000}));
  open();
  EXPECT_EQ(values("incoming"), "one,two,");
  EXPECT_EQ(values("tasks"), "task,");
  EXPECT_EQ(queue_->topics(), (std::vector<std::string>{"incoming", "tasks"}));
  EXPECT_TRUE(queue_->topic("tasks")->durable);
  EXPECT_EQ(queue_->topic("tasks")->retention_ms, 7'000);
  EXPECT_EQ(ends("incoming").first_at.us, start_us);
  EXPECT_EQ(append("incoming", "three")->front().offset, 3u);
  EXPECT_FALSE(append("incoming", "four", "claim-1")->front().accepted());
}

TEST_F(EmbeddedQueueTest, AnEmptiedPartitionKeepsItsEndAndItsTimeOverAReopening) {
  for (const char* value : {"one", "two", "three"}) ASSERT_TRUE(append("incoming", value, value));
  ASSERT_EQ(queue_->expire(Time{start_us}.plus_ms(60'001)), 3u);
  clock_us_ = 1;
  open();
  EXPECT_EQ(ends("incoming").begin, 4u);
  EXPECT_EQ(ends("incoming").end, 4u);
  EXPECT_FALSE(ends("incoming").first_at.is_set());
  const auto appended = append("incoming", "four");
  EXPECT_EQ(appended->front().offset, 4u);
  EXPECT_EQ(appended->front().at.us, start_us);
  EXPECT_EQ(queue_->holders("incoming", "two")->at(0).value, "two");
}

TEST_F(EmbeddedQueueTest, TheLogsTimeDoesNotStepBackWithTheClock) {
  ASSERT_TRUE(append("incoming", "one"));
  clock_us_ = start_us - 1'000'000;
  EXPECT_EQ(append("incoming", "two")->front().at.us, start_us);
  open();
  EXPECT_EQ(append("incoming", "three")->front().at.us, start_us);
  clock_us_ = start_us + 5;
  EXPECT_EQ(append("incoming", "four")->front().at.us, start_us + 5);
}

TEST_F(EmbeddedQueueTest, LostOffsetsStayLostOverAReopening) {
  ASSERT_TRUE(append("tasks", "one"));
  ASSERT_TRUE(queue_->open_behind("tasks", 0, 50));
  open();
  EXPECT_EQ(ends("tasks").end, 50u);
  EXPECT_EQ(append("tasks", "two")->front().offset, 50u);
  EXPECT_EQ(queue_->expire(Time{start_us}.plus_ms(60'001)), 2u);
}

TEST_F(EmbeddedQueueTest, ReadsWhatLeftTheMemory) {
  settings_.tail_bytes_max = 2000;
  open();
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(append("incoming", std::to_string(i)));
    expected += std::to_string(i) + ",";
  }
  std::string seen;
  for (Offset from = 1; from < 101; from += 7) {
    const auto records = queue_->read("incoming", 0, from, 7);
    ASSERT_TRUE(records) << records.error().text();
    ASSERT_EQ(records->size(), from == 99 ? 2u : 7u);
    for (const Record& record : *records) seen += record.value + ",";
  }
  EXPECT_EQ(seen, expected);
}

TEST_F(EmbeddedQueueTest, DurableRecordsAreSeenAfterTheSyncOnly) {
  int syncs = 0;
  faults_.before_sync([&] {
    ++syncs;
    EXPECT_EQ(ends("incoming").end, 1u);
    EXPECT_EQ(values("incoming"), "");
    EXPECT_EQ(queue_->read("incoming", 0, 2, 1).error().code, Code::offset_behind_end);
  });
  ASSERT_TRUE(append("incoming", "one"));
  faults_.before_sync({});
  EXPECT_EQ(syncs, 1);
  EXPECT_EQ(values("incoming"), "one,");
}

TEST_F(EmbeddedQueueTest, RecordsOfOtherTopicsNeedNoSync) {
  int syncs = 0;
  faults_.before_sync([&] { ++syncs; });
  ASSERT_TRUE(append("tasks", "one"));
  faults_.before_sync({});
  EXPECT_EQ(syncs, 0);
  EXPECT_EQ(values("tasks"), "one,");
}

TEST_F(EmbeddedQueueTest, ManyCallersShareASync) {
  constexpr int threads = 8, appends = 20;
  std::atomic<int> syncs{0}, begun{0};
  std::barrier round(threads);
  // The disk waits until all callers of a round are there: on a loaded machine they would else come one after the other.
  faults_.before_sync([&] {
    for (int looks = ++syncs; begun % threads != 0 && looks < 100'000; ++looks) std::this_thread::yield();
  });
  std::vector<std::thread> callers;
  for (int i = 0; i < threads; ++i)
    callers.emplace_back([&] {
      for (int k = 0; k < appends; ++k) EXPECT_TRUE((round.arrive_and_wait(), ++begun, append("incoming", "x")));
    });
  for (auto& caller : callers) caller.join();
  faults_.before_sync({});
  EXPECT_EQ(ends("incoming").end, Offset{threads * appends + 1});
  EXPECT_LT(syncs, threads * appends / 2) << "callers that wait for a sync share the next one";
}

TEST_F(EmbeddedQueueTest, TooLittleSpaceIsRefusedBeforeAnythingIsWritten) {
  ASSERT_TRUE(append("incoming", "one"));
  const auto operations = faults_.operations();
  faults_.free_bytes(1 << 20);
  EXPECT_EQ(append("incoming", "two", "claim").error().code, Code::disk_full);
  EXPECT_EQ(queue_->ensure_topic("new", {}).error().code, Code::disk_full);
  EXPECT_EQ(queue_->open_behind("incoming", 0, 9).error().code, Code::disk_full);
  EXPECT_EQ(faults_.operations(), operations);
  EXPECT_EQ(values("incoming"), "one,");
  EXPECT_EQ(queue_->expire(Time{start_us}.plus_ms(60'001)), 1u) << "what makes room needs none";
  faults_.free_bytes(std::nullopt);
  EXPECT_EQ(append("incoming", "three", "claim")->front().offset, 2u);
}

// The disk fills up between the look at it and the write.
TEST_F(EmbeddedQueueTest, AFullDiskLeavesNothingHalfDoneAndTheLogGoesOn) {
  for (const std::string topic : {"incoming", "tasks"}) {
    ASSERT_TRUE(append(topic, "one"));
    faults_.fail_writes_disk_full(1);
    EXPECT_EQ(append(topic, std::string(100'000, 'x'), "claim").error().code, Code::disk_full);
    EXPECT_EQ(values(topic), "one,");
    EXPECT_EQ(append(topic, "two", "claim")->front().offset, 2u);
    EXPECT_EQ(append(topic, "three")->front().offset, 3u);
    open();
    EXPECT_EQ(values(topic), "one,two,three,");
    EXPECT_EQ(queue_->holders(topic, "claim")->size(), 1u);
  }
}

TEST_F(EmbeddedQueueTest, WhatWasAcknowledgedAfterAFullDiskSurvivesAPowerCut) {
  ASSERT_TRUE(append("incoming", "one"));
  for (int round = 0; round < 3; ++round) {
    faults_.fail_writes_disk_full(1);
    EXPECT_EQ(append("incoming", "lost").error().code, Code::disk_full);
  }
  ASSERT_TRUE(append("incoming", "two"));
  faults_.power_cut();
  queue_.reset();
  ASSERT_TRUE(faults_.lose_unsynced());
  open();
  EXPECT_EQ(values("incoming"), "one,two,");
}

// The bytes are in the file, but the sync found no room for them.
TEST_F(EmbeddedQueueTest, ARecordThatCouldNotBeSyncedForLackOfRoomIsTakenBack) {
  ASSERT_TRUE(append("incoming", "one", "claim-1"));
  faults_.fail_syncs(1, true);
  EXPECT_EQ(append("incoming", "two", "claim-2").error().code, Code::disk_full);
  EXPECT_EQ(append("tasks", "other")->front().offset, 1u);
  EXPECT_TRUE(queue_->holders("incoming", "claim-2")->empty());
  open();
  EXPECT_EQ(values("incoming"), "one,");
  EXPECT_EQ(append("incoming", "three", "claim-2")->front().offset, 2u);
  EXPECT_EQ(queue_->holders("incoming", "claim-1")->at(0).value, "one");
}

TEST_F(EmbeddedQueueTest, AfterAFailedSyncTheLogStopsUntilItIsOpenedAgain) {
  ASSERT_TRUE(append("incoming", "one"));
  faults_.fail_syncs(1, false);
  EXPECT_EQ(append("incoming", "two", "claim").error().code, Code::queue_failed);
  EXPECT_EQ(append("incoming", "three").error().code, Code::queue_failed);
  EXPECT_EQ(append("tasks", "four").error().code, Code::queue_failed);
  EXPECT_EQ(values("incoming"), "one,");
  open();
  // Unknown means unknown: the claim tells whether the record is there.
  const bool there = !queue_->holders("incoming", "claim")->empty();
  EXPECT_EQ(values("incoming"), there ? "one,two," : "one,");
  EXPECT_EQ(append("incoming", "five")->front().offset, there ? 3u : 2u);
}

TEST_F(EmbeddedQueueTest, OneOwnerAtATime) {
  const auto second = open_embedded_queue(settings_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::already_running);
}

TEST_F(EmbeddedQueueTest, IsReadBesideItsOwner) {
  ASSERT_TRUE(append("incoming", "one"));
  ASSERT_TRUE(append("tasks", "task"));  // not synced
  auto settings = settings_;
  settings.beside_owner = true;
  const auto beside = open_embedded_queue(settings);
  ASSERT_TRUE(beside) << beside.error().text();
  ASSERT_TRUE(append("incoming", "two"));
  for (const char* topic : {"incoming", "tasks"}) {
    const auto records = (*beside)->read(topic, 0, 1, 1000);
    ASSERT_TRUE(records) << records.error().text();
    EXPECT_EQ(records->size(), 1u) << topic;
  }
  EXPECT_EQ((*beside)->append({{"tasks", 0, "a", "x/1", "", "no", "", ClaimMode::none}}).error().code, Code::queue_failed);
  EXPECT_EQ((*beside)->ensure_topic("tasks", {}).error().code, Code::queue_failed);
  EXPECT_EQ((*beside)->trim("incoming", 0, 2).error().code, Code::queue_failed);
  EXPECT_EQ(values("incoming"), "one,two,");
  open();
  EXPECT_EQ(values("incoming"), "one,two,");
  settings.folder += "-none";
  EXPECT_FALSE(open_embedded_queue(settings));
}

TEST_F(EmbeddedQueueTest, TheNumberOfPartitionsIsFixed) {
  queue_.reset();
  settings_.partitions = 8;
  const auto opened = open_embedded_queue(settings_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::config_invalid);
}

TEST_F(EmbeddedQueueTest, ReadingAndTrimmingAtTheSameTimeSkipsNothing) {
  settings_.tail_bytes_max = 0;
  open();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(append("tasks", std::to_string(i)));
  std::thread trimming([&] {
    for (Offset offset = 1; offset <= 300; ++offset) EXPECT_TRUE(queue_->trim("tasks", 0, offset));
  });
  for (Offset from = 1; from < 300;) {
    const auto records = queue_->read("tasks", 0, from, 10);
    if (!records) {
      EXPECT_EQ(records.error().code, Code::offset_expired);
      from = ends("tasks").begin;
      continue;
    }
    if (records->empty()) break;
    EXPECT_EQ(records->front().offset, from);
    from = records->back().offset + 1;
  }
  trimming.join();
}

TEST_F(EmbeddedQueueTest, ATokenOutlivesTheQueue) {
  int calls = 0;
  auto token = queue_->subscribe("incoming", [&] { ++calls; });
  queue_.reset();
  token.reset();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace backstitch::queue
