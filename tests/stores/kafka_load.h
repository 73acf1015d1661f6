// Threads that append batches of two, with a claim, until they are stopped; and what became of each.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/testing.h"
#include "contract/queue/help.h"

namespace backstitch::queue {

class KafkaLoad {
 public:
  explicit KafkaLoad(Queue& queue) : queue_(queue) {
    for (int thread = 0; thread < 3; ++thread) threads_.emplace_back([this, thread] { run(thread); });
  }
  ~KafkaLoad() { stop(); }
  void stop() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int acknowledged() const { return count_; }
  /// That it goes on: so many more are acknowledged from now on.
  bool await(int more) {
    const int before = count_;
    return testing::wait_until([&] { return count_ >= before + more; }, 40'000);
  }
  /// Every acknowledged value is there once, in both partitions; every other one in both or in none.
  void check(Queue& queue) {
    std::multiset<std::string> found[2];
    // What is acknowledged is readable once everything before it is decided: a batch whose end nobody knows is void after
    // seconds.
    testing::wait_until(
        [&] {
          for (int partition = 0; partition < 2; ++partition) {
            found[partition].clear();
            for (const Record& record : contract::all(queue, contract::durable, partition)) found[partition].insert(record.value);
          }
          return found[0] == found[1] && std::all_of(acknowledged_.begin(), acknowledged_.end(),
                                                     [&](const auto& value) { return found[0].contains(value); });
        },
        20'000);
    EXPECT_EQ(found[0], found[1]) << "a batch was torn";
    for (const std::string& value : found[0]) EXPECT_EQ(found[0].count(value), 1u) << value;
    for (const std::string& value : acknowledged_) EXPECT_TRUE(found[0].contains(value)) << value << " is lost";
    for (const std::string& value : unknown_)
      EXPECT_EQ(contract::value_of(queue.holders(contract::durable, value), "holders").size(), found[0].count(value)) << value;
  }

 private:
  void run(int thread) {
    using contract::durable;
    for (int i = 0; !over_; ++i) {
      const std::string value = fmt::format("{}:{}", thread, i);
      const auto answer =
          queue_.append({contract::claiming(durable, value, ClaimMode::first_only, value), contract::plain(durable, 1, value)});
      const std::lock_guard lock(mutex_);
      (answer ? acknowledged_ : unknown_).push_back(value);
      if (answer) ++count_;
    }
  }
  Queue& queue_;
  std::atomic<bool> over_{false};
  std::atomic<int> count_{0};
  std::mutex mutex_;
  std::vector<std::string> acknowledged_, unknown_;
  std::vector<std::thread> threads_;
};

}  // namespace backstitch::queue
