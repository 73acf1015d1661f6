#include "base/id.h"

namespace backstitch {
namespace {
constexpr char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

int crockford_value(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  for (int i = 0; i < 32; ++i)
    if (alphabet[i] == c) return i;
  return -1;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

std::string uuid_text(Bits128 bits) {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", bits.hi >> 32, (bits.hi >> 16) & 0xffff, bits.hi & 0xffff,
                     bits.lo >> 48, bits.lo & 0xffffffffffffull);
}

Result<Bits128> parse_uuid(std::string_view text) {
  Bits128 out;
  int digits = 0;
  for (char c : text) {
    if (c == '-') continue;
    const int value = hex_value(c);
    if (value < 0 || digits == 32) return fail(Code::usage, "\"{}\" is not an id", text);
    out.hi = out.hi << 4 | out.lo >> 60;
    out.lo = out.lo << 4 | static_cast<unsigned>(value);
    ++digits;
  }
  if (digits != 32) return fail(Code::usage, "\"{}\" is not an id", text);
  return out;
}

std::string crockford(Bits128 bits) {
  std::string out(26, '0');
  for (int i = 25; i >= 0; --i) {
    out[static_cast<std::size_t>(i)] = alphabet[bits.lo & 31];
    bits.lo = bits.lo >> 5 | bits.hi << 59;
    bits.hi >>= 5;
  }
  return out;
}

Result<Bits128> parse_crockford(std::string_view text) {
  if (text.size() != 26 || crockford_value(text[0]) > 7) return fail(Code::usage, "\"{}\" is not an id", text);
  Bits128 out;
  for (char c : text) {
    const int value = crockford_value(c);
    if (value < 0) return fail(Code::usage, "\"{}\" is not an id", text);
    out.hi = out.hi << 5 | out.lo >> 59;
    out.lo = out.lo << 5 | static_cast<unsigned>(value);
  }
  return out;
}

}  // namespace backstitch
