// Passwords as scrypt hashes (RFC 7914). Slow on purpose: about 16 MiB and some tens of milliseconds each.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch {

/// "scrypt$14$8$1$SALT$HASH", hex. `salt` is any text that is not used twice; empty: random. Code::defect when OpenSSL refuses.
Result<std::string> hash_password(std::string_view password, std::string_view salt = {});

/// False for another password and for a text that is no hash of ours.
bool is_password(std::string_view password, std::string_view hash);

}  // namespace backstitch
