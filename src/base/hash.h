// Hashes: SHA-256 for identity and files, XXH3 for decision digests (fast, not against an adversary), HMAC for tokens.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"

namespace backstitch {

using Sha256 = std::array<unsigned char, 32>;
Sha256 sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
std::string hex(std::string_view bytes);
Bits128 first_128(const Sha256& digest);  // its leading 128 bits, big-endian

/// SHA-256 over parts, each led by its length, so that ("ab","c") and ("a","bc") differ.
Sha256 sha256_parts(std::initializer_list<std::string_view> parts);

std::uint64_t digest64(std::string_view bytes, std::uint64_t seed = 0);  // XXH3
std::string digest64_text(std::uint64_t digest);                         // 16 hex digits

Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

/// Random bytes of the system; for secrets and Idempotency-Keys only, never for an id of the model.
std::string random_hex(int bytes);

}  // namespace backstitch
