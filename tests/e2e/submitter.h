// An independent client: submits orders under load and keeps a file of its own of what was acknowledged, as a submitter would.
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"
#include "world.h"

namespace backstitch::e2e {

/// Submits LINE orders, C-1, C-2, …, until stop(); each one again and again until it is acknowledged.
class Submitter {
 public:
  /// `pause_ms` between two orders of one thread.
  Submitter(World& world, int threads, int pause_ms);
  ~Submitter();
  void stop();  // what was begun is acknowledged when it returns

  int acknowledged() const { return acknowledged_; }
  /// Answers that no submit may get, such as a conflict of an order with itself.
  std::vector<std::string> faults() const;
  std::string ledger() const { return ledger_path_; }

 private:
  void work();
  void submit(int number);

  World& world_;
  const int pause_ms_;
  const std::string ledger_path_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool stop_ = false;
  AppendFile ledger_;
  std::vector<std::string> faults_;
  std::atomic<int> next_{1}, acknowledged_{0};
  std::vector<std::thread> threads_;
};

}  // namespace backstitch::e2e
