// Time is a parameter: nothing below services/ asks a clock. Microseconds since 1970 UTC inside, RFC 3339 outside.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch {

struct Time {
  std::int64_t us = 0;  // microseconds since 1970-01-01T00:00:00Z; 0 = not set
  auto operator<=>(const Time&) const = default;
  bool is_set() const { return us != 0; }
  std::int64_t ms() const { return us / 1000; }
  Time plus_ms(std::int64_t ms) const { return {us + ms * 1000}; }
};

std::string rfc3339(Time time);                                 // 2026-11-23T05:21:00.000000Z
Result<Time> parse_rfc3339(std::string_view text);              // Z or an offset; up to 6 digits of fraction
Result<std::int64_t> parse_duration_ms(std::string_view text);  // 200ms 30s 10m 2h 7d
std::string duration_text(std::int64_t ms);

/// The wall clock. Only services, stores (append time) and cli may call it.
Time wall_clock();
/// For measuring and time-outs; never in a decision.
std::int64_t monotonic_ms();

}  // namespace backstitch
