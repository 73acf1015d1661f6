// Faults by seed: whether something goes wrong is a function of the seed and of what it happens to, not of the order in
// which threads come by, so that a run can be repeated.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace backstitch::standin {

/// In [0, 1), uniform over the parts.
double draw(std::uint64_t seed, std::initializer_list<std::string_view> parts);
/// A whole number in [low, high], by the same draw.
std::int64_t draw_between(std::int64_t low, std::int64_t high, std::uint64_t seed, std::initializer_list<std::string_view> parts);

}  // namespace backstitch::standin
