#include "base/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/hash.h"

namespace backstitch {
namespace {

constexpr std::uint64_t cost = 1u << 14, block = 8, parallel = 1, memory_max = 64u << 20;
constexpr std::string_view head = "scrypt$14$8$1$";

}  // namespace

Result<std::string> hash_password(std::string_view password, std::string_view salt) {
  const std::string grain = salt.empty() ? random_hex(16) : sha256_hex(salt).substr(0, 32);
  unsigned char out[32];
  const auto* bytes = reinterpret_cast<const unsigned char*>(grain.data());
  if (EVP_PBE_scrypt(password.data(), password.size(), bytes, grain.size(), cost, block, parallel, memory_max, out, sizeof out) !=
      1)
    return fail(Code::defect, "scrypt is refused by OpenSSL");
  return std::string(head) + grain + "$" + hex({reinterpret_cast<const char*>(out), sizeof out});
}

bool is_password(std::string_view password, std::string_view hash) {
  if (!hash.starts_with(head) || hash.size() != head.size() + 32 + 1 + 64) return false;
  const std::string grain(hash.substr(head.size(), 32));
  unsigned char out[32];
  const auto* bytes = reinterpret_cast<const unsigned char*>(grain.data());
  if (EVP_PBE_scrypt(password.data(), password.size(), bytes, grain.size(), cost, block, parallel, memory_max, out, sizeof out) !=
      1)
    return false;
  const std::string made = hex({reinterpret_cast<const char*>(out), sizeof out});
  return CRYPTO_memcmp(made.data(), hash.data() + head.size() + 33, made.size()) == 0;
}

}  // namespace backstitch
