// The power goes at random moments while several threads append and read. Afterwards: what was acknowledged is there, what a
// reader saw of a durable topic is there, no offset that was seen is given out twice, claims agree with records.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "stores/queue/embedded/embedded_queue.h"
#include "stores/queue/embedded/fault_layer.h"
#include "stores/queue/scratch_folder.h"

namespace backstitch::queue {
namespace {

constexpr Partition partitions = 3;
const std::vector<std::string> topics = {"incoming", "completer", "tasks"};
bool is_durable(const std::string& topic) { return topic != "tasks"; }

struct Place {
  std::string topic;
  Partition partition = 0;
  Offset offset = 0;
  auto operator<=>(const Place&) const = default;
};

/// What the world outside knows, over all power cuts of one run. Thread-safe.
class Ledger {
 public:
  void acknowledged(const Place& place, const std::string& value) { note(acknowledged_, place, value); }
  void seen(const Place& place, const std::string& value) { note(seen_, place, value); }
  std::map<Place, std::string> acknowledged() const { return acknowledged_; }
  std::map<Place, std::string> seen() const { return seen_; }
  /// The offset behind the last one that a reader has seen: what a commit may hold.
  Offset position(const std::string& topic, Partition partition) const {
    Offset position = 1;
    for (const auto& [place, value] : seen_) {
      if (place.topic == topic && place.partition == partition) position = std::max(position, place.offset + 1);
    }
    return position;
  }

 private:
  void note(std::map<Place, std::string>& in, const Place& place, const std::string& value) {
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = in.emplace(place, value);
    if (!is_new && at->second != value) {
      ADD_FAILURE() << place.topic << " " << place.partition << " " << place.offset << " was " << at->second << " and is "
                    << value;
    }
  }
  std::mutex mutex_;
  std::map<Place, std::string> acknowledged_, seen_;
};

class PowerCutRun {
 public:
  explicit PowerCutRun(std::uint64_t seed) : random_(seed) {
    settings_.folder = folder_.path() + "/queue";
    settings_.partitions = partitions;
    settings_.faults = &faults_;
  }

  /// Appends and reads until the power is gone; at the next call, the disk has forgotten.
  void work_until_power_cut() {
    faults_.power_cut_after(1 + random_() % 150);
    if (auto queue = open()) {
      std::vector<std::thread> threads;
      for (int thread = 0; thread < 3; ++thread) {
        const auto seed = random_();
        threads.emplace_back([&, thread, seed] { append_until_power_cut(**queue, thread, seed); });
      }
      threads.emplace_back([&] { read_until_power_cut(**queue); });
      for (auto& thread : threads) thread.join();
    }
    ++generation_;
    const auto kept = random_();
    ASSERT_TRUE(faults_.lose_unsynced(kept % 2 ? std::optional(kept) : std::nullopt));
  }

  void check() {
    auto queue = open();
    ASSERT_TRUE(queue) << queue.error().text();
    for (const auto& topic : topics) {
      if (!(*queue)->topic(topic)) continue;  // the power went before it was made
      for (Partition partition = 0; partition < partitions; ++partition) check_partition(**queue, topic, partition);
    }
    for (const auto& noted : {ledger_.acknowledged(), ledger_.seen()}) {
      for (const auto& [place, value] : noted) {
        if (!is_durable(place.topic)) continue;
        EXPECT_EQ(found_[place], value) << "lost: " << place.topic << " " << place.partition << " " << place.offset;
      }
    }
    check_claims(**queue);
  }

  std::size_t acknowledged() const { return ledger_.acknowledged().size(); }

 private:
  Result<std::unique_ptr<Queue>> open() {
    auto queue = open_embedded_queue(settings_);
    if (!queue) return queue;
    for (const auto& topic : topics) BS_TRY((*queue)->ensure_topic(topic, {is_durable(topic), 0}));
    return queue;
  }

  void append_until_power_cut(Queue& queue, int thread, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int number = 0; !faults_.power_is_cut(); ++number) {
      std::vector<Append> batch;
      for (std::size_t i = 0; i <= random() % 4; ++i) {
        const auto value = fmt::format("{}-{}-{}-{}", generation_, thread, number, i);
        // A quarter of the claims meet one that may be taken already, in this generation or an earlier one.
        const auto claim = random() % 4 ? value : fmt::format("shared-{}", random() % 20);
        batch.push_back({topics[random() % 3], static_cast<Partition>(random() % partitions), "a", "x/1", "", claim + "=" + value,
                         claim, random() % 3 ? ClaimMode::first_only : ClaimMode::join});
      }
      const auto answers = queue.append(batch);
      if (!answers) continue;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!(*answers)[i].accepted() || !is_durable(batch[i].topic)) continue;  // others may be lost unseen
        ledger_.acknowledged({batch[i].topic, batch[i].partition, (*answers)[i].offset}, batch[i].value);
      }
    }
  }

  void read_until_power_cut(Queue& queue) {
    std::map<std::pair<std::string, Partition>, Offset> next;
    while (!faults_.power_is_cut()) {
      for (const auto& topic : topics) {
        for (Partition partition = 0; partition < partitions; ++partition) {
          Offset& from = next.try_emplace({topic, partition}, 1).first->second;
          const auto records = queue.read(topic, partition, from, 100);
          if (!records) continue;
          for (const Record& record : *records) ledger_.seen({topic, partition, record.offset}, record.value);
          if (!records->empty()) from = records->back().offset + 1;
        }
      }
      std::this_thread::yield();
    }
  }

  void check_partition(Queue& queue, const std::string& topic, Partition partition) {
    const auto begin = queue.topic(topic)->partitions[static_cast<std::size_t>(partition)].begin;
    const auto records = queue.read(topic, partition, begin, 1'000'000);
    ASSERT_TRUE(records) << records.error().text();
    for (const Record& record : *records) {
      found_[{topic, partition, record.offset}] = record.value;
      ledger_.seen({topic, partition, record.offset}, record.value);
    }
    const Offset position = ledger_.position(topic, partition);
    const auto end = queue.topic(topic)->partitions[static_cast<std::size_t>(partition)].end;
    EXPECT_TRUE(!is_durable(topic) || end >= position) << "a reader was further than the disk: " << position << ", " << end;
    ASSERT_TRUE(queue.open_behind(topic, partition, position));
    const auto appended = queue.append({{topic, partition, "a", "x/1", "", "=after", "", ClaimMode::none}});
    ASSERT_TRUE(appended) << appended.error().text();
    EXPECT_GE(appended->front().offset, position) << "an offset was given out twice";
    ledger_.seen({topic, partition, appended->front().offset}, "=after");
    found_[{topic, partition, appended->front().offset}] = "=after";
  }

  /// Each record stands under its claim, and each holder is a record of the log.
  void check_claims(Queue& queue) {
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> expected;
    for (const auto& [place, value] : found_) {
      const auto claim = value.substr(0, value.find('='));
      if (!claim.empty()) expected[{place.topic, claim}].push_back(value);
    }
    for (auto& [claim, values] : expected) {
      std::vector<std::string> holders;
      const auto records = queue.holders(claim.first, claim.second);
      ASSERT_TRUE(records) << records.error().text();
      for (const Record& record : *records) holders.push_back(record.value);
      std::sort(holders.begin(), holders.end());
      std::sort(values.begin(), values.end());
      EXPECT_EQ(holders, values) << "claim " << claim.second << " of " << claim.first;
    }
    found_.clear();
  }

  const ScratchFolder folder_;
  std::mt19937_64 random_;
  FaultLayer faults_;
  EmbeddedSettings settings_;
  Ledger ledger_;
  std::map<Place, std::string> found_;
  int generation_ = 0;
};

TEST(PowerCut, NothingAcknowledgedIsLostAndNoOffsetIsUsedTwice) {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    PowerCutRun run(seed);
    for (int cut = 0; cut < 3; ++cut) {
      run.work_until_power_cut();
      run.check();
      if (testing::Test::HasFailure()) return;
    }
    acknowledged += run.acknowledged();
  }
  EXPECT_GT(acknowledged, 1000u) << "the power went before anything was done";
}

class FaultLayerTest : public testing::Test {
 protected:
  FaultLayerTest() {
    settings_.folder = folder_.path() + "/queue";
    settings_.partitions = 1;
    settings_.faults = &faults_;
    queue_ = open_embedded_queue(settings_).value();
    EXPECT_TRUE(queue_->ensure_topic("tasks", {false, 0}));
    EXPECT_TRUE(queue_->ensure_topic("incoming", {true, 0}));
  }
  void append(const std::string& topic) { EXPECT_TRUE(queue_->append({{topic, 0, "a", "x/1", "", "v", "", ClaimMode::none}})); }
  void cut_and_reopen() {
    faults_.power_cut();
    queue_.reset();
    ASSERT_TRUE(faults_.lose_unsynced());
    queue_ = open_embedded_queue(settings_).value();
  }
  Offset end(const std::string& topic) { return queue_->topic(topic)->partitions[0].end; }

  const ScratchFolder folder_;
  FaultLayer faults_;
  EmbeddedSettings settings_;
  std::unique_ptr<Queue> queue_;
};

TEST_F(FaultLayerTest, LosesWhatWasNotSynced) {
  append("tasks");
  cut_and_reopen();
  EXPECT_EQ(end("tasks"), 1u);
}

TEST_F(FaultLayerTest, KeepsWhatASyncCovers) {
  append("tasks");
  append("incoming");
  append("tasks");
  cut_and_reopen();
  EXPECT_EQ(end("tasks"), 2u);
  EXPECT_EQ(end("incoming"), 2u);
}

TEST_F(FaultLayerTest, NothingIsWrittenWithoutPower) {
  faults_.power_cut();
  EXPECT_EQ(queue_->append({{"tasks", 0, "a", "x/1", "", "v", "", ClaimMode::none}}).error().code, Code::queue_failed);
  EXPECT_FALSE(open_embedded_queue({.folder = folder_.path() + "/other", .partitions = 1, .faults = &faults_}));
}

}  // namespace
}  // namespace backstitch::queue
