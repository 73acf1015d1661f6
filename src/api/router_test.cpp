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
    router.add("GET", "/api/v1/orders", open_to_all, "all orders", says("list"));
    router.add("POST", "/api/v1/orders", open_to_all, "submit", says("submit"));
    router.add("GET", "/api/v1/orders/{id}", open_to_all, "one order", says("show"));
    router.add("POST", "/api/v1/items/{id}/jobs/{job}", open_to_all, "a job", says("job"));
    router.add("GET", "/api/v1/orders/{id}/events", open_to_all, "events", says("events"));
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

class GuardedRouterTest : public RouterTest {
 protected:
  void SetUp() override {
    router.add("POST", "/items", {"items", "retry"}, "act",
               [](const RouteCall& call) { return json_response(200, call.caller.user); });
    router.add("GET", "/inventory", {"inventory", "read"}, "read", [](const RouteCall&) {
      return json_response(200,
                           R"({"items":[{"id":1,"values":{"serviceRecord":1},"serviceRecord":{"circuit":"C-1"}}],"next":null})");
    });
    router.add("GET", "/sheet", {"inventory", "read"}, "text",
               [](const RouteCall&) { return json_response(200, "id,circuit\n"); });
    router.add("GET", "/live", open_to_all, "live", [](const RouteCall& call) { return json_response(200, call.caller.user); });
  }
  void let_in(std::vector<Grant> grants, bool has_session = true) {
    router.identify_by([grants, has_session](const HttpRequest&) { return Caller{"ann", has_session, Permissions(grants)}; });
  }
  HttpResponse post(const std::string& actor, const std::string& body) const {
    HttpRequest request;
    request.method = "POST", request.path = "/items", request.body = body;
    if (!actor.empty()) request.headers = {{"backstitch-actor", actor}};
    return router.handle(request);
  }
  static std::string code(const HttpResponse& response) {
    return std::string(parse_json(response.body).value().at("code").as_string());
  }
};

TEST_F(GuardedRouterTest, NobodyIsRefusedAndToldHow) {
  EXPECT_EQ(code(ask("POST", "/items")), "BS-5002") << "nobody was ever told how to know callers";
  router.identify_by([](const HttpRequest&) -> Result<Caller> { return fail(Code::not_signed_in, "who?"); });
  const HttpResponse response = ask("POST", "/items");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(ask("GET", "/live").status, 200);
}

TEST_F(GuardedRouterTest, AMissingGrantIsNamed) {
  let_in({{"items", "read", ""}, {"inventory", "read", "*"}});
  const HttpResponse response = ask("POST", "/items");
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(code(response), "BS-5001");
  EXPECT_NE(response.body.find("ann lacks items retry"), std::string::npos) << response.body;
  let_in({{"items", "retry", ""}});
  EXPECT_EQ(ask("POST", "/items").body, "ann");
}

TEST_F(GuardedRouterTest, GuardedFieldsAreLeftOut) {
  let_in({{"inventory", "read", ""}});
  EXPECT_EQ(ask("GET", "/inventory").body, R"({"items":[{"id":1}],"next":null})");
  let_in({{"inventory", "read", ""}, {"inventory", "read", "serviceRecord"}});
  EXPECT_EQ(ask("GET", "/inventory").body, R"({"items":[{"id":1,"serviceRecord":{"circuit":"C-1"}}],"next":null})");
  EXPECT_EQ(ask("GET", "/sheet").status, 403) << "what cannot be read may hold anything";
  let_in({{"inventory", "read", "*"}});
  EXPECT_EQ(ask("GET", "/sheet").body, "id,circuit\n");
}

TEST_F(GuardedRouterTest, ASessionActsUnderItsOwnName) {
  let_in({{"*", "*", "*"}});
  EXPECT_EQ(post("", R"({"actor":"bob"})").status, 403);
  EXPECT_EQ(post("bob", "{}").status, 403);
  EXPECT_EQ(post("ann", R"({"actor":"ann"})").status, 200);
  EXPECT_EQ(post("ann", R"({"actor":"bob"})").status, 403) << "one right name does not cover a wrong one";
  EXPECT_EQ(post("", R"({"reason":"the \"actor\" was wrong"})").status, 200);
  let_in({{"*", "*", "*"}}, false);
  EXPECT_EQ(post("bob", R"({"actor":"eve"})").status, 200) << "the local administrator speaks for people and stand-ins";
}

TEST_F(GuardedRouterTest, OpenApiNamesTheGrant) {
  const auto paths = parse_json(router.openapi_json()).value().at("paths").as_object();
  EXPECT_EQ(paths.at("/items").at("post").at("security").at(0).at("session").at(0).as_string(), "items retry");
  EXPECT_TRUE(paths.at("/live").at("get").at("security").as_array().empty());
}

TEST_F(RouterTest, ResultBecomesABodyOrAProblem) {
  EXPECT_EQ(json_or_problem(std::string("{\"a\":1}")).body, "{\"a\":1}");
  EXPECT_EQ(json_or_problem(fail(Code::order_not_found, "ord_1")).status, 404);
}

}  // namespace
}  // namespace backstitch
