#include "base/backoff.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/time.h"

namespace backstitch {

namespace {
constexpr std::int64_t turn_ms_max = 20;
}

Doubling::Doubling(std::int64_t first_ms, std::int64_t longest_ms)
    : first_ms_(first_ms), longest_ms_(longest_ms), next_ms_(first_ms), random_(std::random_device{}()) {}

std::int64_t Doubling::next_ms(std::int64_t asked_ms) {
  const std::int64_t most = std::min(next_ms_, longest_ms_);
  next_ms_ = 2 * most;
  return std::uniform_int_distribution<std::int64_t>(std::max(most / 2, asked_ms), std::max(most, asked_ms))(random_);
}

Backoff::Backoff(std::int64_t timeout_ms, BackoffLimits limits)
    : limits_(limits),
      deadline_ms_(monotonic_ms() + timeout_ms),
      waits_(limits.first_ms, limits.wait_ms_max),
      random_(std::random_device{}()) {}

bool Backoff::wait(std::int64_t asked_ms) {
  if (attempts_ >= limits_.attempts_max) return false;
  ++attempts_;
  return sleep(waits_.next_ms(asked_ms));
}

bool Backoff::wait_for_turn() { return sleep(std::uniform_int_distribution<std::int64_t>(0, turn_ms_max)(random_)); }

std::int64_t Backoff::left_ms() const { return std::max<std::int64_t>(deadline_ms_ - monotonic_ms(), 0); }

bool Backoff::sleep(std::int64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(ms, left_ms())));
  return left_ms() > 0;
}

}  // namespace backstitch
