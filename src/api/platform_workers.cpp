// The workers of the platform: where they run, how many are wished for, and how many more while a lane lags behind.
#include "api/open_workers.h"
#include "api/platform.h"
#include "api/secret.h"
#include "base/log.h"
#include "services/worker/broker_client.h"

namespace backstitch {
namespace {
constexpr std::int64_t worker_grace_ms = 10'000;
}

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

void Platform::worker_gone(const std::string& worker) {
  broker_->worker_gone(worker);
  tell_gone({worker});
}

// A worker claims from all that hand out tasks. Who cannot be told now gives up what it holds when it was silent for long.
void Platform::tell_gone(const std::vector<std::string>& workers) const {
  if (alone() || workers.empty()) return;
  const auto token = secret_of("listen.workers_token", config_.workers_token);
  const std::string own = worker_server_ ? workers_url(config_, worker_server_->port()) : "";
  for (const std::string& address : brokers()) {
    if (address == own) continue;
    BrokerClient other(address, token.value_or(""));
    for (const std::string& worker : workers)
      if (const Status told = other.worker_gone(worker); !told) {
        log_warn("worker_gone", "name={} broker={} error=\"{}\"", worker, address, told.error().text());
        break;
      }
  }
}

// In a recovery all leave, and nobody need be told.
void Platform::end_workers() {
  if (broker_) broker_->hand_out_no_more();  // else each worker waits until its question for tasks has run out
  if (!worker_manager_) return;
  const auto ended = worker_manager_->running();
  worker_manager_->stop_workers(worker_grace_ms);
  worker_manager_.reset();
  std::vector<std::string> gone;
  for (const auto& worker : ended)
    if (!workers_->alive(worker.name)) gone.push_back(worker.name);
  if (!stands_still_) tell_gone(gone);
}

void Platform::begin_worker_manager() {
  worker_manager_ = std::make_unique<WorkerManager>(
      *workers_, [this] { return look_at_wish(); }, [this](const std::string& name) { worker_gone(name); });
}

}  // namespace backstitch
