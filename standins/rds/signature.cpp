#include "standins/rds/signature.h"

#include <algorithm>
#include <map>

#include "base/hash.h"
#include "base/net/sigv4.h"

namespace backstitch::standin {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::int64_t drift_us_max = 5 * 60 * 1'000'000LL;

RdsFault refused(const std::string& code, const std::string& message) { return {code, message, 403}; }

/// "Credential=…, SignedHeaders=…, Signature=…"
std::map<std::string, std::string> parts_of(std::string_view text) {
  std::map<std::string, std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    if (const auto equals = one.find('='); equals != std::string_view::npos)
      parts[std::string(one.substr(0, equals))] = std::string(one.substr(equals + 1));
  }
  return parts;
}

/// "20130524T000000Z"
Result<Time> time_of(const std::string& date) {
  if (date.size() != 16) return fail(Code::usage, "{}", date);
  return parse_rfc3339(date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 5) + ":" + date.substr(11, 2) + ":" +
                       date.substr(13));
}

}  // namespace

std::optional<RdsFault> wrong_signature(const HttpRequest& request, const RdsKeys& keys, Time now) {
  const std::string header(request.header("authorization"));
  if (header.empty()) return refused("MissingAuthenticationToken", "Request is missing Authentication Token");
  if (!header.starts_with(std::string(algorithm) + " ")) return refused("IncompleteSignature", "only " + std::string(algorithm));
  const auto parts = parts_of(std::string_view(header).substr(algorithm.size() + 1));
  for (const char* part : {"Credential", "SignedHeaders", "Signature"})
    if (!parts.contains(part))
      return refused("IncompleteSignature", "Authorization header requires '" + std::string(part) + "' parameter.");
  const std::string date(request.header("x-amz-date")), day = date.substr(0, 8);
  const auto at = time_of(date);
  if (!at) return refused("IncompleteSignature", "X-Amz-Date is no date: " + date);
  const std::string& credential = parts.at("Credential");
  if (credential.substr(0, credential.find('/')) != keys.access_key)
    return refused("InvalidClientTokenId", "The security token included in the request is invalid.");
  if (credential != fmt::format("{}/{}/{}/{}/aws4_request", keys.access_key, day, keys.region, keys.service))
    return refused("SignatureDoesNotMatch", "Credential should be scoped to a valid region and service: " + credential);
  if (at->us < now.us - drift_us_max)
    return refused("SignatureDoesNotMatch", "Signature expired: " + date + " is now earlier than " + amz_date(now));
  if (at->us > now.us + drift_us_max)
    return refused("SignatureDoesNotMatch", "Signature not yet current: " + date + " is still later than " + amz_date(now));
  Signable signable{.method = request.method, .path = request.path, .query = request.query, .headers = {}, .body_sha256 = {}};
  std::string names = parts.at("SignedHeaders") + ";";
  for (std::size_t end; (end = names.find(';')) != std::string::npos; names.erase(0, end + 1))
    signable.headers.emplace_back(names.substr(0, end), std::string(request.header(names.substr(0, end))));
  for (const char* must : {"host", "x-amz-date"})
    if (std::none_of(signable.headers.begin(), signable.headers.end(), [&](const auto& one) { return one.first == must; }))
      return refused("SignatureDoesNotMatch", "'" + std::string(must) + "' must be a signed header");
  signable.body_sha256 = sha256_hex(request.body);
  const std::string wanted =
      authorization({keys.access_key, keys.secret_key, keys.region, keys.service}, std::move(signable), *at);
  if (wanted.substr(wanted.rfind('=') + 1) == parts.at("Signature")) return {};
  return refused(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
      "and signing method.");
}

}  // namespace backstitch::standin
