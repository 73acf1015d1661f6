#include "standins/org/login.h"

#include <boost/json.hpp>
#include <regex>

#include "base/hash.h"
#include "base/json.h"
#include "base/signature.h"
#include "standins/common/fields.h"
#include "standins/common/routes.h"
#include "standins/org/ids.h"

namespace backstitch::standin {
namespace {

constexpr std::string_view jwt_grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr const char* org_id15 = "00Dbs0000000001";
constexpr const char* user_id15 = "005bs0000000001";

HttpResponse oauth_error(std::string_view error, std::string_view why) {
  return json_answer(400, boost::json::object{{"error", error}, {"error_description", why}});
}

std::string unescaped(std::string_view text) {  // of a form
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  return out;
}

std::string form_value(std::string_view body, std::string_view name) {
  while (!body.empty()) {
    const std::string_view part = body.substr(0, body.find('&'));
    if (part.starts_with(name) && part.substr(name.size()).starts_with("=")) return unescaped(part.substr(name.size() + 1));
    body.remove_prefix(std::min(body.size(), part.size() + 1));
  }
  return {};
}

std::string address_of(const HttpRequest& request) { return "http://" + std::string(request.header("host")); }

std::string tag(const std::string& body, const std::string& name) {
  std::smatch match;
  return std::regex_search(body, match, std::regex("<" + name + ">([^<]*)</" + name + ">")) ? match.str(1) : "";
}

HttpResponse envelope(int status, const std::string& content) {
  return {
      .status = status,
      .body =
          R"(<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/")"
          R"( xmlns="urn:partner.soap.sforce.com"><soapenv:Body>)" +
          content + "</soapenv:Body></soapenv:Envelope>",
      .content_type = "text/xml"};
}

}  // namespace

std::string Login::fresh_token() {
  const std::string token = std::string(org_id15) + "!" + random_hex(16);
  const std::lock_guard lock(mutex_);
  tokens_[token] = 0;
  return token;
}

/// Empty when the assertion is good; else what is wrong with it.
std::string Login::judge(const std::string& assertion, const std::string& address, std::string& code) const {
  code = "invalid_grant";
  const auto first = assertion.find('.'), last = assertion.rfind('.');
  if (first == std::string::npos || first == last) return "invalid assertion";
  const auto content = base64url_decoded(std::string_view(assertion).substr(first + 1, last - first - 1));
  const auto signature = base64url_decoded(std::string_view(assertion).substr(last + 1));
  const auto document = content ? parse_json(*content) : fail(Code::json_invalid, "");
  if (!document || !document->is_object() || !signature) return "invalid assertion";
  const auto& claims = document->get_object();
  if (text_of(claims, "iss") != settings_.client_id) {
    code = "invalid_client_id";
    return "client identifier invalid";
  }
  if (!is_signed_rs256(settings_.public_key_pem, std::string_view(assertion).substr(0, last), *signature))
    return "invalid assertion";
  if (text_of(claims, "aud") != (settings_.audience.empty() ? address : settings_.audience)) return "audience is invalid";
  if (text_of(claims, "sub") != settings_.user) return "user hasn't approved this consumer";
  if (number_of(claims, "exp").value_or(0) * 1000 < wall_clock().ms()) return "expired authorization code";
  return {};
}

HttpResponse Login::token(const HttpRequest& request) {
  const std::string address = address_of(request);
  if (!is_open()) {
    if (form_value(request.body, "grant_type") != jwt_grant)
      return oauth_error("unsupported_grant_type", "grant type not supported");
    std::string code;
    if (const std::string why = judge(form_value(request.body, "assertion"), address, code); !why.empty())
      return oauth_error(code, why);
  }
  return json_answer(200, boost::json::object{{"access_token", fresh_token()},
                                              {"scope", "api"},
                                              {"instance_url", address},
                                              {"id", address + "/id/" + long_id(org_id15) + "/" + long_id(user_id15)},
                                              {"token_type", "Bearer"},
                                              {"issued_at", std::to_string(wall_clock().ms())}});
}

HttpResponse Login::soap(const HttpRequest& request) {
  if (settings_.password.empty() || tag(request.body, "username") != settings_.user ||
      tag(request.body, "password") != settings_.password)
    return envelope(500,
                    "<soapenv:Fault><faultcode>INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, "
                    "security token; or user locked out.</faultstring></soapenv:Fault>");
  return envelope(200,
                  fmt::format("<loginResponse><result><serverUrl>{}{}/{}</serverUrl><sessionId>{}</sessionId><userId>{}</userId>"
                              "<userInfo><organizationId>{}</organizationId></userInfo></result></loginResponse>",
                              address_of(request), request.path, org_id15, fresh_token(), long_id(user_id15), long_id(org_id15)));
}

bool Login::let_in(const HttpRequest& request) {
  if (is_open()) return true;
  std::string_view token = request.header("authorization");
  if (!token.starts_with("Bearer ")) return false;
  token.remove_prefix(7);
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(std::string(token));
  if (found == tokens_.end()) return false;
  if (settings_.token_requests == 0 || ++found->second <= settings_.token_requests) return true;
  tokens_.erase(found);
  return false;
}

}  // namespace backstitch::standin
