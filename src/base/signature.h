// RS256 (RSASSA-PKCS1-v1_5 with SHA-256, RFC 7518) and base64url without padding: what a signed web token is made of.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch {

std::string base64url(std::string_view bytes);
std::optional<std::string> base64url_decoded(std::string_view text);

/// The signature, as bytes. Code::config_invalid when the PEM holds no private RSA key (its text is never shown).
Result<std::string> sign_rs256(std::string_view private_key_pem, std::string_view text);
/// Also false for a PEM that cannot be read.
bool is_signed_rs256(std::string_view public_key_pem, std::string_view text, std::string_view signature);

}  // namespace backstitch
