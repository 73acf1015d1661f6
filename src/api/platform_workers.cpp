// The workers of the platform: where they run, how many are wished for, and how many more while a lane lags behind.
#include "api/open_workers.h"
#include "api/platform.h"

namespace backstitch {

// The broker asks them whether a worker is alive; nobody asks the broker before the platform has started.
Status Platform::open_workers() {
  auto workers = backstitch::open_workers(config_);
  if (!workers) return fail(std::move(workers.error()));
  workers_ = std::move(*workers);
  LagScaleSettings lag;
  for (const auto& [lane, settings] : config_.lanes)
    if (settings.count_max > settings.count) lag.count_max[lane] = settings.count_max;
  lag_scale_ = std::make_unique<LagScale>(std::move(lag));
  return {};
}

DesiredWorkers Platform::configured_workers() const {
  DesiredWorkers wish;
  for (const auto& [lane, settings] : config_.lanes) wish.push_back({lane, settings.count, settings.concurrency});
  return wish;
}

DesiredWorkers Platform::shared(DesiredWorkers wish) const {
  if (alone()) return wish;
  const std::lock_guard lock(parts_mutex_);
  for (auto& lane : wish)
    lane.count = share_of(cluster_view_, member_name_, roles::worker, lane.count, config_.member_silent_ms_max);
  return wish;
}

DesiredWorkers Platform::own_share(DesiredWorkers wish) const { return lag_scale_->scaled(shared(std::move(wish))); }

Result<DesiredWorkers> Platform::look_at_wish() {
  auto wish = database_->desired_workers();
  if (!wish) return wish;
  if (!alone() && members()->members.empty())
    return fail(Code::not_running, "how many workers are for this process is not known yet");
  std::map<std::string, std::size_t> waiting;
  for (const auto& lane : *wish) waiting[lane.lane] = broker_->depth(lane.lane).waiting;
  return lag_scale_->scaled(shared(std::move(*wish)), waiting, monotonic_ms());
}

void Platform::begin_worker_manager() {
  worker_manager_ = std::make_unique<WorkerManager>(
      *workers_, [this] { return look_at_wish(); }, [this](const std::string& name) { broker_->worker_gone(name); });
}

}  // namespace backstitch
