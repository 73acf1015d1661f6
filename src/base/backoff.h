// Waiting longer and longer: between the attempts of one call, until its deadline; or without an end, for those who keep trying.
#pragma once
#include <cstdint>
#include <random>

namespace backstitch {

struct BackoffLimits {
  int attempts_max = 8;
  std::int64_t first_ms = 50, wait_ms_max = 1'000;  // each wait is twice the one before, at most so long
};

/// Each wait is twice the one before, up to the longest, and drawn between its half and its whole, so that those who failed
/// together do not come again together. Who waits, and how, is not its business. Not thread-safe.
class Doubling {
 public:
  Doubling(std::int64_t first_ms, std::int64_t longest_ms);
  /// At least `asked_ms`, when the peer asked for that.
  std::int64_t next_ms(std::int64_t asked_ms = 0);
  void begin_again() { next_ms_ = first_ms_; }

 private:
  std::int64_t first_ms_, longest_ms_, next_ms_;
  std::minstd_rand random_;
};

/// One call's; not thread-safe.
class Backoff {
 public:
  explicit Backoff(std::int64_t timeout_ms, BackoffLimits limits = {});

  /// After an attempt that failed: waits as Doubling says, and says whether there is another one.
  bool wait(std::int64_t asked_ms = 0);
  /// After a race that was lost, which is no failure: waits for some milliseconds; false only when the time is over.
  bool wait_for_turn();
  std::int64_t left_ms() const;  // 0 when the time is over

 private:
  bool sleep(std::int64_t ms);
  BackoffLimits limits_;
  std::int64_t deadline_ms_;  // monotonic
  int attempts_ = 1;
  Doubling waits_;
  std::minstd_rand random_;
};

}  // namespace backstitch
