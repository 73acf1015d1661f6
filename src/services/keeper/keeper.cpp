#include "services/keeper/keeper.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"

namespace backstitch {
namespace {
constexpr std::int64_t look_every_ms = 10'000;
}

Keeper::Keeper(KeeperSettings settings, Verify verify, std::function<Result<Time>()> newest_backup,
               std::function<Status()> back_up)
    : settings_(std::move(settings)),
      verify_(std::move(verify)),
      newest_backup_(std::move(newest_backup)),
      back_up_(std::move(back_up)) {
  thread_ = std::thread([this] { run(); });
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string Keeper::last_verify() const {
  const std::lock_guard lock(mutex_);
  return last_verify_;
}

void Keeper::run() {
  std::int64_t verified_at_ms = monotonic_ms();
  NightlyAudit audit(settings_.audit);
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    if (settings_.backup_every_ms > 0) keep_backup();
    audit.look(wall_clock());
    if (settings_.verify_every_ms > 0 && monotonic_ms() - verified_at_ms >= settings_.verify_every_ms) {
      verify();
      verified_at_ms = monotonic_ms();
    }
    lock.lock();
    const std::int64_t wait_ms =
        settings_.verify_every_ms > 0 ? std::min(look_every_ms, settings_.verify_every_ms) : look_every_ms;
    wake_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return stop_; });
  }
}

void Keeper::verify() {
  auto found = verify_();
  if (!found) return log_warn("verify", "error=\"{}\"", found.error().text());
  std::int64_t total = 0;
  for (const database::Violation& violation : *found) {
    metrics::gauge("backstitch_invariant_violations", "rows that violate an invariant", {{"id", violation.invariant}})
        .set(static_cast<double>(violation.count));
    if (violation.count > 0)
      log_error("invariant", "id={} count={} title=\"{}\" first={}", violation.invariant, violation.count, violation.title,
                violation.rows.empty() ? std::string() : violation.rows.front());
    total += violation.count;
  }
  violations_ = total;
  const std::lock_guard lock(mutex_);
  last_verify_ = fmt::format("{} invariants, {} violations at {}", found->size(), total, rfc3339(wall_clock()));
}

void Keeper::keep_backup() {
  auto newest = newest_backup_();
  if (!newest) return log_warn("backup", "error=\"{}\"", newest.error().text());
  if (newest->is_set() && wall_clock() < newest->plus_ms(settings_.backup_every_ms)) return;
  const Status made = back_up_();
  if (!made)
    log_warn("backup", "error=\"{}\"", made.error().text());
  else
    log_info("backup", "taken=true");
}

}  // namespace backstitch
