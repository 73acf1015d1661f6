#include "api/router.h"

#include <boost/json.hpp>
#include <optional>

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

void Router::add(std::string method, std::string pattern, std::string summary,
                 std::function<HttpResponse(const RouteCall&)> handler) {
  routes_.push_back({std::move(method), std::move(pattern), std::move(summary), std::move(handler)});
}

HttpResponse Router::handle(const HttpRequest& request) const {
  std::string allowed;
  for (const Route& route : routes_) {
    auto values = match(route.pattern, request.path);
    if (!values) continue;
    if (route.method == request.method) return route.handler({request, std::move(*values)});
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty()) return problem_response({Code::no_such_route, request.path, {}});
  HttpResponse response = problem_response({Code::method_not_allowed, request.method + " " + request.path, {}});
  response.headers.emplace_back("Allow", allowed);  // RFC 9110, 15.5.6
  return response;
}

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
                                  {"responses", {{"default", {{"description", "the result, or an RFC 9457 problem"}}}}}};
    boost::json::value& entry = paths[route.pattern];
    if (!entry.is_object()) entry = boost::json::object();
    entry.get_object()[method] = std::move(operation);
  }
  boost::json::object document{
      {"openapi", "3.1.0"}, {"info", {{"title", "Backstitch"}, {"version", "1"}}}, {"paths", std::move(paths)}};
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
