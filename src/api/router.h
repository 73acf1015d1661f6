// The route table: method, pattern, handler, one sentence. openapi.json is generated from it.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/net/http_server.h"

namespace backstitch {

struct RouteCall {
  const HttpRequest& http;
  std::map<std::string, std::string> path;  // {id} → value
  std::string_view operator[](const char* name) const {
    const auto found = path.find(name);
    return found == path.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct Route {
  std::string method, pattern;  // "/api/v1/orders/{id}"
  std::string summary;
  std::function<HttpResponse(const RouteCall&)> handler;
};

class Router {
 public:
  void add(std::string method, std::string pattern, std::string summary, std::function<HttpResponse(const RouteCall&)> handler);
  /// 404 BS-1103 for an unknown path, 405 BS-1106 with Allow for another method.
  HttpResponse handle(const HttpRequest& request) const;
  const std::vector<Route>& routes() const { return routes_; }
  std::string openapi_json() const;

 private:
  std::vector<Route> routes_;
};

HttpResponse json_response(int status, std::string body);
/// 200 with the body, or the error's problem.
HttpResponse json_or_problem(const Result<std::string>& body);

}  // namespace backstitch
