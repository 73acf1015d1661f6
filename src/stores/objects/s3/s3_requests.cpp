#include "stores/objects/s3/s3_requests.h"

#include <algorithm>

#include "base/hash.h"
#include "base/net/percent.h"
#include "base/net/xml.h"

namespace backstitch::objects {
namespace {

using Meaning = S3Answer::Meaning;

constexpr std::int64_t bytes_in_ms = 4'096;
constexpr int not_implemented = 501, no_space = 507;
constexpr const char* untrusted_advice = " (s3.ca_file names who signs its certificate, when the system does not know him)";

std::string encoded_path(const std::string& path) {
  std::string out;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    out += "/" + percent_encoded(std::string_view(path).substr(at, slash - at));
    at = slash + 1;
  }
  return out;
}

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Meaning meaning_of(const HttpAnswer& http, const std::string& code) {
  if (http.untrusted) return Meaning::wrong;
  if (http.delivery != Delivery::answered) return Meaning::again;
  if (http.ok()) return Meaning::done;
  if (http.status == 304) return Meaning::unchanged;
  if (http.status == 404) return code == "NoSuchBucket" ? Meaning::wrong : Meaning::absent;
  if (http.status == 409 || http.status == 412) return Meaning::refused;
  if (http.status == 408 || http.status == 429 || is_one_of(code, {"RequestTimeout", "SlowDown"})) return Meaning::again;
  const bool never = http.status == not_implemented || http.status == no_space;
  return never || http.status / 100 != 5 ? Meaning::wrong : Meaning::again;
}

/// What a person has to know beside the server's own words.
std::string advice(const S3Answer& answer, Time now) {
  if (answer.code == "RequestTimeTooSkewed")
    return fmt::format(" (our clock says {}, the server's \"{}\")", rfc3339(now), answer.header("date"));
  if (answer.status / 100 == 3 || answer.code == "AuthorizationHeaderMalformed") return " (is the region right?)";
  if (is_one_of(answer.code, {"SignatureDoesNotMatch", "InvalidAccessKeyId"})) return " (are access key and secret key right?)";
  if (answer.code == "NoSuchBucket") return " (it is not made here)";
  if (answer.code == "AccessDenied") return " (these keys must be allowed to list, read, write and delete there)";
  return {};
}

}  // namespace

std::string S3Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::string S3Answer::etag() const {
  std::string tag = header("etag");
  std::erase(tag, '"');
  return tag;
}

Error S3Answer::error() const {
  if (meaning != Meaning::wrong) return {Code::unreachable, words, {}};
  if (status == not_implemented) return {Code::store_unfit, words, {}};
  return {status == no_space || is_one_of(code, {"QuotaExceeded"}) ? Code::disk_full : Code::config_invalid, words, {}};
}

std::string S3Requests::full_key(const std::string& key) const {
  return settings_.prefix.empty() ? key : settings_.prefix + "/" + key;
}
std::string S3Requests::where() const { return fmt::format("S3 at {}, bucket {}", settings_.endpoint, settings_.bucket); }
std::string S3Requests::where(const std::string& key) const { return fmt::format("s3://{}/{}", settings_.bucket, full_key(key)); }

S3Answer S3Requests::ask(const S3Request& request, std::int64_t left_ms, std::int64_t bytes) {
  const Time now = settings_.clock();
  const std::string body_sha256 = sha256_hex(request.body);
  const std::string path = encoded_path(settings_.bucket + (request.key.empty() ? "" : "/" + full_key(request.key)));
  HttpCall call;
  call.method = request.method, call.body = request.body, call.ca_file = settings_.ca_file;
  call.url = settings_.endpoint + path + (request.query.empty() ? "" : "?" + signed_query(request.query));
  call.headers = request.headers;
  call.headers.insert(call.headers.end(), {{"host", settings_.endpoint.substr(settings_.endpoint.find("//") + 2)},
                                           {"x-amz-content-sha256", body_sha256},
                                           {"x-amz-date", amz_date(now)}});
  if (!request.body.empty()) call.headers.emplace_back("content-type", "application/octet-stream");
  const Signer signer{settings_.access_key, settings_.secret_key, settings_.region};
  call.headers.emplace_back("authorization",
                            authorization(signer, {request.method, path, request.query, call.headers, body_sha256}, now));
  const auto moved = std::max(bytes, static_cast<std::int64_t>(request.body.size()));
  call.timeout_ms = std::max<std::int64_t>(std::min(left_ms, settings_.attempt_ms + moved / bytes_in_ms), 1);
  call.never_resend = request.method != "GET" && request.method != "HEAD";

  HttpAnswer http = client_.call(call);
  S3Answer answer;
  answer.status = http.status, answer.headers = std::move(http.headers);
  if (http.delivery == Delivery::answered && !http.ok()) answer.code = xml_text(http.body, "Code");
  answer.meaning = meaning_of(http, answer.code);
  const std::string what = request.key.empty() ? where() : fmt::format("{}, {} {}", where(), request.method, request.key);
  if (http.delivery != Delivery::answered)
    answer.words = fmt::format("{}: {}{}", what, http.error, http.untrusted ? untrusted_advice : "");
  else if (!http.ok())
    answer.words = fmt::format("{}: {} {} {}{}", what, http.status, answer.code, xml_text(http.body, "Message").substr(0, 200),
                               advice(answer, now));
  answer.body = std::move(http.body);
  return answer;
}

}  // namespace backstitch::objects
