// The platform on a PostgreSQL that somebody else runs: an order goes through, the server may die, and what is not ours to do is
// refused in words.
#include <boost/json.hpp>

#include "api/platform.h"
#include "api/recovery_host.h"
#include "base/json.h"
#include "base/net/http_client.h"
#include "postgres_house.h"
#include "rules/fixture.h"

namespace backstitch::servers {
namespace {

namespace json = boost::json;

class ExternalPlatform : public ::testing::Test {
 protected:
  ExternalPlatform() {
    EXPECT_TRUE(write_file_durably(scratch / "url", house.url() + "\n"));
    config = load_config("").value();
    config.data = scratch / "data", config.partitions = 4;
    config.port = config.metrics_port = config.workers_port = 0;
    config.lanes = {{"default", {0, 1}}};
    config.database_adapter = "external", config.database_url = "file:" + (scratch / "url");
  }
  void start() {
    auto started = Platform::start(config);
    ASSERT_TRUE(started.has_value()) << started.error().text();
    platform = std::move(*started);
    const auto endpoints = parse_json(platform->endpoints_json()).value().as_object();
    for (const char* name : {"api", "workers", "metrics"}) urls[name] = std::string(endpoints.at(name).as_string());
  }
  void activate() {
    const HttpAnswer stored = send("POST", urls["api"] + "/api/v1/catalog/versions", fixture::catalog_text("mini"));
    ASSERT_EQ(stored.status, 201) << stored.body;
    const std::string digest(parse_json(stored.body).value().at("digest").as_string());
    const HttpAnswer active = send("POST", urls["api"] + "/api/v1/catalog/versions/" + digest + "/activate?wait=20s", "{}");
    ASSERT_EQ(active.status, 200) << active.body;
  }
  static HttpAnswer send(const std::string& method, const std::string& url, const std::string& body = {}) {
    HttpCall call;
    call.method = method, call.url = url, call.body = body;
    return HttpClient().call(call);
  }
  HttpAnswer get(const std::string& path) { return send("GET", urls["api"] + "/api/v1" + path); }
  HttpAnswer post(const std::string& path, const std::string& body = "{}") {
    return send("POST", urls["api"] + "/api/v1" + path, body);
  }
  /// Submits, and plays the worker until the order is through.
  void order_goes_through(const std::string& id) {
    const HttpAnswer received =
        post("/orders?wait=20s", R"({"source":"org1","sourceOrderId":")" + id +
                                     R"(","accountId":"A-1","items":[{"lineId":"1","product":"FIBER","action":"Add",)"
                                     R"("attributes":{"speed":500}}]})");
    ASSERT_TRUE(received.ok()) << received.body;
    const std::string order(parse_json(received.body).value().at("orderId").as_string());
    const bool done = testing::wait_until(
        [&] {
          work_one();
          const HttpAnswer shown = get("/orders/" + order);
          return shown.status == 200 && parse_json(shown.body).value().at("state") == "Activated";
        },
        30'000);
    EXPECT_TRUE(done) << get("/orders/" + order).body;
  }
  void work_one() {
    const HttpAnswer claimed =
        send("POST", urls["workers"] + "/tasks:claim", R"({"worker":"w1","lane":"default","max":1,"waitMs":200})");
    const auto tasks = claimed.status == 200 ? parse_json(claimed.body).value().at("tasks").as_array() : json::array();
    if (tasks.empty()) return;
    const std::string key(tasks[0].at("effectKey").as_string());
    send("POST", urls["workers"] + "/tasks:mark", R"({"worker":"w1","keys":[")" + key + "\"]}");
    send(
        "POST", urls["workers"] + "/tasks:answer",
        R"({"worker":"w1","answers":[{"key":")" + key + R"(","outcome":"done","code":"noc/1","response":{"circuitId":"C-1"}}]})");
  }

  PostgresHouse house;
  testing::ScratchFolder scratch;
  Config config;
  std::unique_ptr<Platform> platform;
  std::map<std::string, std::string> urls;
};

TEST_F(ExternalPlatform, AnOrderGoesThroughAlsoWhenTheServerDiesAndComesBack) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_NO_FATAL_FAILURE(activate());
  ASSERT_NO_FATAL_FAILURE(order_goes_through("E1"));
  house.server.kill_hard();
  const HttpAnswer meanwhile = post("/orders", R"({"source":"org1","sourceOrderId":"E2","accountId":"A-1","items":[)"
                                               R"({"lineId":"1","product":"FIBER","action":"Add","attributes":{"speed":500}}]})");
  EXPECT_LT(meanwhile.status, 300) << meanwhile.body;  // what the log holds is received
  ASSERT_TRUE(house.server.start_again());
  ASSERT_NO_FATAL_FAILURE(order_goes_through("E2"));
  ASSERT_NO_FATAL_FAILURE(order_goes_through("E3"));
  platform->stop();
  platform.reset();
  ASSERT_NO_FATAL_FAILURE(start());  // the same rows, the same log
  ASSERT_NO_FATAL_FAILURE(order_goes_through("E4"));
  EXPECT_EQ(post("/verify").body.find("\"ok\":false"), std::string::npos) << post("/verify").body;
}

TEST_F(ExternalPlatform, WhatIsNotOursIsRefusedInWordsAndNothingIsTouched) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_NO_FATAL_FAILURE(activate());
  ASSERT_NO_FATAL_FAILURE(order_goes_through("R1"));
  for (const auto& [method, path] : {std::pair{"POST", "/backups"},
                                     {"GET", "/backups"},
                                     {"POST", "/backups/check"},
                                     {"GET", "/recovery/range"},
                                     {"POST", "/recovery/plans"}}) {
    const HttpAnswer answer = send(method, urls["api"] + "/api/v1" + path, *method == 'P' ? R"({"to":"1:0/0","cause":"x"})" : "");
    EXPECT_EQ(answer.status, 501) << path << answer.body;
    EXPECT_NE(answer.body.find("somebody else runs"), std::string::npos) << answer.body;
  }
  const auto host = RecoveryHost::open(config, [](const std::string&) {});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().code, Code::not_yet) << host.error().text();
  EXPECT_FALSE(file_exists(config.data + "/pg"));
  EXPECT_EQ(get("/status").status, 200);
  EXPECT_NE(get("/status").body.find("no backup and no recovery"), std::string::npos) << get("/status").body;
  EXPECT_NE(get("/stores").body.find(platform->database_place()), std::string::npos) << get("/stores").body;
}

TEST_F(ExternalPlatform, ThePasswordStandsInNoFileOfOurs) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (const char* name : {"/run/effective.yaml", "/run/endpoints.json"}) {
    const auto text = read_file(config.data + name);
    ASSERT_TRUE(text) << name;
    EXPECT_EQ(text->find("backstitch:backstitch"), std::string::npos) << name;
    EXPECT_EQ(text->find("password="), std::string::npos) << name;
  }
}

TEST_F(ExternalPlatform, AnotherSafeIsRefusedBeforeAnythingIsDecided) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_NO_FATAL_FAILURE(activate());
  ASSERT_NO_FATAL_FAILURE(order_goes_through("S1"));
  platform->stop();
  platform.reset();
  config.data = scratch / "other";
  const auto started = Platform::start(config);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::store_unfit) << started.error().text();
}

}  // namespace
}  // namespace backstitch::servers
