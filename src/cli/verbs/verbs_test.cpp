// Verbs against a platform that answers what the test wants.
#include "cli/verbs/verbs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>

#include "base/json.h"
#include "base/testing.h"
#include "cli/testing.h"

namespace backstitch::cli {
namespace {

using testing::FakePlatform;
using testing::json_reply;
using testing::run_verb;

constexpr const char* order_document = R"({"source":"org1","sourceOrderId":"801A1","version":1,"accountId":"A-1",)"
                                       R"("items":[{"lineId":"1","product":"FIBER","action":"Add","quantity":1}]})";

TEST(OrderVerbs, ListPassesItsFiltersAndTellsOfMore) {
  FakePlatform platform([](const HttpRequest&) {
    return json_reply(
        200,
        R"({"items":[{"id":"ord_1","sourceOrderId":"801A1","version":1,"accountId":"A-1","state":"Failed"}],"next":"ord_1"})");
  });
  const auto answer = run_verb({"order", "list", "--state", "Failed", "--limit", "1", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(platform.requests().at(0).query_value("state"), "Failed");
  EXPECT_EQ(platform.requests().at(0).query_value("limit"), "1");
  EXPECT_NE(answer->text.find("ord_1  801A1"), std::string::npos) << answer->text;
  ASSERT_EQ(answer->notices.size(), 1u);
  EXPECT_EQ(answer->notices[0], "there is more: --cursor ord_1");
}

TEST(OrderVerbs, SubmitSendsTheBytesAsTheyAre) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(202, R"({"status":"received","orderId":"ord_1"})"); });
  const backstitch::testing::ScratchFolder folder;
  const std::string text = std::string(" ") + order_document + "\n";
  ASSERT_TRUE(write_file_durably(folder / "order.json", text));
  const auto answer = run_verb({"order", "submit", folder / "order.json", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(platform.requests().at(0).body, text);
  EXPECT_EQ(answer->text, "ord_1 received\n");
}

TEST(OrderVerbs, SubmitWaitsForTheEnd) {
  std::atomic<int> asked{0};
  FakePlatform platform([&](const HttpRequest& request) {
    if (request.method == "POST") return json_reply(202, R"({"orderId":"ord_1"})");
    const int count = ++asked;
    if (count == 1) return problem_response({Code::order_not_found, "not decided yet", {}});
    return json_reply(200, count == 2 ? R"({"state":"InProgress"})" : R"({"state":"Activated"})");
  });
  const backstitch::testing::ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "order.json", order_document));
  const auto answer = run_verb({"order", "submit", folder / "order.json", "--wait", "20s", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->text, "ord_1 Activated\n");
  EXPECT_EQ(answer->exit_status, 0);
  EXPECT_EQ(asked, 3);
}

TEST(OrderVerbs, AWrongOrderIsNotSent) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(202, "{}"); });
  const backstitch::testing::ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "orders.json", std::string("[") + order_document + R"(,{"source":"org1"}])"));
  const auto answer = run_verb({"order", "submit", folder / "orders.json", "--server", platform.url()});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::order_invalid);
  ASSERT_FALSE(answer.error().faults.empty());
  EXPECT_TRUE(answer.error().faults[0].pointer.starts_with("/orders/1/")) << answer.error().faults[0].pointer;
  EXPECT_TRUE(platform.requests().empty());
}

TEST(OrderVerbs, ABatchWithARefusedOrderIsNotDone) {
  FakePlatform platform([](const HttpRequest&) {
    return json_reply(
        207, R"({"results":[{"httpStatus":202,"result":{}},{"httpStatus":409,"error":{"code":"BS-3102","detail":"used"}}]})");
  });
  const backstitch::testing::ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "orders.json", fmt::format("{{\"orders\":[{0},{0}]}}", order_document)));
  const auto answer = run_verb({"order", "submit", folder / "orders.json", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->exit_status, 1);
  EXPECT_EQ(answer->text, "order 2: BS-3102 used\n1 of 2 orders received\n");
}

TEST(Commands, AreAwaitedUntilApplied) {
  std::atomic<int> asked{0};
  FakePlatform platform([&](const HttpRequest& request) {
    if (request.method == "POST") return json_reply(202, R"({"commandId":"cmd_1","state":"received"})");
    if (++asked == 1) return problem_response({Code::command_not_found, "not yet", {}});
    return json_reply(200, R"({"id":"cmd_1","state":"applied"})");
  });
  const auto answer = run_verb({"item", "complete", "itm_1", "--reason", "by phone", "--set", "port=7", "--set", "name=x", "--as",
                                "ann", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  const auto body = parse_json(platform.requests().at(0).body);
  ASSERT_TRUE(body);
  EXPECT_EQ(write_json(*body), R"({"actor":"ann","reason":"by phone","attributes":{"port":7,"name":"x"}})");
  EXPECT_EQ(platform.requests().at(0).path, "/api/v1/items/itm_1/complete");
  EXPECT_EQ(asked, 2);
}

TEST(Commands, RefusedIsAnErrorWithItsCode) {
  FakePlatform platform([](const HttpRequest&) {
    return json_reply(200, R"({"id":"cmd_1","state":"refused","code":"BS-3301","detail":"the item is Completed"})");
  });
  const auto answer = run_verb({"item", "retry", "itm_1", "--server", platform.url()});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::item_transition);
  EXPECT_EQ(answer.error().detail, "the item is Completed");
}

TEST(Commands, TimeOutOnlyWhenThePersonAskedToWait) {
  FakePlatform platform([](const HttpRequest& request) {
    if (request.method == "POST") return json_reply(202, R"({"commandId":"cmd_1"})");
    return problem_response({Code::command_not_found, "not yet", {}});
  });
  const auto waited = run_verb({"task", "claim", "itm_1", "--wait", "100ms", "--server", platform.url()});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, Code::timed_out);
  const auto left = run_verb({"task", "claim", "itm_1", "--wait", "0", "--server", platform.url()});
  ASSERT_TRUE(left) << left.error().text();
  EXPECT_EQ(left->notices.size(), 1u);
}

TEST(Commands, DryRunSendsNothing) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(202, "{}"); });
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"item", "fail", "itm_1", "--reason", "x"}, std::vector<std::string>{"system", "down", "noc"},
        std::vector<std::string>{"backup", "create"}, std::vector<std::string>{"catalog", "activate", "4c1f"}}) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {"--dry-run", "--server", platform.url()});
    const auto answer = run_verb(all);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->schema, "dry-run/1");
    EXPECT_TRUE(parse_json(answer->data)) << answer->data;
  }
  EXPECT_TRUE(platform.requests().empty());
}

TEST(Commands, AReasonIsRequiredBeforeAnythingIsSent) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(202, "{}"); });
  EXPECT_EQ(run_verb({"item", "complete", "itm_1", "--server", platform.url()}).error().code, Code::reason_missing);
  EXPECT_TRUE(platform.requests().empty());
}

TEST(Verify, ExitStatusSaysWhetherEverythingHolds) {
  std::string body =
      R"({"items":[{"id":"V-1","title":"t","owner":"engine","count":0,"rows":[]},{"id":"V-2","count":2,"rows":[{"item":"i"}]}]})";
  FakePlatform platform([&](const HttpRequest&) { return json_reply(200, body); });
  const auto violated = run_verb({"verify", "--server", platform.url()});
  ASSERT_TRUE(violated) << violated.error().text();
  EXPECT_EQ(violated->exit_status, 1);
  EXPECT_NE(violated->text.find(R"(V-2  {"item":"i"})"), std::string::npos) << violated->text;
  body = R"({"items":[{"id":"V-1","count":0}]})";
  EXPECT_EQ(run_verb({"verify", "--server", platform.url()})->exit_status, 0);
  body = R"({"ok":true})";  // an answer without a single check proves nothing
  EXPECT_EQ(run_verb({"verify", "--server", platform.url()}).error().code, Code::defect);
}

TEST(Stores, HealthIsMergedByName) {
  FakePlatform platform([](const HttpRequest&) {
    return json_reply(200, R"({"items":[{"name":"incoming","healthy":false,"detail":"disk full"}]})");
  });
  const auto answer = run_verb({"stores", "explain", "queue-incoming", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_NE(answer->text.find("health      not ok disk full"), std::string::npos) << answer->text;
  const auto unknown = run_verb({"stores", "explain", "queue-incomming", "--server", platform.url()});
  EXPECT_NE(unknown.error().detail.find("did you mean \"queue-incoming\""), std::string::npos) << unknown.error().detail;
}

TEST(Queue, ExportStopsAtTheEndThatWasNoted) {
  FakePlatform platform([](const HttpRequest& request) {
    if (request.path == "/api/v1/queues") return json_reply(200, R"({"items":[],"next":null})");
    if (request.path == "/api/v1/queues/incoming")
      return json_reply(200, R"({"name":"incoming","partitions":[{"partition":0,"begin":"3","end":"5"}]})");
    // one record more than was there when the export began
    return json_reply(
        200, R"({"items":[{"partition":0,"offset":"3"},{"partition":0,"offset":"4"},{"partition":0,"offset":"5"}],"next":"6"})");
  });
  const backstitch::testing::ScratchFolder folder;
  const auto answer = run_verb({"queue", "export", "incoming", "--output", folder / "out.jsonl", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(read_file(folder / "out.jsonl").value(), "{\"partition\":0,\"offset\":\"3\"}\n{\"partition\":0,\"offset\":\"4\"}\n");
  EXPECT_EQ(platform.requests().back().query_value("from"), "3");
  EXPECT_EQ(run_verb({"queue", "export", "incoming", "--json", "--server", platform.url()}).error().code, Code::usage);
}

}  // namespace
}  // namespace backstitch::cli
