// Waiting longer and longer between the attempts of one call, until its deadline.
#pragma once
#include <cstdint>
#include <random>

namespace backstitch {

struct BackoffLimits {
  int attempts_max = 8;
  std::int64_t first_ms = 50, wait_ms_max = 1'000;  // each wait is twice the one before, at most so long
};

/// One call's; not thread-safe.
class Backoff {
 public:
  explicit Backoff(std::int64_t timeout_ms, BackoffLimits limits = {});

  /// After an attempt that failed: waits, and says whether there is another one. Each wait is drawn between its half and its
  /// whole, so that those who failed together do not come again together. At least `asked_ms`, when the peer asked for that.
  bool wait(std::int64_t asked_ms = 0);
  /// After a race that was lost, which is no failure: waits for some milliseconds; false only when the time is over.
  bool wait_for_turn();
  std::int64_t left_ms() const;  // 0 when the time is over

 private:
  bool sleep(std::int64_t from_ms, std::int64_t to_ms);
  BackoffLimits limits_;
  std::int64_t deadline_ms_;  // monotonic
  int attempts_ = 1;
  std::int64_t next_ms_;
  std::minstd_rand random_;
};

}  // namespace backstitch
