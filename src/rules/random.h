// splitmix64: a small generator whose numbers are the same everywhere, unlike those of <random>'s distributions.
#pragma once
#include <cstdint>

namespace backstitch {

class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// In [0, count); count > 0. The bias of the remainder is far below what anybody here can see.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  /// True with this probability.
  bool chance(double share) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < share; }

 private:
  std::uint64_t state_;
};

}  // namespace backstitch
