#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <vector>

#include "base/assert.h"

namespace backstitch {

Sha256 sha256(std::string_view bytes) {
  Sha256 out;
  unsigned length = 0;
  BS_ASSERT(EVP_Digest(bytes.data(), bytes.size(), out.data(), &length, EVP_sha256(), nullptr) == 1, "SHA-256 is there");
  return out;
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  const Sha256 digest = sha256(bytes);
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Bits128 first_128(const Sha256& digest) {
  Bits128 out;
  for (int i = 0; i < 8; ++i) out.hi = out.hi << 8 | digest[static_cast<std::size_t>(i)];
  for (int i = 8; i < 16; ++i) out.lo = out.lo << 8 | digest[static_cast<std::size_t>(i)];
  return out;
}

Sha256 sha256_parts(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    joined += std::to_string(part.size());
    joined += ':';
    joined += part;
  }
  return sha256(joined);
}

std::uint64_t digest64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string digest64_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 out;
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       out.data(), &length);
  return out;
}

std::string random_hex(int bytes) {
  std::vector<unsigned char> buffer(static_cast<std::size_t>(bytes));
  BS_ASSERT(RAND_bytes(buffer.data(), bytes) == 1, "the system gives random bytes");
  return hex({reinterpret_cast<const char*>(buffer.data()), buffer.size()});
}

}  // namespace backstitch
