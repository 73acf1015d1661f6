// Users, grants and sessions on the whole platform, over HTTP.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/platform.h"
#include "base/json.h"
#include "base/net/http_client.h"
#include "base/testing.h"

namespace backstitch {
namespace {

namespace json = boost::json;

class AccessApiTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch = new testing::ScratchFolder();
    Config config = load_config("").value();
    config.data = scratch->path() + "/data", config.partitions = 2;
    config.port = config.metrics_port = config.workers_port = 0;
    config.lanes = {{"default", {0, 1}}};
    config.backup_every_ms = 0;
    ASSERT_TRUE(write_file_durably(scratch->path() + "/link", "opensesame\n"));
    config.workers_token = "file:" + scratch->path() + "/link", config.workers_address = "127.0.0.2";
    auto started = Platform::start(config);
    ASSERT_TRUE(started.has_value()) << started.error().text();
    platform = started->release();
    const auto endpoints = parse_json(platform->endpoints_json()).value();
    url = std::string(endpoints.at("api").as_string()), workers_url = std::string(endpoints.at("workers").as_string());
  }
  static void TearDownTestSuite() {
    if (platform) {
      platform->stop();
      EXPECT_TRUE(platform->cluster().purge());
    }
    delete platform;
    delete scratch;
    platform = nullptr, scratch = nullptr;
  }

  static HttpAnswer send(const std::string& method, const std::string& path, const std::string& body,
                         const std::string& token = "", const std::string& key = "") {
    HttpCall call;
    call.method = method, call.url = url + "/api/v1" + path, call.body = body;
    if (!token.empty()) call.headers.emplace_back("Authorization", "Bearer " + token);
    if (!key.empty()) call.headers.emplace_back("Idempotency-Key", key);
    return HttpClient().call(call);
  }
  /// A change by the local administrator, decided when it returns.
  static void change(const std::string& path, const std::string& body) {
    const HttpAnswer done = send("POST", path + "?wait=20s", body);
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(parse_json(done.body).value().at("state").as_string(), "applied") << done.body;
  }
  static std::string signed_in(const std::string& user, const std::string& password) {
    const HttpAnswer session = send("POST", "/sessions", R"({"user":")" + user + R"(","password":")" + password + "\"}");
    EXPECT_EQ(session.status, 201) << session.body;
    return session.status == 201 ? std::string(parse_json(session.body).value().at("token").as_string()) : "";
  }

  static inline testing::ScratchFolder* scratch = nullptr;
  static inline std::string workers_url;
  static inline Platform* platform = nullptr;
  static inline std::string url;
};

TEST_F(AccessApiTest, AUserMayWhatTheProfileSaysAndNoMore) {
  change("/users", R"({"user":"ann","password":"opensesame"})");
  change("/users/ann/assign", R"({"profile":"reader"})");
  const std::string ann = signed_in("ann", "opensesame");
  EXPECT_EQ(send("GET", "/orders", "", ann).status, 200);
  EXPECT_EQ(send("POST", "/orders", "{}", ann).status, 403);
  EXPECT_EQ(send("POST", "/systems/noc/down", "{}", ann).status, 403);
  EXPECT_EQ(send("GET", "/orders", "", "0123").status, 401) << "a wrong token is nobody";
  EXPECT_EQ(send("GET", "/orders", "").status, 200) << "the local administrator";
  EXPECT_EQ(send("POST", "/sessions", R"({"user":"ann","password":"guessed-it"})").status, 401);
}

TEST_F(AccessApiTest, ARevokedGrantStopsAtOnceAndTheCacheIsRight) {
  change("/users", R"({"user":"bob","password":"opensesame"})");
  change("/grants/grant", R"({"profile":"night","resource":"queue","action":"read"})");
  change("/users/bob/assign", R"({"profile":"night"})");
  const std::string bob = signed_in("bob", "opensesame");
  EXPECT_EQ(send("GET", "/queues", "", bob).status, 200);
  change("/grants/revoke", R"({"profile":"night","resource":"queues","action":"read"})");
  EXPECT_EQ(send("GET", "/queues", "", bob).status, 403);
  const HttpAnswer verified = send("POST", "/verify?only=V-15", "{}");
  EXPECT_EQ(parse_json(verified.body).value().at("items").at(0).at("count").to_number<int>(), 0) << verified.body;
  change("/users/bob/remove", "{}");
  EXPECT_EQ(send("GET", "/queues", "", bob).status, 401);
}

TEST_F(AccessApiTest, WhoDidNotWaitIsHeardToo) {
  change("/users", R"({"user":"eve","password":"opensesame"})");
  change("/users/eve/assign", R"({"profile":"operator"})");
  const std::string eve = signed_in("eve", "opensesame");
  EXPECT_EQ(send("GET", "/tasks", "", eve).status, 200);
  EXPECT_EQ(send("POST", "/users/eve/unassign", R"({"profile":"operator"})").status, 202);
  EXPECT_TRUE(testing::wait_until([&] { return send("GET", "/tasks", "", eve).status == 403; }, 20'000));
}

TEST_F(AccessApiTest, WhatIsNoGrantIsRefusedAtTheDoor) {
  EXPECT_EQ(send("POST", "/grants/grant", R"({"profile":"night","resource":"weather","action":"read"})").status, 422);
  EXPECT_EQ(send("POST", "/users/nobody/assign", R"({"profile":"reader"})").status, 404);
  EXPECT_EQ(send("POST", "/users", R"({"user":"kim","password":"short"})").status, 422);
  EXPECT_EQ(send("GET", "/grants?user=nobody", "").status, 404);
}

TEST_F(AccessApiTest, ThePasswordStandsNowhereAndTheSameRequestTwiceIsOne) {
  const std::string body = R"({"user":"dan","password":"never-written"})";
  const HttpAnswer first = send("POST", "/users?wait=20s", body, "", "key-1"),
                   again = send("POST", "/users?wait=20s", body, "", "key-1");
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(again.body, first.body);
  const auto records = platform->queue().read("incoming", 0, 1, 1000);
  ASSERT_TRUE(records);
  int changes = 0;
  for (const auto& record : *records) {
    changes += record.value.find("\"dan\"") != std::string::npos;
    EXPECT_EQ(record.value.find("never-written"), std::string::npos);
  }
  EXPECT_EQ(changes, 1);
}

TEST_F(AccessApiTest, ReloadAndSignOut) {
  change("/users", R"({"user":"kim","password":"opensesame"})");
  change("/users/kim/assign", R"({"profile":"submitter"})");
  const std::string kim = signed_in("kim", "opensesame");
  EXPECT_EQ(send("POST", "/grants/reload", "{}", kim).status, 403);
  const HttpAnswer reloaded = send("POST", "/grants/reload", "{}");
  EXPECT_GT(parse_json(reloaded.body).value().at("loaded").to_number<int>(), 0) << reloaded.body;
  EXPECT_EQ(send("DELETE", "/sessions/current", "", kim).status, 200);
  EXPECT_EQ(send("GET", "/orders", "", kim).status, 401);
}

TEST_F(AccessApiTest, EveryRouteAsksForAGrant) {
  const auto paths = parse_json(send("GET", "/openapi.json", "").body).value().at("paths").as_object();
  int open = 0, guarded = 0;
  for (const auto& [path, methods] : paths)
    for (const auto& [method, operation] : methods.as_object()) ++(operation.at("security").as_array().empty() ? open : guarded);
  EXPECT_EQ(open, 5) << "signing in and out, who am I, the description, and callbacks, whose address is the secret";
  EXPECT_GE(guarded, 40);
}

TEST_F(AccessApiTest, WorkersShowTheirTokenAtTheirOwnAddress) {
  EXPECT_TRUE(workers_url.starts_with("http://127.0.0.2:")) << workers_url;
  const auto claim = [](const char* authorization) {
    HttpCall call{.method = "POST", .url = workers_url + "/tasks:claim"};
    call.body = R"({"worker":"w1","lane":"default","max":1,"waitMs":0})";
    if (*authorization != '\0') call.headers.emplace_back("Authorization", authorization);
    return HttpClient().call(call);
  };
  for (const char* wrong : {"", "opensesame", "Bearer ", "Bearer opensesam", "Bearer opensesame1"}) {
    EXPECT_EQ(claim(wrong).status, 401) << wrong;
    EXPECT_NE(claim(wrong).body.find("BS-5002"), std::string::npos) << claim(wrong).body;
  }
  EXPECT_EQ(claim("Bearer opensesame").status, 200);
}

}  // namespace
}  // namespace backstitch
