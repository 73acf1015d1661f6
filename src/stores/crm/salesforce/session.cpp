#include "stores/crm/salesforce/session.h"

#include <boost/json.hpp>
#include <cstdlib>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/net/percent.h"
#include "base/signature.h"
#include "stores/crm/error_codes.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

constexpr std::int64_t assertion_lives_s = 170;  // Salesforce takes about three minutes

std::string text_of(const json::value& document, std::string_view name) {
  const json::value* value = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string_view header_of(const HttpAnswer& answer, std::string_view name) {
  for (const auto& [found, value] : answer.headers)
    if (found == name) return value;
  return {};
}

/// A page may be larger than a document from a stranger.
Result<json::value> document_of(const std::string& body) {
  json::error_code error;
  json::value document = json::parse(body.empty() ? "null" : body, error);
  if (error) return fail(Code::crm_failed, "an answer that is no JSON: {}", body.substr(0, 200));
  return document;
}

Result<std::string> assertion_of(const SalesforceSettings& settings) {
  json::object claims{{"iss", settings.client_id},
                      {"sub", settings.user},
                      {"aud", settings.audience.empty() ? settings.login_url : settings.audience},
                      {"exp", wall_clock().ms() / 1000 + assertion_lives_s}};
  const std::string content = base64url(R"({"alg":"RS256"})") + "." + base64url(write_json(claims));
  const auto signature = sign_rs256(settings.private_key_pem, content);
  if (!signature) return fail(signature.error());
  return content + "." + base64url(*signature);
}

bool is_away(int status) { return status == 502 || status == 503 || status == 504; }

}  // namespace

Result<Session::Token> Session::log_in() {
  const auto assertion = assertion_of(settings_);
  if (!assertion) return fail(Code::crm_login, "{}", assertion.error().detail);
  HttpCall call{.method = "POST", .url = settings_.login_url + "/services/oauth2/token"};
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  call.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + *assertion;
  call.timeout_ms = settings_.timeout_ms, call.ca_file = settings_.ca_file;
  for (Backoff backoff(settings_.patience_ms, settings_.backoff);;) {
    const HttpAnswer answer = client_.call(call);
    if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "{}: {}", settings_.login_url, answer.error);
    const auto document = document_of(answer.body);
    if (is_away(answer.status) && backoff.wait()) continue;
    const Token token{document ? text_of(*document, "access_token") : "", document ? text_of(*document, "instance_url") : ""};
    if (answer.status == 200 && !token.value.empty() && token.instance_url.starts_with("http")) return token;
    if (is_away(answer.status) || answer.status == 500) return fail(Code::crm_failed, "login: status {}", answer.status);
    return fail(Code::crm_login, "{} as {}: status {}, {}: {}", settings_.login_url, settings_.user, answer.status,
                document ? text_of(*document, "error") : "no JSON", document ? text_of(*document, "error_description") : "");
  }
}

/// The token of now, or a new one when there is none but the one that is spent.
Result<Session::Token> Session::token(const std::string& spent) {
  const std::lock_guard lock(mutex_);
  if (token_.value.empty() || token_.value == spent) {
    auto fresh = log_in();
    if (!fresh) return fail(std::move(fresh.error()));
    token_ = std::move(*fresh);
  }
  return token_;
}

/// What an org says of its limits with each answer: api-usage=18/15000.
void Session::note_usage(const HttpAnswer& answer) {
  const std::string usage(header_of(answer, "sforce-limit-info"));
  const auto begin = usage.find("api-usage="), slash = usage.find('/');
  if (begin == std::string::npos || slash == std::string::npos) return;
  used_.set(std::strtod(usage.c_str() + begin + 10, nullptr));
  limit_.set(std::strtod(usage.c_str() + slash + 1, nullptr));
}

Result<HttpAnswer> Session::ask(HttpCall call, const Token& token) {
  call.url = token.instance_url + call.url;
  call.headers = {{"Authorization", "Bearer " + token.value}};
  HttpAnswer answer = client_.call(call);
  if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "CRM at {}: {}", token.instance_url, answer.error);
  note_usage(answer);
  return answer;
}

Result<json::value> Session::call(const std::string& method, const std::string& path, const std::string& body) {
  HttpCall call{.method = method, .url = path, .body = body};
  if (!path.starts_with("/services/")) call.url = "/services/data/" + settings_.api_version + path;
  call.timeout_ms = settings_.timeout_ms, call.ca_file = settings_.ca_file;
  Backoff backoff(settings_.patience_ms, settings_.backoff);
  for (std::string spent;;) {
    const auto token = this->token(spent);
    if (!token) return fail(token.error());
    auto answer = ask(call, *token);
    if (!answer) return fail(std::move(answer.error()));
    auto document = document_of(answer->body);
    if (answer->status >= 200 && answer->status < 300) return document;
    const std::string code = document ? error_code_of(*document) : "";
    if (answer->status == 401) {
      // Once: who is refused with a fresh token will be refused with the next one, too.
      if (!spent.empty()) return fail(Code::crm_login, "a fresh session is refused: {}", answer->body.substr(0, 200));
      spent = token->value;
      continue;
    }
    const std::int64_t asked_ms = std::strtoll(std::string(header_of(*answer, "retry-after")).c_str(), nullptr, 10) * 1000;
    if ((is_away(answer->status) || is_passing(code)) && backoff.wait(asked_ms)) continue;
    return fail(Code::crm_failed, "{} {}: status {}: {}", method, call.url.substr(0, 100), answer->status,
                answer->body.substr(0, 200));
  }
}

}  // namespace backstitch::crm
