// The whole platform in one process, over HTTP, with its private PostgreSQL; the test plays the worker.
#include "api/platform.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/http_client.h"
#include "base/testing.h"
#include "rules/fixture.h"

namespace backstitch {
namespace {

namespace json = boost::json;

class PlatformTest : public ::testing::Test {
 protected:
  // One platform for all tests of this file: its cluster takes seconds to make.
  static void SetUpTestSuite() {
    scratch = new testing::ScratchFolder();
    Config config = load_config("").value();
    config.data = scratch->path() + "/data", config.partitions = 4;
    config.port = config.metrics_port = config.workers_port = 0;
    config.lanes = {{"default", {0, 1}}};  // no child processes: they would be this very program
    config.backup_every_ms = 0;
    auto started = Platform::start(config);
    ASSERT_TRUE(started.has_value()) << started.error().text();
    platform = started->release();
    const auto endpoints = parse_json(platform->endpoints_json()).value().as_object();
    for (const char* name : {"api", "workers", "metrics"}) urls[name] = std::string(endpoints.at(name).as_string());
    const HttpAnswer stored = post("/api/v1/catalog/versions", fixture::catalog_text("mini"));
    ASSERT_EQ(stored.status, 201) << stored.body;
    const std::string digest(parse_json(stored.body).value().at("digest").as_string());
    const HttpAnswer active = post("/api/v1/catalog/versions/" + digest + "/activate?wait=20s", "{}");
    ASSERT_EQ(active.status, 200) << active.body;
  }
  static void TearDownTestSuite() {
    if (platform) {
      platform->stop();
      EXPECT_TRUE(platform->callback_url("eff_1").starts_with(urls["api"] + "/")) << "a worker may still take a task";
      EXPECT_TRUE(platform->cluster().purge());
    }
    delete platform, delete scratch;
    platform = nullptr, scratch = nullptr;
  }

  static HttpAnswer send(const std::string& method, const std::string& url, const std::string& body,
                         const std::string& key = "") {
    HttpCall call;
    call.method = method, call.url = url, call.body = body;
    if (!key.empty()) call.headers = {{"Idempotency-Key", key}};
    return HttpClient().call(call);
  }
  static HttpAnswer get(const std::string& path) { return send("GET", urls["api"] + path, ""); }
  static HttpAnswer post(const std::string& path, const std::string& body, const std::string& key = "") {
    return send("POST", urls["api"] + path, body, key);
  }
  static json::object document(const HttpAnswer& answer) { return parse_json(answer.body).value().as_object(); }
  static std::string code(const HttpAnswer& answer) { return std::string(document(answer).at("code").as_string()); }
  static std::string order(const std::string& id, const std::string& product = "FIBER") {
    return R"({"source":"org1","sourceOrderId":")" + id + R"(","accountId":"A-1","items":[{"lineId":"1","product":")" + product +
           R"(","action":"Add","attributes":{"speed":500}}]})";
  }
  static std::string header(const HttpAnswer& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers)
      if (key == name) return value;
    return {};
  }
  /// Takes the next task as a worker does and answers it.
  static void work_one(const std::string& outcome) {
    const HttpAnswer claimed =
        send("POST", urls["workers"] + "/tasks:claim", R"({"worker":"w1","lane":"default","max":1,"waitMs":20000})");
    ASSERT_EQ(claimed.status, 200) << claimed.body;
    const auto tasks = document(claimed).at("tasks").as_array();
    ASSERT_EQ(tasks.size(), 1u);
    const std::string key(tasks[0].at("effectKey").as_string());
    const HttpAnswer marked = send("POST", urls["workers"] + "/tasks:mark", R"({"worker":"w1","keys":[")" + key + "\"]}");
    EXPECT_EQ(document(marked).at("marks").at(0).at("verdict").as_string(), "go") << marked.body;
    const HttpAnswer done = send("POST", urls["workers"] + "/tasks:answer",
                                 R"({"worker":"w1","answers":[{"key":")" + key + R"(","outcome":")" + outcome +
                                     R"(","code":"noc/1","response":{"circuitId":"C-1"}}]})");
    EXPECT_EQ(done.status, 200) << done.body;
  }
  static std::string state_of(const std::string& order_id) {
    const HttpAnswer answer = get("/api/v1/orders/" + order_id);
    return answer.status == 200 ? std::string(document(answer).at("state").as_string()) : "";
  }

  static inline testing::ScratchFolder* scratch = nullptr;
  static inline Platform* platform = nullptr;
  static inline std::map<std::string, std::string> urls;
};

TEST_F(PlatformTest, ReadyLiveAndMetrics) {
  EXPECT_TRUE(testing::wait_until([] { return send("GET", urls["metrics"] + "/ready", "").status == 200; }, 30'000));
  EXPECT_EQ(send("GET", urls["metrics"] + "/live", "").status, 200);
  const HttpAnswer metrics = send("GET", urls["metrics"] + "/metrics", "");
  for (const char* name : {"backstitch_epoch 1", "backstitch_queue_depth{queue=\"incoming\"}", "backstitch_archive_lag_records"})
    EXPECT_NE(metrics.body.find(name), std::string::npos) << name;
}

TEST_F(PlatformTest, OpenApiDescribesEveryRouteThereIs) {
  const auto paths = document(get("/api/v1/openapi.json")).at("paths").as_object();
  for (const char* path : {"/api/v1/orders", "/api/v1/orders/{id}", "/api/v1/plans/{id}/explain", "/api/v1/items/{id}/retry",
                           "/api/v1/tasks/{id}/claim", "/api/v1/systems", "/api/v1/queues/{name}", "/api/v1/catalog/versions",
                           "/api/v1/stores", "/api/v1/openapi.json"})
    EXPECT_TRUE(paths.contains(path)) << path;
  std::size_t operations = 0;
  for (const auto& [path, methods] : paths)
    for (const auto& [method, operation] : methods.as_object()) {
      ++operations;
      EXPECT_FALSE(operation.at("summary").as_string().empty()) << path;
    }
  EXPECT_GE(operations, 30u);
}

TEST_F(PlatformTest, OrderIsReceivedOnceAndGoesThrough) {
  const HttpAnswer first = post("/api/v1/orders", order("P1"));
  ASSERT_EQ(first.status, 202) << first.body;
  const std::string id(document(first).at("orderId").as_string());
  EXPECT_EQ(header(first, "location"), "/api/v1/orders/" + id);
  const HttpAnswer again = post("/api/v1/orders", order("P1"));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(document(again).at("orderId").as_string(), id);
  const HttpAnswer conflict = post("/api/v1/orders", order("P1", "TV"));
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(code(conflict), "BS-3102");
  work_one("done");  // provision
  work_one("done");  // test
  EXPECT_TRUE(testing::wait_until([&] { return state_of(id) == "Activated"; }, 30'000)) << state_of(id);
  EXPECT_EQ(get("/api/v1/orders/" + id + "/events").status, 200);
  EXPECT_EQ(get("/api/v1/orders/" + id + "/decomposition").status, 200);
  EXPECT_NE(get("/api/v1/assets?account=A-1").body.find("FIBER"), std::string::npos);
}

TEST_F(PlatformTest, WrongOrdersAreProblemsWithAllFaults) {
  const HttpAnswer unknown = post("/api/v1/orders", order("P2", "COPPER"));
  EXPECT_EQ(unknown.status, 422);
  EXPECT_EQ(header(unknown, "content-type"), "application/problem+json");
  ASSERT_EQ(document(unknown).at("errors").as_array().size(), 1u);
  EXPECT_EQ(document(unknown).at("errors").at(0).at("pointer").as_string(), "/items/0/product");
  EXPECT_EQ(post("/api/v1/orders", "{\"source\":").status, info(Code::json_invalid).http);
  EXPECT_EQ(get("/api/v1/orders/P2?source=org1").status, 404);
  const HttpAnswer batch = post("/api/v1/orders", "{\"orders\":[" + order("P3") + "," + order("P4", "COPPER") + "]}");
  ASSERT_EQ(batch.status, 207) << batch.body;
  const auto results = document(batch).at("results").as_array();
  EXPECT_EQ(results.at(0).at("httpStatus").to_number<int>(), 202);
  EXPECT_EQ(results.at(1).at("httpStatus").to_number<int>(), 422);
  work_one("done"), work_one("done");  // P3's, so that no task is left to the next test
}

TEST_F(PlatformTest, RefusedCallIsRetriedByAnOperatorOnce) {
  const std::string id(document(post("/api/v1/orders", order("P5"))).at("orderId").as_string());
  work_one("refused");
  std::string item;
  ASSERT_TRUE(testing::wait_until(
      [&] {
        const auto items = document(get("/api/v1/tasks")).at("items").as_array();
        if (items.empty()) return false;
        item = std::string(items.at(0).at("itemId").as_string());
        return true;
      },
      30'000))
      << get("/api/v1/tasks").body;
  const HttpAnswer first = post("/api/v1/items/" + item + "/retry?wait=20s", R"({"actor":"ann"})", "key-1");
  EXPECT_EQ(first.status, 200) << first.body;
  work_one("done"), work_one("done");
  ASSERT_TRUE(testing::wait_until([&] { return state_of(id) == "Activated"; }, 30'000)) << state_of(id);
  // The answer was lost, the client asks again: the first result, though the item has gone on since.
  const HttpAnswer again = post("/api/v1/items/" + item + "/retry?wait=20s", R"({"actor":"ann"})", "key-1");
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(post("/api/v1/items/" + item + "/retry", R"({"actor":"ann"})", "key-2").status, 409);
  EXPECT_EQ(post("/api/v1/items/itm_00000000000000000000000000/retry", "{}").status, 404);
}

TEST_F(PlatformTest, ItemsAreMarkedFatallyFailedInOneCall) {
  const std::string id(document(post("/api/v1/orders", order("P6"))).at("orderId").as_string());
  ASSERT_TRUE(testing::wait_until([&] { return state_of(id) == "InProgress"; }, 30'000));
  std::string running;
  const auto stored = platform->database().stored_order(*OrderId::parse(id));
  for (const auto& item : stored->items)
    if (item.state == ItemState::running) running = item.id.text();
  ASSERT_FALSE(running.empty());
  const std::string list = "[\"" + running + R"(","itm_00000000000000000000000000","nonsense"])";
  const auto dry = document(post("/api/v1/items/mark-fatally-failed", R"({"dryRun":true,"items":)" + list + "}"));
  EXPECT_EQ(dry.at("items").at(0).at("before").as_string(), "Running");
  EXPECT_EQ(dry.at("items").at(0).at("after").as_string(), "FatallyFailed");
  EXPECT_EQ(dry.at("items").at(0).at("state").as_string(), "would-apply");
  EXPECT_EQ(dry.at("unknown").to_number<int>(), 2);
  EXPECT_EQ(post("/api/v1/items/mark-fatally-failed", R"({"items":)" + list + "}").status, info(Code::reason_missing).http);
  const auto done = document(post("/api/v1/items/mark-fatally-failed", R"({"reason":"restored","items":)" + list + "}"));
  EXPECT_EQ(done.at("applied").to_number<int>(), 1) << write_json(done);
  EXPECT_EQ(done.at("items").at(0).at("after").as_string(), "FatallyFailed");
  const auto again = document(post("/api/v1/items/mark-fatally-failed", R"({"reason":"restored","items":)" + list + "}"));
  EXPECT_EQ(again.at("applied").to_number<int>(), 0);
  EXPECT_EQ(again.at("refused").to_number<int>(), 1) << "it is so already";
  // The worker still has its task; what it answers now is not waited for.
  work_one("done");
  EXPECT_EQ(post("/api/v1/items/" + running + "/complete?wait=20s", R"({"reason":"done by phone"})").status, 200);
  work_one("done");
  EXPECT_TRUE(testing::wait_until([&] { return state_of(id) == "Activated"; }, 30'000)) << state_of(id);
}

TEST_F(PlatformTest, DrainOnlyWithForceAndTheEvidenceStaysThere) {
  EXPECT_EQ(code(post("/api/v1/queues/schedule/drain", "{}")), "BS-4108");
  EXPECT_EQ(code(post("/api/v1/queues/incoming/drain", R"({"force":true})")), "BS-4108");
  const auto dry = document(post("/api/v1/queues/completer/drain", R"({"dryRun":true,"label":"try"})"));
  EXPECT_GT(dry.at("records").to_number<int>(), 0);
  EXPECT_FALSE(platform->safe().get("evidence/try/completer.json").has_value());
  const HttpAnswer done = post("/api/v1/queues/completer/drain", R"({"force":true,"label":"try"})");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_FALSE(document(done).at("moved").as_bool()) << "completer is the shards' to read";
  EXPECT_TRUE(platform->safe().get("evidence/try/completer.jsonl").has_value());
  const HttpAnswer crm = post("/api/v1/queues/order_orderitems/drain", R"({"force":true,"label":"try"})");
  ASSERT_EQ(crm.status, 200) << crm.body;
  EXPECT_TRUE(document(crm).at("moved").as_bool());
  const auto positions = platform->database().crm_positions();
  const auto topic = platform->queue().topic("order_orderitems");
  for (const auto& end : topic->partitions) EXPECT_EQ(positions->at(end.partition), end.end);
}

TEST_F(PlatformTest, InventorySheetOfEvidenceEqualsTheRows) {
  EXPECT_EQ(document(post("/api/v1/inventory/check", "{}")).at("ok").as_bool(), true);
  const auto rows = document(get("/api/v1/inventory/sheet")), evidence = document(get("/api/v1/inventory/sheet?evidence=true"));
  EXPECT_EQ(rows.at("from").as_string(), "rows");
  EXPECT_EQ(evidence.at("from").as_string(), "evidence");
  EXPECT_FALSE(rows.at("items").as_array().empty());
  EXPECT_EQ(write_json(rows.at("items")), write_json(evidence.at("items")));
}

TEST_F(PlatformTest, OrdersOfAWindowAreListedByClass) {
  ASSERT_LT(post("/api/v1/orders", order("P1")).status, 300);  // there already, unless this test runs alone
  const auto listed = [] { return get("/api/v1/recovery/window?from=10m").body; };
  const auto has_it = [&] { return listed().find(R"("class":"L1","subject":"org1 P1 1")") != std::string::npos; };
  EXPECT_TRUE(testing::wait_until(has_it)) << listed();
  for (const char* bad : {"", "?from=10m&to=20m"}) EXPECT_EQ(get(std::string("/api/v1/recovery/window") + bad).status, 400);
}

TEST_F(PlatformTest, WorkersCatalogsAndLateAnswersAreListed) {
  const auto workers = document(get("/api/v1/workers"));
  EXPECT_TRUE(workers.at("ok").as_bool()) << write_json(workers);
  ASSERT_TRUE(platform->database().store_desired_workers({{"default", 0, 7}}));
  EXPECT_FALSE(document(get("/api/v1/workers")).at("asConfigured").as_bool());
  EXPECT_TRUE(document(post("/api/v1/workers/reconstruct", "{}")).at("ok").as_bool());
  EXPECT_TRUE(document(get("/api/v1/workers")).at("asConfigured").as_bool());
  const auto first = document(post("/api/v1/catalog/resync", R"({"dryRun":true})"));
  EXPECT_EQ(first.at("items").at(0).at("objects").as_string(), "missing");
  EXPECT_FALSE(first.at("ok").as_bool());
  EXPECT_TRUE(document(post("/api/v1/catalog/resync", "{}")).at("ok").as_bool());
  const auto again = document(post("/api/v1/catalog/resync", "{}"));
  EXPECT_EQ(again.at("written").to_number<int>(), 0) << "there is nothing more to write";
  ASSERT_TRUE(platform->queue().append(
      {{.topic = "completer",
        .partition = 0,
        .key = "A-1",
        .schema = "completer.answer/1",
        .value =
            R"({"itemId":"itm_00000000000000000000000001","effectKey":"eff_00000000000000000000000001.1","outcome":"done"})"}}));
  EXPECT_TRUE(testing::wait_until([&] { return !document(get("/api/v1/items/late")).at("items").as_array().empty(); }, 30'000));
  const auto late = document(get("/api/v1/items/late"));
  EXPECT_EQ(late.at("items").at(0).at("value").at("outcome").as_string(), "done") << write_json(late);
}

TEST_F(PlatformTest, ACallbackIsReceivedByWhoeverKnowsItsAddressAndListedWhenNoItemTakesIt) {
  const std::string key = "eff_00000000000000000000000007.1", body = R"({"outcome":"done","code":"noc/200","response":{"b":7}})";
  const std::string url = platform->callback_url(key);
  ASSERT_TRUE(url.starts_with(urls["api"] + "/api/v1/callbacks/" + key + ".")) << url;
  EXPECT_EQ(send("POST", url, body).status, 404) << "no such call was ever marked";
  ASSERT_TRUE(platform->queue().append({{.topic = "completer",
                                         .partition = 0,
                                         .key = "A-1",
                                         .schema = "completer.mark/1",
                                         .value = R"({"itemId":"itm_00000000000000000000000007","effectKey":")" + key + "\"}",
                                         .claim = key,
                                         .mode = queue::ClaimMode::first_only}}));
  const HttpAnswer received = send("POST", url, body);
  EXPECT_EQ(received.status, 202) << received.body;
  EXPECT_EQ(document(send("POST", url, body)).at("repeats").as_string(), "duplicate");
  EXPECT_EQ(send("POST", url.substr(0, url.size() - 1) + "x", body).status, 404) << "who does not know the address may not";
  EXPECT_EQ(send("POST", url, "{}").status, 422);
  const auto listed = [](const char* state) {
    return document(get(std::string("/api/v1/callbacks?state=") + state)).at("items").as_array();
  };
  EXPECT_TRUE(testing::wait_until([&] { return listed("late").size() == 1 && listed("duplicate").size() == 1; }, 30'000));
  EXPECT_EQ(listed("late").at(0).at("subject").as_string(), "itm_00000000000000000000000007");
  EXPECT_EQ(listed("late").at(0).at("value").at("response").at("b").to_number<int>(), 7);
}

TEST_F(PlatformTest, FolderIsTakenWhileItRuns) {
  Config config = platform->config();
  const auto second = Platform::start(config);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::already_running);
}

}  // namespace
}  // namespace backstitch
