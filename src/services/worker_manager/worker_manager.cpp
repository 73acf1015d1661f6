#include "services/worker_manager/worker_manager.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "base/time.h"

namespace backstitch {
namespace {
constexpr auto look_every = std::chrono::milliseconds(100);
constexpr std::int64_t short_life_ms = 2'000, back_off_ms = 1'000, stray_grace_ms = 10'000;
}  // namespace

WorkerManager::WorkerManager(workers::Workers& workers, std::function<Result<std::vector<database::Database::DesiredWorker>>()> desired,
                             std::function<void(const std::string&)> gone)
    : workers_(workers), desired_(std::move(desired)), gone_(std::move(gone)) {
  thread_ = std::thread([this] { run(); });
}

WorkerManager::~WorkerManager() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void WorkerManager::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    converge();
    lock.lock();
    wake_.wait_for(lock, look_every, [this] { return stop_; });
  }
}

std::vector<workers::Running> WorkerManager::running() const {
  const std::lock_guard lock(mutex_);
  std::vector<workers::Running> out;
  for (const auto& [slot, worker] : known_) out.push_back(worker);
  return out;
}

void WorkerManager::stop_workers(std::int64_t grace_ms) {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  std::vector<std::thread> ends;
  for (const workers::Running& worker : running())
    ends.emplace_back([this, worker, grace_ms] { (void)workers_.end(worker.slot, grace_ms); });
  for (std::thread& end : ends) end.join();
}

void WorkerManager::converge() {
  if (auto desired = desired_()) wanted_ = std::move(*desired);  // PostgreSQL away: the last known wish holds
  auto found = workers_.running();
  if (!found) return log_error("workers", "error=\"{}\"", found.error().text());
  std::map<std::string, workers::Running> now;
  for (const workers::Running& worker : *found) now[worker.slot] = worker;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [slot, worker] : known_)
      if (const auto still = now.find(slot); still == now.end() || still->second.name != worker.name) {
        log_warn("worker_gone", "slot={} name={}", slot, worker.name);
        if (monotonic_ms() - started_ms_[slot] < short_life_ms) not_before_ms_[slot] = monotonic_ms() + back_off_ms;
        gone_(worker.name);
      }
    known_ = now;
  }
  std::map<std::string, workers::Launch> wish;
  for (const auto& lane : wanted_)
    for (int index = 0; index < lane.count; ++index) {
      const std::string slot = lane.lane + "/" + std::to_string(index);
      wish[slot] = {slot, lane.lane, lane.concurrency};
    }
  if (wanted_.empty()) return;
  for (const auto& [slot, worker] : now)
    if (!wish.contains(slot)) {
      log_info("worker_stray", "slot={} name={}", slot, worker.name);
      (void)workers_.end(slot, stray_grace_ms);
    }
  for (const auto& [slot, launch] : wish) {
    if (now.contains(slot) || monotonic_ms() < not_before_ms_[slot]) continue;
    auto started = workers_.launch(launch);
    if (!started) {
      log_error("worker_start", "slot={} error=\"{}\"", slot, started.error().text());
      not_before_ms_[slot] = monotonic_ms() + back_off_ms;
      continue;
    }
    started_ms_[slot] = monotonic_ms();
    const std::lock_guard lock(mutex_);
    known_[slot] = *started;
  }
}

}  // namespace backstitch
