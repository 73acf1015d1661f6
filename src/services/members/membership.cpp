#include "services/members/membership.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/time.h"

namespace backstitch {

using database::Cluster;

Membership::Membership(MembershipSettings settings, std::unique_ptr<database::MemberTable> table,
                       std::unique_ptr<database::MemberTable> releases, Acts acts)
    : settings_(std::move(settings)),
      table_(std::move(table)),
      releases_(std::move(releases)),
      acts_(std::move(acts)),
      heard_ms_(monotonic_ms()),
      beater_([this] { beat_loop(); }),
      actor_([this] { act_loop(); }) {}

Membership::~Membership() { leave(); }

Cluster Membership::cluster() const {
  const std::lock_guard lock(mutex_);
  return cluster_;
}

std::string Membership::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

Membership::Target Membership::target_of(const Cluster& cluster) const {
  Target target;
  for (const auto& one : cluster.partitions)
    if (one.member == settings_.self.name) target.partitions.insert(one.partition);
  for (const Partition partition : to_give(cluster, settings_.self.name, settings_.silent_ms_max)) {
    target.partitions.erase(partition);
    target.give.insert(partition);
  }
  for (const auto& lease : cluster.leases)
    if (lease.member == settings_.self.name) target.leases[lease.name] = lease.term;
  return target;
}

void Membership::beat() {
  const std::int64_t begun_ms = monotonic_ms();
  database::Member self = settings_.self;
  {
    const std::lock_guard lock(mutex_);
    self.leaving = leaving_;
  }
  auto cluster = table_->beat(
      self, [this](const Cluster& now) { return to_take(now, settings_.self.name, settings_.leases, settings_.silent_ms_max); });
  if (cluster && acts_.seen) acts_.seen(*cluster, begun_ms);
  const std::lock_guard lock(mutex_);
  last_error_ = cluster ? "" : cluster.error().text();
  if (!cluster) return lose_leases();
  heard_ms_ = begun_ms;
  target_ = target_of(*cluster);
  cluster_ = std::move(*cluster);
  ++beats_;
}

// Others take it for dead by now. Its shards are fenced by the term in each of their transactions; whoever has no such fence
// ends.
void Membership::lose_leases() {
  if (monotonic_ms() - heard_ms_ < settings_.silent_ms_max || target_.leases.empty()) return;
  log_warn("leases_lost", "member={} error=\"{}\"", settings_.self.name, last_error_);
  target_.leases.clear();
  ++beats_;
}

void Membership::beat_loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    beat();
    lock.lock();
    wake_.notify_all();
    wake_.wait_for(lock, std::chrono::milliseconds(settings_.beat_every_ms), [this] { return stop_; });
  }
}

void Membership::act_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return leaving_ || acted_ != beats_; });
    if (leaving_) return;
    acted_ = beats_;
    const Target target = target_;
    lock.unlock();
    act(target);
    lock.lock();
  }
}

// Partitions first: what is given back waits for nobody else.
void Membership::act(const Target& target) {
  acts_.own(target.partitions);
  if (!target.give.empty()) {
    const Status given = releases_->release(settings_.self.name, {{target.give.begin(), target.give.end()}, {}});
    if (!given) log_warn("partitions_not_given", "count={} error=\"{}\"", target.give.size(), given.error().text());
  }
  for (auto held = held_.begin(); held != held_.end();) {
    const auto still = target.leases.find(held->first);
    if (still != target.leases.end() && still->second == held->second) {
      ++held;
      continue;
    }
    log_info("lease_lost", "lease={} term={}", held->first, held->second);
    acts_.hold(held->first, std::nullopt);
    held = held_.erase(held);
  }
  for (const auto& [lease, term] : target.leases) {
    if (held_.contains(lease)) continue;
    log_info("lease_gained", "lease={} term={}", lease, term);
    held_[lease] = term;
    acts_.hold(lease, term);
  }
}

// It goes on saying that it lives until all has ended: what it still works on must not be taken from under it.
void Membership::leave() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(leaving_, true)) return;
  }
  wake_.notify_all();
  actor_.join();
  Target nothing;
  for (const auto& one : cluster().partitions)
    if (one.member == settings_.self.name) nothing.give.insert(one.partition);
  act(nothing);
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  beater_.join();
  if (const Status gone = releases_->leave(settings_.self.name); !gone)
    log_warn("member_leave", "member={} error=\"{}\"", settings_.self.name, gone.error().text());
}

}  // namespace backstitch
