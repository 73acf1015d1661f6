#include "api/router.h"

#include <boost/json.hpp>
#include <optional>

#include "base/assert.h"
#include "base/json.h"

namespace backstitch {
namespace {

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    if (path.front() == '/') {
      path.remove_prefix(1);
      continue;
    }
    const auto slash = path.find('/');
    out.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash, path.size()));
  }
  return out;
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

std::optional<std::map<std::string, std::string>> match(std::string_view pattern, std::string_view path) {
  const auto want = segments(pattern), have = segments(path);
  if (want.size() != have.size()) return std::nullopt;
  std::map<std::string, std::string> values;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (is_parameter(want[i]))
      values[std::string(want[i].substr(1, want[i].size() - 2))] = std::string(have[i]);
    else if (want[i] != have[i])
      return std::nullopt;
  }
  return values;
}

}  // namespace

void Router::add(std::string method, std::string pattern, Need need, std::string summary,
                 std::function<HttpResponse(const RouteCall&)> handler) {
  BS_ASSERT(need.is_open() || check_grant({need.resource, need.action, ""}), "a route asks for a grant that can be given");
  routes_.push_back({std::move(method), std::move(pattern), need, std::move(summary), std::move(handler)});
}

namespace {

HttpResponse refused(const Error& error) {
  HttpResponse response = problem_response(error);
  if (error.code == Code::not_signed_in) response.headers.emplace_back("WWW-Authenticate", "Bearer");  // RFC 9110, 15.5.2
  return response;
}

/// Who has a session acts under their own name and no other.
Status acts_as_themselves(const Caller& caller, const HttpRequest& request) {
  if (!caller.has_session) return {};
  auto is_another = [&](std::string_view named) { return !named.empty() && named != caller.user; };
  std::string named(request.header("backstitch-actor"));
  if (!is_another(named) && request.body.find("\"actor\"") != std::string::npos)
    if (const auto body = parse_json(request.body); body && body->is_object())
      if (const auto* actor = body->get_object().if_contains("actor"); actor && actor->is_string()) named = actor->get_string();
  if (!is_another(named)) return {};
  return fail(Code::access_denied, "{} is signed in and cannot act as {}", caller.user, named);
}

void erase_members(boost::json::value& value, const std::vector<std::string_view>& names) {
  if (value.is_array())
    for (auto& element : value.get_array()) erase_members(element, names);
  if (!value.is_object()) return;
  for (const std::string_view name : names) value.get_object().erase(name);
  for (auto& member : value.get_object()) erase_members(member.value(), names);
}

/// What cannot be read cannot be proven to hold no guarded field.
HttpResponse without(const std::vector<std::string_view>& members, HttpResponse response) {
  if (members.empty() || response.status >= 400 || response.body.empty()) return response;
  boost::system::error_code error;
  boost::json::value body = boost::json::parse(response.body, error);
  if (error) return problem_response({Code::access_denied, "guarded fields cannot be left out of this answer", {}});
  erase_members(body, members);
  response.body = write_json(body);
  return response;
}

}  // namespace

HttpResponse Router::answer(const Route& route, const HttpRequest& request, std::map<std::string, std::string> path) const {
  if (route.need.is_open()) return route.handler({request, std::move(path), {}});
  auto caller = identify_ ? identify_(request) : Result<Caller>(fail(Code::not_signed_in, "nobody is known here"));
  if (!caller) return refused(caller.error());
  if (!caller->permissions.may(route.need.resource, route.need.action))
    return refused(
        {Code::access_denied, fmt::format("{} lacks {} {}", caller->user, route.need.resource, route.need.action), {}});
  if (const Status fine = acts_as_themselves(*caller, request); !fine) return refused(fine.error());
  const auto hidden = caller->permissions.hidden_members(route.need.resource);
  return without(hidden, route.handler({request, std::move(path), std::move(*caller)}));
}

HttpResponse Router::handle(const HttpRequest& request) const {
  std::string allowed;
  for (const Route& route : routes_) {
    auto values = match(route.pattern, request.path);
    if (!values) continue;
    if (route.method == request.method) return answer(route, request, std::move(*values));
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty()) return problem_response({Code::no_such_route, request.path, {}});
  HttpResponse response = problem_response({Code::method_not_allowed, request.method + " " + request.path, {}});
  response.headers.emplace_back("Allow", allowed);  // RFC 9110, 15.5.6
  return response;
}

namespace {

/// [] for a route that is open; else the scheme, with the grant as its scope.
boost::json::array security(const Need& need) {
  if (need.is_open()) return {};
  return {boost::json::object{{"session", boost::json::array{std::string(need.resource) + " " + need.action}}}};
}

}  // namespace

std::string Router::openapi_json() const {
  boost::json::object paths;
  for (const Route& route : routes_) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    boost::json::array parameters;
    for (const auto segment : segments(route.pattern))
      if (is_parameter(segment))
        parameters.push_back({{"name", std::string(segment.substr(1, segment.size() - 2))},
                              {"in", "path"},
                              {"required", true},
                              {"schema", {{"type", "string"}}}});
    boost::json::object operation{{"summary", route.summary},
                                  {"parameters", parameters},
                                  {"security", security(route.need)},
                                  {"responses", {{"default", {{"description", "the result, or an RFC 9457 problem"}}}}}};
    boost::json::value& entry = paths[route.pattern];
    if (!entry.is_object()) entry = boost::json::object();
    entry.get_object()[method] = std::move(operation);
  }
  boost::json::object document{
      {"openapi", "3.1.0"}, {"info", {{"title", "Backstitch"}, {"version", "1"}}}, {"paths", std::move(paths)}};
  document["components"] = {{"securitySchemes", {{"session", {{"type", "http"}, {"scheme", "bearer"}}}}}};
  return write_json(document);
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response;
  response.status = status, response.body = std::move(body);
  return response;
}

HttpResponse json_or_problem(const Result<std::string>& body) {
  return body ? json_response(200, *body) : problem_response(body.error());
}

}  // namespace backstitch
