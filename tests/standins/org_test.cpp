// The CRM org: submits until acknowledged, never lets a state move backwards, and remembers both over kill -9.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <mutex>

#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "harness.h"

namespace backstitch::standin_testing {
namespace {

boost::json::object record(const std::string& type, const std::string& id, int epoch, int version, const std::string& status) {
  return {
      {"attributes", {{"type", type}}}, {"ExternalId__c", id}, {"Epoch__c", epoch}, {"Version__c", version}, {"Status", status}};
}

class OrgTest : public testing::Test {
 protected:
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--data", scratch_ / "org"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    org_ = std::make_unique<StandIn>("standin-org", arguments);
  }
  HttpAnswer patch(const boost::json::array& records, bool all_or_none = false) {
    return org_->send("PATCH", "/services/data/v60.0/composite/sobjects",
                      write_json(boost::json::object{{"allOrNone", all_or_none}, {"records", records}}),
                      {{"Authorization", "Bearer x"}});
  }
  boost::json::object patch_one(const boost::json::object& one) { return parse(patch({one}).body).as_array().at(0).as_object(); }
  std::string status_of(const std::string& id) { return std::string(org_->get_json("/orders/" + id).at("status").as_string()); }

  Scratch scratch_;
  std::unique_ptr<StandIn> org_;
};

TEST_F(OrgTest, AStaleUpdateIsSuccessAndChangesNothingAlsoAfterAKill) {
  start();
  EXPECT_TRUE(patch_one(record("Order", "ord_1", 1, 2, "InProgress")).at("created").as_bool());
  const auto stale = patch_one(record("Order", "ord_1", 1, 1, "Submitted"));
  EXPECT_TRUE(stale.at("success").as_bool());
  EXPECT_TRUE(stale.at("stale").as_bool());
  EXPECT_EQ(status_of("ord_1"), "InProgress");
  org_->kill_hard();
  start();
  EXPECT_EQ(status_of("ord_1"), "InProgress");
  EXPECT_FALSE(patch_one(record("Order", "ord_1", 2, 1, "Activated")).contains("stale"));
  EXPECT_EQ(status_of("ord_1"), "Activated");
  const auto summary = org_->get_json("/ledger/summary").at("records").at("Order");
  EXPECT_EQ(summary.at("updates").to_number<int>(), 3);
  EXPECT_EQ(summary.at("stale").to_number<int>(), 1);
  EXPECT_EQ(summary.at("byStatus").at("Activated").to_number<int>(), 1);
}

TEST_F(OrgTest, SpeaksCollectionsOfTwoHundredRecordsOfThreeTypes) {
  start();
  EXPECT_EQ(org_->send("POST", "/services/oauth2/token", "grant_type=x").status, 200);
  boost::json::array records;
  for (int n = 0; n < 200; ++n)
    records.push_back(record(n % 3 == 0 ? "Order" : n % 3 == 1 ? "OrderItem" : "Asset", "x" + std::to_string(n), 1, 1, "Active"));
  const auto answer = patch(records);
  EXPECT_EQ(answer.status, 200);
  const auto results = parse(answer.body).as_array();
  ASSERT_EQ(results.size(), 200u);
  for (const auto& result : results) EXPECT_TRUE(result.at("success").as_bool());
  EXPECT_EQ(org_->get_json("/records/Asset/x2").at("version").to_number<int>(), 1);
  records.push_back(record("Order", "x200", 1, 1, "Active"));
  EXPECT_EQ(patch(records).status, 400);
  EXPECT_EQ(patch({record("Order", "x0", 1, 2, "Active")}, true).status, 400);
  EXPECT_EQ(org_->get("/orders/x200").status, 404);
}

TEST_F(OrgTest, ABrokenRecordFailsAloneAndNamesItsField) {
  start();
  auto broken = record("Order", "ord_1", 1, 1, "Submitted");
  broken.erase("Version__c");
  const auto results = parse(patch({broken, record("Order", "ord_2", 1, 1, "Submitted")}).body).as_array();
  EXPECT_FALSE(results.at(0).at("success").as_bool());
  EXPECT_EQ(results.at(0).at("errors").at(0).at("fields").at(0).as_string(), "Version__c");
  EXPECT_TRUE(results.at(1).at("success").as_bool());
}

TEST_F(OrgTest, ALockedRowIsRefusedAloneAndPassesLater) {
  start({"--lock-rate", "0.5", "--seed", "3"});
  boost::json::array records;
  for (int n = 0; n < 50; ++n) records.push_back(record("Order", "ord_" + std::to_string(n), 1, 1, "Activated"));
  int locked = 0;
  for (int attempt = 0; attempt < 50 && !records.empty(); ++attempt) {
    const auto results = parse(patch(records).body).as_array();
    boost::json::array again;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].at("success").as_bool()) continue;
      EXPECT_EQ(results[i].at("errors").at(0).at("statusCode").as_string(), "UNABLE_TO_LOCK_ROW");
      again.push_back(records[i]);
    }
    locked += static_cast<int>(again.size());
    records = again;
  }
  EXPECT_TRUE(records.empty());
  EXPECT_GT(locked, 10);
  const auto summary = org_->get_json("/ledger/summary");
  EXPECT_EQ(summary.at("records").at("Order").at("applied").to_number<int>(), 50);
  EXPECT_EQ(summary.at("locked").to_number<int>(), locked);
}

TEST_F(OrgTest, AQueryListsWhatChangedSinceThenPageByPageAlsoOverAKill) {
  start();
  boost::json::array records;
  for (int n = 0; n < 200; ++n) records.push_back(record("Asset", "a" + std::to_string(n), 1, 1, "Active"));
  ASSERT_EQ(patch(records).status, 200);
  ASSERT_EQ(patch({record("Asset", "late", 1, 1, "Ended"), record("Order", "o", 1, 1, "Activated")}).status, 200);
  const std::string query =
      "/services/data/v60.0/query?q=SELECT%20Status,%20ExternalId__c,%20SystemModstamp%20FROM%20Asset%20WHERE%20SystemModstamp"
      "%20%3E%3D%202020-01-01T00:00:00.000Z%20ORDER%20BY%20SystemModstamp,%20Id";
  const auto first = parse(org_->send("GET", query, "", {{"Sforce-Query-Options", "batchSize=200"}}).body).as_object();
  EXPECT_EQ(first.at("totalSize").to_number<int>(), 201);
  EXPECT_FALSE(first.at("done").as_bool());
  EXPECT_EQ(first.at("records").as_array().size(), 200u);
  org_->kill_hard();
  start();
  const auto second = org_->get_json(std::string(first.at("nextRecordsUrl").as_string())).as_object();
  EXPECT_TRUE(second.at("done").as_bool());
  ASSERT_EQ(second.at("records").as_array().size(), 1u);
  EXPECT_EQ(second.at("records").at(0).at("Status").as_string(), "Ended");
  EXPECT_EQ(org_->get("/services/data/v60.0/query?q=SELEC%20Id%20FROM%20Order").status, 400);
  EXPECT_EQ(org_->get("/services/data/v60.0/query/0r8zz").status, 400);
}

/// A platform that loses the first answer for each order, is full for the second attempt, then acknowledges.
class MoodyPlatform {
 public:
  HttpResponse operator()(const HttpRequest& request) {
    EXPECT_EQ(request.path, "/api/v1/orders");
    std::lock_guard lock(mutex_);
    const std::string id(parse(request.body).at("sourceOrderId").as_string());
    bodies_[id] = request.body;
    switch (++attempts_[id]) {
      case 1: return {.drop_connection = true};
      case 2: return {.status = 429, .body = "{}", .headers = {{"Retry-After", "0"}}};
      default: break;
    }
    return id == "bad" ? HttpResponse{.status = 422, .body = "{}"}
                       : HttpResponse{.status = 202, .body = R"({"orderId":"ord_)" + id + "\"}"};
  }
  int attempts() {
    std::lock_guard lock(mutex_);
    int all = 0;
    for (const auto& [id, count] : attempts_) all += count;
    return all;
  }
  std::string body(const std::string& id) {
    std::lock_guard lock(mutex_);
    return bodies_[id];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> attempts_;
  std::map<std::string, std::string> bodies_;
};

TEST_F(OrgTest, SubmitsUntilAcknowledgedAndNotAgainAfterAKill) {
  MoodyPlatform moody;
  const auto platform = serve([&moody](const HttpRequest& request) { return moody(request); });
  write_all(scratch_ / "orders.jsonl", order_line("O1") + "\n" + order_line("bad") + "\n" + order_line("O2") + "\n");
  const std::vector<std::string> arguments{"--orders", scratch_ / "orders.jsonl", "--target", url_of(*platform)};
  start(arguments);
  const auto all_ended = [&] { return org_->get_json("/ledger/summary").at("orders").at("open").to_number<int>() == 0; };
  ASSERT_TRUE(wait_until(all_ended));
  const auto orders = org_->get_json("/ledger/summary").at("orders");
  EXPECT_EQ(orders.at("acknowledged").to_number<int>(), 2);
  EXPECT_EQ(orders.at("rejected").to_number<int>(), 1);
  EXPECT_EQ(orders.at("submissions").to_number<int>(), 9);
  EXPECT_EQ(moody.body("O1"), order_line("O1")) << "the body is sent byte for byte";
  const auto queried = [&] {
    const auto page = org_->get_json(
        "/services/data/v60.0/query?q=SELECT%20ExternalId__c,%20Status,%20SubmittedAt__c,%20SystemModstamp,%20Payload__c%20FROM"
        "%20Order%20WHERE%20SystemModstamp%20%3E%3D%202020-01-01T00:00:00.000Z%20ORDER%20BY%20SystemModstamp,%20Id");
    std::map<std::string, boost::json::object> orders_by_id;
    for (const auto& one : page.at("records").as_array())
      orders_by_id[std::string(one.at("ExternalId__c").as_string())] = one.as_object();
    return orders_by_id;
  };
  const auto before = queried();
  ASSERT_EQ(before.size(), 3u);
  EXPECT_EQ(before.at("O1").at("Status").as_string(), "Submitted");
  EXPECT_EQ(before.at("O1").at("SubmittedAt__c"), before.at("O1").at("SystemModstamp"));
  EXPECT_EQ(before.at("O1").at("Payload__c").at("sourceOrderId").as_string(), "O1");
  EXPECT_EQ(before.at("bad").at("Status").as_string(), "Rejected");
  EXPECT_TRUE(before.at("bad").at("SubmittedAt__c").is_null());
  EXPECT_EQ(org_->get("/orders/O1").status, 404) << "no update has said anything of it";
  org_->kill_hard();
  start(arguments);
  ASSERT_TRUE(wait_until(all_ended));
  EXPECT_EQ(moody.attempts(), 9);
  EXPECT_EQ(queried(), before);
  for (const auto& line : read_lines(scratch_ / "org/ledger.jsonl")) {
    if (line.at("kind") != "acknowledged") continue;
    EXPECT_EQ(line.at("sha256").as_string(), sha256_hex(order_line(std::string(line.at("sourceOrderId").as_string()))));
    EXPECT_EQ(line.at("answer").at("orderId").as_string().subview(0, 5), "ord_O");
  }
}

TEST_F(OrgTest, FindsTheRestartedPlatformByItsEndpointsFile) {
  const auto acknowledge = [](const HttpRequest&) { return HttpResponse{.status = 202, .body = "{}"}; };
  auto first = serve([](const HttpRequest&) { return HttpResponse{.status = 503, .body = "{}"}; });
  const auto write_endpoints = [&](const HttpServer& server) {
    write_all(scratch_ / "endpoints.json", write_json(boost::json::object{{"api", url_of(server)}}));
  };
  write_endpoints(*first);
  write_all(scratch_ / "orders.jsonl", order_line("O1") + "\n");
  start({"--orders", scratch_ / "orders.jsonl", "--target-file", scratch_ / "endpoints.json"});
  ASSERT_TRUE(wait_until([&] { return org_->get_json("/ledger/summary").at("orders").at("submissions").to_number<int>() >= 2; }));
  first.reset();
  const auto second = serve(acknowledge);
  write_endpoints(*second);
  EXPECT_TRUE(
      wait_until([&] { return org_->get_json("/ledger/summary").at("orders").at("acknowledged").to_number<int>() == 1; }));
}

}  // namespace
}  // namespace backstitch::standin_testing
