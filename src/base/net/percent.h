// Percent-encoding of RFC 3986: what may stand as it is in any part of an address stands, the rest as %XX.
#pragma once
#include <fmt/core.h>

#include <string>
#include <string_view>

namespace backstitch {

inline std::string percent_encoded(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text)
    if (plain.find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace backstitch
