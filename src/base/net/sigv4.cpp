#include "base/net/sigv4.h"

#include <algorithm>

#include "base/hash.h"
#include "base/net/percent.h"

namespace backstitch {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string_view bytes_of(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

std::string hmac(std::string_view key, std::string_view text) { return std::string(bytes_of(hmac_sha256(key, text))); }

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? "" : std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

}  // namespace

std::string amz_date(Time now) {
  std::string out;
  for (const char c : rfc3339(now).substr(0, 19))
    if (c != '-' && c != ':') out += c;
  return out + "Z";
}

std::string signed_query(Pairs query) {
  for (auto& [name, value] : query) name = percent_encoded(name), value = percent_encoded(value);
  std::sort(query.begin(), query.end());
  std::string out;
  for (const auto& [name, value] : query) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string authorization(const Signer& signer, Signable request, Time now) {
  std::sort(request.headers.begin(), request.headers.end());
  std::string lines, names;
  for (const auto& [name, value] : request.headers) {
    lines += name + ":" + trimmed(value) + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical = request.method + "\n" + request.path + "\n" + signed_query(request.query) + "\n" + lines + "\n" +
                                names + "\n" + request.body_sha256;
  const std::string date = amz_date(now), day = date.substr(0, 8);
  const std::string scope = day + "/" + signer.region + "/" + signer.service + "/aws4_request";
  const std::string text = std::string(algorithm) + "\n" + date + "\n" + scope + "\n" + sha256_hex(canonical);
  std::string key = hmac("AWS4" + signer.secret_key, day);
  for (const std::string_view step :
       {std::string_view(signer.region), std::string_view(signer.service), std::string_view("aws4_request")})
    key = hmac(key, step);
  return std::string(algorithm) + " Credential=" + signer.access_key + "/" + scope + ",SignedHeaders=" + names +
         ",Signature=" + hex(hmac(key, text));
}

}  // namespace backstitch
