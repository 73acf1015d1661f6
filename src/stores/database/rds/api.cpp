#include "stores/database/rds/api.h"

#include "base/backoff.h"
#include "base/hash.h"
#include "base/net/percent.h"
#include "base/net/xml.h"

namespace backstitch::database {
namespace {

constexpr const char* api_version = "2014-10-31";

std::string host_of(const std::string& endpoint) {
  const auto begin = endpoint.find("://");
  const std::string rest = begin == std::string::npos ? endpoint : endpoint.substr(begin + 3);
  return rest.substr(0, rest.find('/'));
}

bool is_throttled(const std::string& code) {
  return code == "Throttling" || code == "ThrottlingException" || code == "RequestLimitExceeded" || code == "SlowDown";
}

/// A call that is not let in will not be let in the next time.
bool is_stranger(int status) { return status == 401 || status == 403; }

}  // namespace

HttpCall RdsApi::signed_call(const std::string& body) const {
  const Time now = wall_clock();
  HttpCall call;
  call.method = "POST", call.url = settings_.endpoint + "/", call.body = body, call.ca_file = settings_.ca_file;
  call.timeout_ms = 20'000;
  Signable signable{.method = "POST", .path = "/", .query = {}, .headers = {}, .body_sha256 = sha256_hex(body)};
  signable.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                      {"host", host_of(settings_.endpoint)},
                      {"x-amz-date", amz_date(now)}};
  call.headers = signable.headers;
  call.headers.emplace_back("authorization", authorization({settings_.access_key, settings_.secret_key, settings_.region, "rds"},
                                                           std::move(signable), now));
  std::erase_if(call.headers, [](const auto& header) { return header.first == "host"; });  // the client writes it
  return call;
}

Result<RdsApi::Answer> RdsApi::call(const std::string& action, Pairs parameters) {
  std::string body = fmt::format("Action={}&Version={}", action, api_version);
  for (const auto& [name, value] : parameters) body += "&" + percent_encoded(name) + "=" + percent_encoded(value);
  Backoff backoff(settings_.timeout_ms, {.attempts_max = 20, .first_ms = 200, .wait_ms_max = 10'000});
  for (;;) {
    const HttpAnswer answer = http_.call(signed_call(body));  // signed anew: a signature is good for minutes
    const std::string code = xml_text(answer.body, "Code"), message = xml_text(answer.body, "Message");
    if (answer.ok()) return Answer{answer.body, {}, {}};
    if (answer.delivery == Delivery::answered && is_stranger(answer.status))
      return fail(Code::backup_failed, "{} refuses {}: {} {}", settings_.endpoint, action, code, message);
    if (answer.untrusted)
      return fail(Code::backup_failed,
                  "{}: {} (backup.ca_file names who signs its certificate, when the system does not know him)",
                  settings_.endpoint, answer.error);
    const bool again = answer.delivery != Delivery::answered || answer.status >= 500 || is_throttled(code);
    if (!again) return Answer{{}, code, message};
    if (!backoff.wait())
      return fail(Code::backup_failed, "{} of {}: {} {} {}", action, settings_.endpoint, answer.error, code, message);
  }
}

}  // namespace backstitch::database
