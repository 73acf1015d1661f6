// Pauses between attempts at what passes by itself, each twice as long as the one before. No chance in it: who waits is one
// thread of a platform, not a crowd that would come back all at once.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace backstitch {

struct BackoffSettings {
  int attempts = 5;  // the first one counts
  std::int64_t first_ms = 100, highest_ms = 5'000;
};

class Backoff {
 public:
  explicit Backoff(const BackoffSettings& settings)
      : left_(settings.attempts - 1), next_ms_(settings.first_ms), highest_ms_(settings.highest_ms) {}
  /// Waits before the next attempt, at least `asked_ms` when the peer asked for that; false, at once, when no attempt is left.
  bool wait(std::int64_t asked_ms = 0) {
    if (left_ <= 0) return false;
    --left_;
    std::this_thread::sleep_for(std::chrono::milliseconds(std::clamp(asked_ms, next_ms_, std::max(next_ms_, highest_ms_))));
    next_ms_ = std::min(next_ms_ * 2, highest_ms_);
    return true;
  }

 private:
  int left_;
  std::int64_t next_ms_;
  const std::int64_t highest_ms_;
};

}  // namespace backstitch
