// Keeps one set of child processes per lane as PostgreSQL wants them: a missing one is started, a stray one ended, a dead one
// replaced; what a dead one held goes back to the broker. One thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/process.h"
#include "stores/database/port.h"
#include "stores/workers/port.h"

namespace backstitch {

class WorkerManager {
 public:
  /// `gone` is called with a worker's name once it has been proven ended.
  WorkerManager(workers::Workers& workers, std::function<Result<std::vector<database::Database::DesiredWorker>>()> desired,
                std::function<void(const std::string&)> gone);
  ~WorkerManager();  // leaves the workers running: they outlive a restart of the platform
  void stop_workers(std::int64_t grace_ms);
  std::vector<workers::Running> running() const;

 private:
  void run();
  void converge();

  workers::Workers& workers_;
  std::function<Result<std::vector<database::Database::DesiredWorker>>()> desired_;
  std::function<void(const std::string&)> gone_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, workers::Running> known_;      // by slot
  std::map<std::string, std::int64_t> not_before_ms_;  // back-off of a slot that keeps dying
  std::map<std::string, std::int64_t> started_ms_;
  std::vector<database::Database::DesiredWorker> wanted_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace backstitch
