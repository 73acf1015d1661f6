// The outcome of a call is unknown: find out by what the system declares, or say so (law 5, recovery 4, row 1).
#include <algorithm>

#include "base/log.h"
#include "services/worker/worker.h"

namespace backstitch {
namespace {

constexpr auto look_up_pause = std::chrono::milliseconds(50);
constexpr std::int64_t patience_ms = 5'000;  // with a system that does not say, behind its settling time

}  // namespace

void Worker::settle_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    settle_wake_.wait(lock, [this] { return abandon_ || !unsettled_.empty(); });
    if (abandon_) return;
    const JobPtr job = unsettled_.front();
    unsettled_.pop_front();
    lock.unlock();
    settle(job);
    lock.lock();
  }
}

void Worker::settle(const JobPtr& job) {
  if (!job->same_request) {  // what was sent was another request: it may be looked up, never repeated
    if (job->target.lookup) return settle_by_lookup(job);
    return deliver(job, {CallOutcome::unknown, "interrupted-other-request", {}});
  }
  if (job->target.lookup && !job->target.idempotent) return settle_by_lookup(job);
  const bool key_is_known = wall_clock() < job->marked_at.plus_ms(job->target.key_lifetime_ms);
  if (job->target.idempotent && key_is_known && job->tries <= settings_.resend_tries) {
    if (send_again(job)) return;
    return drop(job);
  }
  if (job->target.lookup) return settle_by_lookup(job);
  deliver(job, {CallOutcome::unknown, "interrupted", {}});
}

/// The same key again, as a mark record of its own.
bool Worker::send_again(const JobPtr& job) {
  const auto replies = mark_until_told({job->key}, true);
  if (!replies || replies->empty() || replies->front().verdict != MarkVerdict::go) return false;
  perform(job);
  return true;
}

// "Absent" counts only after the call can no longer be on its way and the system's settling time has run out.
void Worker::settle_by_lookup(const JobPtr& job) {
  const Time absent_counts_at =
      std::max(job->marked_at, job->cut_off_at).plus_ms(job->target.settling_time_ms + (job->tries == 0 ? 1'000 : 0));
  // The call may have been cut off long ago, by an outage: patience begins when somebody asks.
  const Time patience_ends = std::max(absent_counts_at, wall_clock()).plus_ms(patience_ms);
  while (!abandon_ && wall_clock() < patience_ends) {
    const Time asked_at = wall_clock();
    const systems::LookupResult found = systems_.look_up(job->target, job->key);
    if (found.state == systems::LookupState::done) return deliver(job, {CallOutcome::done, "looked-up", found.response});
    if (found.state == systems::LookupState::failed) return deliver(job, {CallOutcome::refused, "looked-up", found.response});
    const bool calls_back = found.state == systems::LookupState::running && job->target.asynchronous && job->same_request;
    if (calls_back) return deliver(job, {CallOutcome::accepted, "looked-up", {}});
    if (found.state == systems::LookupState::expired) break;
    if (found.state == systems::LookupState::absent && asked_at > absent_counts_at) {
      if (!job->same_request) break;
      if (!send_again(job)) drop(job);
      return;
    }
    std::unique_lock lock(mutex_);
    settle_wake_.wait_for(lock, look_up_pause, [this] { return abandon_.load(); });
  }
  deliver(job, {CallOutcome::unknown, "not-found-out", {}});
}

}  // namespace backstitch
