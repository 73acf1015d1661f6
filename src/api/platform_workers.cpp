// The workers of the platform: where they run, how many are wished for, and how many more while a lane lags behind.
#include <algorithm>

#include "api/open_workers.h"
#include "api/platform.h"
#include "api/secret.h"
#include "base/log.h"
#include "services/worker/broker_client.h"

namespace backstitch {
namespace {
constexpr std::int64_t worker_grace_ms = 10'000, ask_for_lag_every_ms = 1'000;
}

// The broker asks them whether a worker is alive; nobody asks the broker before the platform has started.
Status Platform::open_workers() {
  auto workers = backstitch::open_workers(config_, [this] { return brokers(); });
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
  if (alone() || workers_are_of_all(config_)) return wish;
  const std::lock_guard lock(parts_mutex_);
  for (auto& lane : wish)
    lane.count = share_of(cluster_view_, member_name_, roles::worker, lane.count, config_.member_silent_ms_max);
  return wish;
}

DesiredWorkers Platform::own_share(DesiredWorkers wish) const { return lag_scale_->scaled(shared(std::move(wish))); }

Result<DesiredWorkers> Platform::look_at_wish() {
  const bool of_all = workers_are_of_all(config_);
  if (of_all && !leads()) return fail(Code::not_running, "other members may have another wish by now");
  auto wish = database_->desired_workers();
  if (!wish) return wish;
  if (!alone() && members()->members.empty())
    return fail(Code::not_running, "how many workers are for this process is not known yet");
  if (!of_all) return lag_scale_->scaled(shared(*wish), waiting_here(*wish), monotonic_ms());
  const auto standing = workers_->standing();
  if (standing && standing->ours) return lag_scale_->scaled(*wish, waiting_everywhere(*wish), monotonic_ms());
  if (standing) lag_scale_->take_over(standing->counts, monotonic_ms());
  return lag_scale_->scaled(std::move(*wish));
}

std::map<std::string, std::size_t> Platform::waiting_here(const DesiredWorkers& wish) const {
  std::map<std::string, std::size_t> waiting;
  for (const auto& lane : wish) waiting[lane.lane] = broker_->depth(lane.lane).waiting;
  return waiting;
}

// Of all partitions, or none: a part of it would say that fewer workers are enough.
std::map<std::string, std::size_t> Platform::waiting_everywhere(const DesiredWorkers& wish) {
  if (!lag_scale_->is_for_any() || monotonic_ms() < lag_asked_ms_ + ask_for_lag_every_ms) return {};
  lag_asked_ms_ = monotonic_ms();
  const auto token = secret_of("listen.workers_token", config_.workers_token);
  const std::string own = worker_server_ ? workers_url(config_, worker_server_->port()) : "";
  auto waiting = waiting_here(wish);
  for (const std::string& address : brokers()) {
    if (address == own) continue;
    const auto there = BrokerClient(address, token.value_or("")).waiting();
    if (!there) return {};
    for (const auto& [lane, count] : *there) waiting[lane] += count;
  }
  return waiting;
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

bool Platform::others_keep_workers() const {
  const std::lock_guard lock(parts_mutex_);
  return std::any_of(cluster_view_.members.begin(), cluster_view_.members.end(), [this](const database::Member& member) {
    return member.name != member_name_ && !member.leaving && lives(member, config_.member_silent_ms_max) &&
           backstitch::has_role(member, roles::worker_manager);
  });
}

// In a recovery all leave, and nobody need be told; Pods are ended by whoever recovers.
void Platform::end_workers() {
  if (broker_) broker_->hand_out_no_more();  // else each worker waits until its question for tasks has run out
  if (!worker_manager_) return;
  if (workers_are_of_all(config_) && (stands_still_ || others_keep_workers())) return worker_manager_.reset();
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
