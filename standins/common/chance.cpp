#include "standins/common/chance.h"

#include <string>

#include "base/assert.h"
#include "base/hash.h"

namespace backstitch::standin {

double draw(std::uint64_t seed, std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) {
    all += std::to_string(part.size());
    all += ':';
    all += part;
  }
  return static_cast<double>(digest64(all, seed) >> 11) * 0x1.0p-53;
}

std::int64_t draw_between(std::int64_t low, std::int64_t high, std::uint64_t seed,
                          std::initializer_list<std::string_view> parts) {
  BS_ASSERT(low <= high, "a range begins with its lower end");
  return low + static_cast<std::int64_t>(draw(seed, parts) * static_cast<double>(high - low + 1));
}

}  // namespace backstitch::standin
