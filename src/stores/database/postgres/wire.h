// Numbers as PostgreSQL sends and takes them in binary: big-endian, times counted from 2000-01-01.
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>

namespace backstitch::database::wire {

static_assert(std::endian::native == std::endian::little);
inline constexpr std::int64_t microseconds_1970_to_2000 = 946'684'800'000'000;

inline std::uint32_t swapped(std::uint32_t value) { return __builtin_bswap32(value); }
inline std::uint64_t swapped(std::uint64_t value) { return __builtin_bswap64(value); }

template <std::unsigned_integral T>
void append(std::string& out, T value) {
  const T big = swapped(value);
  char bytes[sizeof big];
  std::memcpy(bytes, &big, sizeof big);
  out.append(bytes, sizeof big);
}

template <std::unsigned_integral T>
T read(const char* bytes) {
  T big;
  std::memcpy(&big, bytes, sizeof big);
  return swapped(big);
}

}  // namespace backstitch::database::wire
