#include "api/router.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch {
namespace {

namespace json = boost::json;

class RouterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto says = [](const char* word) {
      return [word](const RouteCall& call) {
        std::string out = word;
        for (const auto& [name, value] : call.path) out += " " + name + "=" + value;
        return json_response(200, out);
      };
    };
    router.add("GET", "/api/v1/orders", "all orders", says("list"));
    router.add("POST", "/api/v1/orders", "submit", says("submit"));
    router.add("GET", "/api/v1/orders/{id}", "one order", says("show"));
    router.add("POST", "/api/v1/items/{id}/jobs/{job}", "a job", says("job"));
    router.add("GET", "/api/v1/orders/{id}/events", "events", says("events"));
  }
  HttpResponse ask(const std::string& method, const std::string& path) const {
    HttpRequest request;
    request.method = method, request.path = path;
    return router.handle(request);
  }
  static std::string header(const HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }

  Router router;
};

TEST_F(RouterTest, MethodAndPathChooseTheRoute) {
  EXPECT_EQ(ask("GET", "/api/v1/orders").body, "list");
  EXPECT_EQ(ask("POST", "/api/v1/orders").body, "submit");
  EXPECT_EQ(ask("GET", "/api/v1/orders/").body, "list");  // a slash at the end names the same thing
}

TEST_F(RouterTest, ParametersAreTakenFromThePath) {
  EXPECT_EQ(ask("GET", "/api/v1/orders/ord_1").body, "show id=ord_1");
  EXPECT_EQ(ask("POST", "/api/v1/items/itm_1/jobs/7").body, "job id=itm_1 job=7");
  EXPECT_EQ(ask("GET", "/api/v1/orders/ord_1/events").body, "events id=ord_1");
}

TEST_F(RouterTest, ParameterThatIsNotThereIsEmpty) {
  HttpRequest request;
  const RouteCall call{request, {{"id", "x"}}};
  EXPECT_EQ(call["id"], "x");
  EXPECT_EQ(call["job"], "");
}

TEST_F(RouterTest, UnknownPathIsNotFound) {
  for (const char* path : {"/", "/api/v1", "/api/v1/order", "/api/v1/orders/1/events/2", "/api/v2/orders"}) {
    const HttpResponse response = ask("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(parse_json(response.body).value().at("code").as_string(), "BS-1103") << path;
    EXPECT_EQ(header(response, "Allow"), "") << path;
  }
}

TEST_F(RouterTest, OtherMethodsAreNamedWithTheRefusal) {
  const HttpResponse response = ask("DELETE", "/api/v1/orders");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(parse_json(response.body).value().at("code").as_string(), "BS-1106");
  EXPECT_EQ(header(response, "Allow"), "GET, POST");
  EXPECT_EQ(header(ask("GET", "/api/v1/items/1/jobs/2"), "Allow"), "POST");
}

TEST_F(RouterTest, OpenApiListsEveryRoute) {
  const auto document = parse_json(router.openapi_json()).value().as_object();
  EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
  const auto& paths = document.at("paths").as_object();
  std::size_t operations = 0;
  for (const auto& [path, methods] : paths) operations += methods.as_object().size();
  EXPECT_EQ(operations, router.routes().size());
  for (const Route& route : router.routes()) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(c | 0x20);
    const auto& operation = paths.at(route.pattern).at(method).as_object();
    EXPECT_EQ(operation.at("summary").as_string(), route.summary);
    EXPECT_TRUE(operation.at("responses").is_object());
  }
  const auto& parameters = paths.at("/api/v1/items/{id}/jobs/{job}").at("post").at("parameters").as_array();
  ASSERT_EQ(parameters.size(), 2u);
  EXPECT_EQ(parameters[1].at("name").as_string(), "job");
  EXPECT_EQ(parameters[1].at("in").as_string(), "path");
}

TEST_F(RouterTest, ResultBecomesABodyOrAProblem) {
  EXPECT_EQ(json_or_problem(std::string("{\"a\":1}")).body, "{\"a\":1}");
  EXPECT_EQ(json_or_problem(fail(Code::order_not_found, "ord_1")).status, 404);
}

}  // namespace
}  // namespace backstitch
