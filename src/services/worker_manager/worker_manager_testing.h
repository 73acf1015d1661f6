// For tests only: a manager on a machine without processes, with a wish that changes and a database that goes away.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/testing.h"
#include "services/worker_manager/worker_manager.h"
#include "stores/workers/strict_fake.h"

namespace backstitch {

inline constexpr WorkerManagerSettings quick{.look_every_ms = 1, .short_life_ms = 0, .back_off_ms = 0, .stray_grace_ms = 1'000};

class WorkerManagerTest : public ::testing::Test {
 protected:
  void TearDown() override { manager_.reset(); }  // first of all: its thread asks for the wish
  void start(WorkerManagerSettings settings = quick) {
    manager_ = std::make_unique<WorkerManager>(
        *workers_, [this] { return desired(); },
        [this](const std::string& name) {
          const std::lock_guard lock(mutex_);
          gone_.push_back(name);
        },
        settings);
  }
  void wish(WorkerManager::Desired wish) {
    const std::lock_guard lock(mutex_);
    wish_ = std::move(wish);
  }
  /// Whatever the manager has begun is done, and it has looked again after that.
  void let_it_look() {
    const int seen = looks_;
    ASSERT_TRUE(testing::wait_until([&] { return looks_ >= seen + 3; }));
  }
  /// "default/0 default/1": the slots of what runs on the machine, in the order of their names.
  std::string slots() const {
    std::vector<std::string> found;
    for (const workers::Machine::Process& process : machine_->processes())
      if (process.runs) found.push_back(process.slot);
    std::sort(found.begin(), found.end());
    std::string out;
    for (const std::string& slot : found) out += (out.empty() ? "" : " ") + slot;
    return out;
  }
  ::testing::AssertionResult comes_to(const std::string& expected) {
    if (testing::wait_until([&] { return slots() == expected; })) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "\"" << slots() << "\" instead of \"" << expected << "\"";
  }
  std::string name_in(const std::string& slot) const { return machine_->processes(slot).back().name; }
  std::vector<std::string> gone() {
    const std::lock_guard lock(mutex_);
    return gone_;
  }

  std::shared_ptr<workers::Machine> machine_ = std::make_shared<workers::Machine>();
  std::unique_ptr<workers::Workers> workers_ = std::make_unique<workers::StrictFake>(machine_);
  std::atomic<bool> database_away_ = false, not_ours_ = false;
  std::atomic<int> looks_ = 0;
  std::unique_ptr<WorkerManager> manager_;

 private:
  Result<WorkerManager::Desired> desired() {
    ++looks_;
    if (not_ours_) return fail(Code::not_running, "another one says what is wished");
    if (database_away_) return fail(Code::database_unreachable, "killed");
    const std::lock_guard lock(mutex_);
    return wish_;
  }
  std::mutex mutex_;
  WorkerManager::Desired wish_ = {{"default", 2, 32}};
  std::vector<std::string> gone_;
};

}  // namespace backstitch
