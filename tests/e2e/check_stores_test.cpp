// Checks of the laws that need no more than one store. Each is green here, and red when its guard is out (guard_test.cpp).
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/testing.h"
#include "engine/engine_name.h"
#include "rules/condition.h"
#include "stores/database/private/scratch_cluster.h"
#include "stores/database/testing/samples.h"
#include "stores/queue/embedded/embedded_queue.h"
#include "stores/queue/embedded/fault_layer.h"

namespace backstitch::e2e {
namespace {

// Law 6. Somebody else has taken the partition over, or the epoch has changed: who was there before writes nothing any more.
TEST(Check, AnOldOwnerIsFenced) {
  auto cluster = database::ScratchCluster::make();
  ASSERT_TRUE(cluster) << cluster.error().text();
  auto database = (*cluster)->fresh(2);
  ASSERT_TRUE(database) << database.error().text();
  auto old_owner = (*database)->open_shard(), owner = (*database)->open_shard();
  ASSERT_TRUE(old_owner && owner);
  auto before = (*old_owner)->claim({0, 1});
  ASSERT_TRUE(before && (*owner)->claim({0}));
  for (const std::size_t partition : {0u, 1u}) {
    ASSERT_TRUE(partition == 0 || (*database)->set_epoch(2, true));
    database::TurnWrite turn;
    turn.partitions.push_back(database::samples::next_turn((*before)[partition], 1, 0, database::samples::at(1)));
    ASSERT_TRUE((*old_owner)->send_turn(turn));
    const Status written = (*old_owner)->await_turn();
    EXPECT_FALSE(written) << "the old owner wrote to partition " << partition;
    EXPECT_TRUE(written || written.error().code == Code::fenced) << (written ? "" : written.error().text());
    old_owner = (*database)->open_shard();  // after any error a shard is opened anew
    ASSERT_TRUE(old_owner);
  }
}

/// Reads the partition's end when told to, on a thread of its own: the reader of a log is never the one who syncs it.
class Reader {
 public:
  explicit Reader(queue::Queue& queue) : queue_(queue), thread_([this] { run(); }) {}
  ~Reader() {
    asked_ = true, stop_ = true;
    thread_.join();
  }
  /// What a reader has seen while the caller, who syncs, waits; 0 when reading has to wait for the sync.
  queue::Offset end_seen_now() {
    seen_ = 0;
    asked_ = true;
    testing::wait_until([this] { return seen_ != 0; }, 500);
    return seen_;
  }

 private:
  void run() {
    while (!stop_) {
      testing::wait_until([this] { return asked_.exchange(false); }, 60'000);
      if (stop_) return;
      const auto records = queue_.read("incoming", 0, 1, 1'000);
      seen_ = !records || records->empty() ? 1 : records->back().offset + 1;
    }
  }
  queue::Queue& queue_;
  std::atomic<bool> asked_{false}, stop_{false};
  std::atomic<queue::Offset> seen_{0};
  std::thread thread_;
};

// Law 3. The power goes while the log is synced: what a reader has seen by then, and a commit may hold, must be on the disk.
TEST(Check, ReadersSeeOnlyWhatIsDurable) {
  const testing::ScratchFolder folder;
  queue::FaultLayer faults;
  queue::EmbeddedSettings settings{.folder = folder / "queue", .partitions = 1, .faults = &faults};
  queue::Offset seen = 0;
  {
    auto queue = queue::open_embedded_queue(settings).value();
    ASSERT_TRUE(queue->ensure_topic("incoming", {true, 0}));
    Reader reader(*queue);
    auto append = [&] { return queue->append({{"incoming", 0, "A-1", "x/1", "", "v", "", queue::ClaimMode::none}}); };
    ASSERT_TRUE(append());
    faults.before_sync([&] {
      seen = std::max(seen, reader.end_seen_now());
      faults.power_cut();
    });
    EXPECT_FALSE(append()) << "the power was gone";
    faults.before_sync({});
  }
  ASSERT_GE(seen, 1u) << "nothing was synced, so nothing was looked at";
  ASSERT_TRUE(faults.lose_unsynced());
  auto queue = queue::open_embedded_queue(settings).value();
  EXPECT_GE(queue->topic("incoming")->partitions[0].end, seen) << "a reader was further than the disk";
  auto again = queue->append({{"incoming", 0, "A-2", "x/1", "", "other", "", queue::ClaimMode::none}});
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_GE(again->front().offset, seen) << "an offset that a reader had seen is given out twice";
}

// No law: the planted fault that a recovery is tried with (demo/corruptions/buggy-rule.sh) must be one.
TEST(Check, TextsAreComparedWhole) {
  Order order;
  order.fields.set("Region", std::string("AMER"));
  const Condition apac{.left = "order.Region", .op = Compare::equal, .right = std::string("APAC")};
  EXPECT_FALSE(holds(apac, Scene{.order = &order}));
  EXPECT_EQ(engine_name({}).find("fault"), std::string::npos) << "an engine that decides otherwise bears another name";
}

}  // namespace
}  // namespace backstitch::e2e
