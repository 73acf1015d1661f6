#include "standins/org/ids.h"

#include "base/hash.h"

namespace backstitch::standin {

std::string long_id(const std::string& id15) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
  std::string out = id15;
  for (std::size_t from = 0; from < 15; from += 5) {
    std::size_t capitals = 0;
    for (std::size_t i = 0; i < 5; ++i)
      if (id15[from + i] >= 'A' && id15[from + i] <= 'Z') capitals |= std::size_t{1} << i;
    out += alphabet[capitals];
  }
  return out;
}

std::string derive_id(std::string_view prefix, const std::string& seed) {
  return long_id(std::string(prefix) + sha256_hex(seed).substr(0, 12));
}

}  // namespace backstitch::standin
