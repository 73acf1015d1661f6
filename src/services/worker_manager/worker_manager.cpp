#include "services/worker_manager/worker_manager.h"

#include <chrono>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/time.h"

namespace backstitch {
namespace {

template <class BySlot>
std::set<std::string> names_of(const BySlot& workers) {
  std::set<std::string> names;
  for (const auto& [slot, worker] : workers) names.insert(worker.name);
  return names;
}

}  // namespace

WorkerManager::WorkerManager(workers::Workers& workers, std::function<Result<Desired>()> desired,
                             std::function<void(const std::string&)> gone, WorkerManagerSettings settings)
    : workers_(workers), desired_(std::move(desired)), gone_(std::move(gone)), settings_(settings), thread_([this] { run(); }) {}

WorkerManager::~WorkerManager() { stop(); }

void WorkerManager::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    converge();
    lock.lock();
    wake_.wait_for(lock, std::chrono::milliseconds(settings_.look_every_ms), [this] { return stop_; });
  }
}

void WorkerManager::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::vector<workers::Running> WorkerManager::running() const {
  const std::lock_guard lock(mutex_);
  std::vector<workers::Running> out;
  for (const auto& [slot, worker] : known_) out.push_back(worker);
  return out;
}

void WorkerManager::stop_workers(std::int64_t grace_ms) {
  stop();                                                                  // first, or the thread would start one behind our back
  if (const auto kept = workers_.keep({}); !kept) complain(kept.error());  // else who is ended would be replaced
  workers::end_all(workers_, running(), grace_ms, [](const workers::Running& worker, const Status& ended) {
    if (!ended) log_error("worker_end", "slot={} name={} error=\"{}\"", worker.slot, worker.name, ended.error().text());
  });
}

void WorkerManager::converge() {
  if (auto desired = desired_())
    wanted_ = std::move(*desired);
  else if (desired.error().code == Code::not_running)
    wanted_.reset();
  const auto now = look();
  if (!now) return complain(now.error());
  tell_gone(*now);
  if (!wanted_) return;
  const auto kept = workers_.keep(lanes());
  if (!kept) return complain(kept.error());
  {
    const std::lock_guard lock(mutex_);
    complained_.clear();
  }
  if (*kept) return;
  end_strays(*now);
  start_missing(*now);
}

/// Once, as long as it is the same each round.
void WorkerManager::complain(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(complained_, error.text()) != error.text()) log_error("workers", "error=\"{}\"", error.text());
}

std::string WorkerManager::complaint() const {
  const std::lock_guard lock(mutex_);
  return complained_;
}

std::vector<workers::Lane> WorkerManager::lanes() const {
  std::vector<workers::Lane> out;
  for (const auto& lane : *wanted_) out.push_back({lane.lane, lane.count, lane.concurrency});
  return out;
}

/// What runs. One that is known, no longer listed, and not proven ended still counts: its slot is not free.
Result<WorkerManager::BySlot> WorkerManager::look() {
  auto found = workers_.running();
  if (!found) return fail(std::move(found.error()));
  BySlot now;
  for (workers::Running& worker : *found) now[worker.slot] = std::move(worker);
  const auto listed = names_of(now);
  for (const auto& [slot, worker] : known_)
    if (!now.contains(slot) && !listed.contains(worker.name) && workers_.alive(worker.name)) now[slot] = worker;
  return now;
}

void WorkerManager::tell_gone(const BySlot& now) {
  BySlot before = known_;
  {
    const std::lock_guard lock(mutex_);
    known_ = now;
  }
  const auto still = names_of(now);
  for (const auto& [slot, worker] : before) {
    if (still.contains(worker.name)) continue;
    log_warn("worker_gone", "slot={} name={}", slot, worker.name);
    if (monotonic_ms() - started_ms_[slot] < settings_.short_life_ms)
      not_before_ms_[slot] = monotonic_ms() + settings_.back_off_ms;
    gone_(worker.name);
  }
}

std::map<std::string, workers::Launch> WorkerManager::wished() const {
  std::map<std::string, workers::Launch> wish;
  for (const auto& lane : *wanted_)
    for (int index = 0; index < lane.count; ++index) {
      const std::string slot = lane.lane + "/" + std::to_string(index);
      wish[slot] = {slot, lane.lane, lane.concurrency};
    }
  return wish;
}

void WorkerManager::end_strays(const BySlot& now) {
  const auto wish = wished();
  for (const auto& [slot, worker] : now) {
    if (wish.contains(slot)) continue;
    log_info("worker_stray", "slot={} name={}", slot, worker.name);
    if (const Status ended = workers_.end(slot, settings_.stray_grace_ms); !ended)
      log_error("worker_end", "slot={} name={} error=\"{}\"", slot, worker.name, ended.error().text());
  }
}

void WorkerManager::start_missing(const BySlot& now) {
  for (const auto& [slot, launch] : wished())
    if (!now.contains(slot) && monotonic_ms() >= not_before_ms_[slot]) start(launch);
}

void WorkerManager::start(const workers::Launch& launch) {
  auto started = workers_.launch(launch);
  if (!started) {
    log_error("worker_start", "slot={} error=\"{}\"", launch.slot, started.error().text());
    not_before_ms_[launch.slot] = monotonic_ms() + settings_.back_off_ms;
    return;
  }
  started_ms_[launch.slot] = monotonic_ms();
  const std::lock_guard lock(mutex_);
  known_[launch.slot] = std::move(*started);
}

}  // namespace backstitch
