#include "base/backoff.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/time.h"

namespace backstitch {

namespace {
constexpr std::int64_t turn_ms_max = 20;
}

Backoff::Backoff(std::int64_t timeout_ms, BackoffLimits limits)
    : limits_(limits), deadline_ms_(monotonic_ms() + timeout_ms), next_ms_(limits.first_ms), random_(std::random_device{}()) {}

bool Backoff::wait(std::int64_t asked_ms) {
  if (attempts_ >= limits_.attempts_max) return false;
  ++attempts_;
  const std::int64_t longest = std::min(next_ms_, limits_.wait_ms_max);
  next_ms_ = 2 * longest;
  return sleep(std::max(longest / 2, asked_ms), std::max(longest, asked_ms));
}

bool Backoff::wait_for_turn() { return sleep(0, turn_ms_max); }

std::int64_t Backoff::left_ms() const { return std::max<std::int64_t>(deadline_ms_ - monotonic_ms(), 0); }

bool Backoff::sleep(std::int64_t from_ms, std::int64_t to_ms) {
  const std::int64_t drawn = std::uniform_int_distribution<std::int64_t>(from_ms, to_ms)(random_);
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(drawn, left_ms())));
  return left_ms() > 0;
}

}  // namespace backstitch
