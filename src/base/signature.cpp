#include "base/signature.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace backstitch {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Bio reader_of(std::string_view pem) { return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free}; }

/// Without this, OpenSSL asks the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return 0; }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string out;
  unsigned buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c), bits += 8;
    for (; bits >= 6; bits -= 6) out += alphabet[buffer >> (bits - 6) & 63];
  }
  if (bits > 0) out += alphabet[buffer << (6 - bits) & 63];
  return out;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  std::string out;
  unsigned buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    buffer = buffer << 6 | static_cast<unsigned>(digit), bits += 6;
    if (bits >= 8) bits -= 8, out += static_cast<char>(buffer >> bits & 255);
  }
  return text.size() % 4 == 1 ? std::nullopt : std::optional(out);
}

Result<std::string> sign_rs256(std::string_view private_key_pem, std::string_view text) {
  const Bio bio = reader_of(private_key_pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return fail(Code::config_invalid, "no private RSA key in PEM form, or one with a password");
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t size = 0;
  std::string signature;
  const bool began = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                     EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1;
  signature.resize(size);
  if (!began ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(text), text.size()) != 1)
    return fail(Code::config_invalid, "the private key signs nothing");
  signature.resize(size);
  return signature;
}

bool is_signed_rs256(std::string_view public_key_pem, std::string_view text, std::string_view signature) {
  const Bio bio = reader_of(public_key_pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

}  // namespace backstitch
