// The route table: method, pattern, handler, one sentence. openapi.json is generated from it.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/net/http_server.h"
#include "services/access/access.h"

namespace backstitch {

struct RouteCall {
  const HttpRequest& http;
  std::map<std::string, std::string> path;  // {id} → value
  Caller caller = {};
  std::string_view operator[](const char* name) const {
    const auto found = path.find(name);
    return found == path.end() ? std::string_view() : std::string_view(found->second);
  }
};

/// The grant a route asks for, as in model/access.h. An open one asks for nothing: probes, signing in, the description.
struct Need {
  const char *resource, *action;
  bool is_open() const { return *resource == '\0'; }
};
inline constexpr Need open_to_all{"", ""};

struct Route {
  std::string method, pattern;  // "/api/v1/orders/{id}"
  Need need;
  std::string summary;
  std::function<HttpResponse(const RouteCall&)> handler;
};

class Router {
 public:
  void add(std::string method, std::string pattern, Need need, std::string summary,
           std::function<HttpResponse(const RouteCall&)> handler);
  /// Who asks: the one place where grants are looked at. Without it every route that asks for a grant refuses.
  void identify_by(std::function<Result<Caller>(const HttpRequest&)> identify) { identify_ = std::move(identify); }
  /// 404 BS-1103 for an unknown path, 405 BS-1106 with Allow for another method, 401 BS-5002, 403 BS-5001 with the grant that is
  /// missing. Guarded fields without a grant are left out of what the handler answers.
  HttpResponse handle(const HttpRequest& request) const;
  const std::vector<Route>& routes() const { return routes_; }
  std::string openapi_json() const;

 private:
  HttpResponse answer(const Route& route, const HttpRequest& request, std::map<std::string, std::string> path) const;

  std::vector<Route> routes_;
  std::function<Result<Caller>(const HttpRequest&)> identify_;
};

HttpResponse json_response(int status, std::string body);
/// 200 with the body, or the error's problem.
HttpResponse json_or_problem(const Result<std::string>& body);

}  // namespace backstitch
