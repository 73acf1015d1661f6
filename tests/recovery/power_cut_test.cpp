// The power goes at random moments while everything runs on real PostgreSQL (recovery, section 6, P4). The log loses what was not
// synced. Then: nothing acknowledged is missing, no offset is used twice, and whatever reached a system has a durable mark.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/testing.h"
#include "recovery/replay/replay.h"
#include "stores/queue/embedded/fault_layer.h"
#include "world/crowd.h"
#include "world/image.h"

namespace backstitch::world {
namespace {

using testing::wait_until;

class PowerCut : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    open_log("/dev/null", LogLevel::error, "test");
    ASSERT_TRUE(world.start());
    ASSERT_TRUE(world.activate_catalog(catalog_text(1), "first"));
    ASSERT_TRUE(wait_until([this] { return world.all_decided(); }));
  }

  /// Clients and operators go on until the power does.
  void live_until_power_cut(bool at_a_sync) {
    if (at_a_sync)
      cut_at_a_sync(20 + static_cast<int>(random() % 100));
    else
      faults.power_cut_after(40 + random() % 400);
    while (!faults.power_is_cut()) {
      crowd.submit_orders(5);
      crowd.append_noise();
      crowd.operate();
      note_offsets();
    }
  }

  /// The power goes when a group was written and not synced, and a reader has looked right then.
  void cut_at_a_sync(int which) {
    syncs_left_ = which;
    faults.before_sync([this] {
      if (--syncs_left_ > 0) return;
      note_offsets();
      faults.power_cut();
    });
  }

  /// What readers have seen of a durable topic: content for ever, whatever the power does. Any thread.
  void note_offsets() {
    const std::lock_guard lock(seen_mutex_);
    for (const char* topic : {"incoming", "completer"})
      for (Partition partition = 0; partition < world.settings().partitions; ++partition) {
        const auto key = std::pair(std::string(topic), partition);
        auto& seen = seen_[key];
        const auto records = world.queue().read(topic, partition, seen.size() + 1, 10'000);
        if (!records) continue;
        for (const queue::Record& record : *records) seen.push_back(record.schema + record.value);
      }
  }

  void lose_power_and_return(bool all_of_the_tail) {
    static_cast<void>(world.stop());
    faults.before_sync({});
    const auto kept = random();
    ASSERT_TRUE(faults.lose_unsynced(!all_of_the_tail && kept % 2 ? std::optional(kept) : std::nullopt));
    ASSERT_TRUE(world.start());
  }

  void check_acknowledged() {
    for (const auto& [claim, body] : crowd.acknowledged()) {
      const auto holders = world.queue().holders("incoming", claim);
      ASSERT_TRUE(holders) << holders.error().text();
      ASSERT_FALSE(holders->empty()) << "acknowledged and lost: " << claim;
      EXPECT_EQ(holders->front().value, body);
    }
  }

  void check_offsets() {
    for (const auto& [place, seen] : seen_) {
      const auto records = world.queue().read(place.first, place.second, 1, 1'000'000);
      ASSERT_TRUE(records) << records.error().text();
      ASSERT_GE(records->size(), seen.size()) << "seen and lost: " << place.first << " " << place.second;
      for (std::size_t i = 0; i < seen.size(); ++i)
        ASSERT_EQ((*records)[i].schema + (*records)[i].value, seen[i])
            << "used twice: " << place.first << " " << place.second << " " << i + 1;
    }
  }

  void check_marks() {
    for (const std::string& key : systems.keys_sent()) {
      const auto holders = world.queue().holders("completer", key);
      ASSERT_TRUE(holders) << holders.error().text();
      ASSERT_FALSE(holders->empty()) << "sent without a durable mark: " << key;
      EXPECT_EQ(holders->front().schema, "completer.mark/1") << "sent without a durable mark: " << key;
    }
  }

  queue::FaultLayer faults;
  std::mt19937_64 random{static_cast<std::uint64_t>(GetParam())};
  StubSystems systems{static_cast<std::uint64_t>(GetParam()), 0.1};
  World world{WorldSettings{.partitions = 4, .shard_threads = 2, .turn_inputs_max = 64, .faults = &faults}, systems};
  Crowd crowd{world, static_cast<std::uint64_t>(GetParam()), 12};
  std::atomic<int> syncs_left_{0};
  std::mutex seen_mutex_;
  std::map<std::pair<std::string, Partition>, std::vector<std::string>> seen_;
};

TEST_P(PowerCut, NothingAcknowledgedIsMissing) {
  for (int cut = 0; cut < 6; ++cut) {
    const bool at_a_sync = cut % 2 == 1;
    live_until_power_cut(at_a_sync);
    lose_power_and_return(at_a_sync);
    if (HasFatalFailure()) return;
    check_acknowledged(), check_offsets(), check_marks();
    if (HasFailure()) return;
  }
  ASSERT_TRUE(wait_until([this] { return world.all_decided(); }, 30'000));
  EXPECT_GT(crowd.acknowledged().size(), 20u);
  EXPECT_GT(systems.calls(), 10u) << "a power cut before any call proves nothing";
  for (const auto& [claim, body] : crowd.acknowledged()) {
    const auto id = claim.substr(5, claim.rfind('\n') - 5);
    const auto found = world.database().find_order("org1", id, 1);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_TRUE(found->has_value()) << "acknowledged and not in the database: " << id;
  }
  fmt::print("  {} acknowledged, {} calls, {}\n", crowd.acknowledged().size(), systems.calls(), *world.database().counts());
}

TEST_P(PowerCut, AndTheArchiveStillFoldsToTheSame) {
  for (int cut = 0; cut < 3; ++cut) {
    live_until_power_cut(false);
    lose_power_and_return(false);
    if (HasFatalFailure()) return;
  }
  ASSERT_TRUE(wait_until([this] { return world.all_decided(); }, 30'000));
  const Status archived = world.stop();
  ASSERT_TRUE(archived) << archived.error().text();
  const auto copy = new_database(world.settings().partitions);
  CatalogLibrary library(world.safe());
  recovery::ReplaySettings settings;
  settings.threads = 2, settings.engine = world.settings().engine;
  const auto report = recovery::replay(settings, world.safe(), *copy, library);
  ASSERT_TRUE(report) << report.error().text();
  expect_equal(image_of(world.database()), image_of(*copy), "after power cuts");
}

INSTANTIATE_TEST_SUITE_P(Seeds, PowerCut, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace backstitch::world
