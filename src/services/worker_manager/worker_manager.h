// Keeps one set of workers per lane as PostgreSQL wants them: a missing one is started, a stray one ended, a dead one replaced,
// or a machine that does so by itself is told what is wished. What a dead one held goes back to the broker. One thread.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "stores/database/port.h"
#include "stores/workers/port.h"

namespace backstitch {

struct WorkerManagerSettings {
  std::int64_t look_every_ms = 100;
  std::int64_t short_life_ms = 2'000;  // who lived shorter than this is replaced only after the back-off
  std::int64_t back_off_ms = 1'000;
  std::int64_t stray_grace_ms = 10'000;
};

class WorkerManager {
 public:
  using Desired = std::vector<database::Database::DesiredWorker>;
  /// `desired` may fail: then the last wish holds, and before the first one nothing is started or ended; Code::not_running: it is
  /// not for this process to say, and none holds. `gone` is called once
  /// with a worker's name when it has been proven ended; on the manager's thread, which holds no lock.
  WorkerManager(workers::Workers& workers, std::function<Result<Desired>()> desired, std::function<void(const std::string&)> gone,
                WorkerManagerSettings settings = {});
  ~WorkerManager();  // leaves the workers running: they outlive a restart of the platform
  /// Ends them all, each within grace_ms, and starts none again.
  void stop_workers(std::int64_t grace_ms);
  /// As of the last look.
  std::vector<workers::Running> running() const;
  /// Why the machine could not be looked at, or told the wish, in the last round; empty when it could.
  std::string complaint() const;

 private:
  using BySlot = std::map<std::string, workers::Running>;
  void run();
  void stop();
  void converge();
  Result<BySlot> look();
  void tell_gone(const BySlot& now);
  std::vector<workers::Lane> lanes() const;
  void complain(const Error& error);
  std::map<std::string, workers::Launch> wished() const;
  void end_strays(const BySlot& now);
  void start_missing(const BySlot& now);
  void start(const workers::Launch& launch);

  workers::Workers& workers_;
  const std::function<Result<Desired>()> desired_;
  const std::function<void(const std::string&)> gone_;
  const WorkerManagerSettings settings_;
  std::optional<Desired> wanted_;
  std::map<std::string, std::int64_t> not_before_ms_;  // back-off of a slot that keeps dying
  std::map<std::string, std::int64_t> started_ms_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  BySlot known_;            // under mutex_; written by the thread alone
  std::string complained_;  // under mutex_
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace backstitch
