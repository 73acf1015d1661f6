// The CRM org as any client of Salesforce's REST sees it: what was written outlives a kill, faults come as they were asked for,
// and a platform's updates are records like others. That the whole of it is right a client says that is not ours:
// tests/stores/jsforce_test.cpp.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/percent.h"
#include "harness.h"

namespace backstitch::standin_testing {
namespace {

class OrgApiTest : public testing::Test {
 protected:
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--data", scratch_ / "org"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    org_ = std::make_unique<StandIn>("standin-org", arguments);
  }
  HttpAnswer send(const std::string& method, const std::string& path, const std::string& body = {}) {
    return org_->send(method, "/services/data/v60.0" + path, body);
  }
  boost::json::array query(const std::string& soql, const std::string& verb = "query") {
    const auto answer = send("GET", "/" + verb + "?q=" + percent_encoded(soql));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? parse(answer.body).at("records").as_array() : boost::json::array();
  }
  std::string error_of(const HttpAnswer& answer) { return std::string(parse(answer.body).at(0).at("errorCode").as_string()); }

  Scratch scratch_;
  std::unique_ptr<StandIn> org_;
};

constexpr const char* draft =
    R"({"AccountId":"001bs0000000001AAA","EffectiveDate":"2026-11-23","Status":"Draft","ExternalId__c":"801A1"})";

TEST_F(OrgApiTest, WhatAClientWroteOutlivesAKill) {
  start();
  const auto made = parse(send("POST", "/sobjects/Order", draft).body);
  const std::string id(made.at("id").as_string());
  EXPECT_EQ(send("PATCH", "/sobjects/Order/" + id, R"({"Description":"call first"})").status, 204);
  const auto gone = parse(send("POST", "/sobjects/Account", R"({"Name":"Ann"})").body);
  EXPECT_EQ(send("DELETE", "/sobjects/Account/" + std::string(gone.at("id").as_string())).status, 204);
  const auto before = query("SELECT Id, Description, Status, SystemModstamp, CreatedDate FROM Order");
  org_->kill_hard();
  start();
  EXPECT_EQ(query("SELECT Id, Description, Status, SystemModstamp, CreatedDate FROM Order"), before);
  EXPECT_EQ(error_of(send("POST", "/sobjects/Order", draft)), "DUPLICATE_VALUE");
  EXPECT_TRUE(query("SELECT Id FROM Account").empty());
  EXPECT_EQ(query("SELECT Name FROM Account WHERE IsDeleted = true", "queryAll").size(), 1u);
}

TEST_F(OrgApiTest, WhatWasTakenBackIsNotThereAfterAKillEither) {
  start();
  const std::string both = std::string(R"({"allOrNone":true,"records":[{"attributes":{"type":"Account"},"Name":"Ann"},)") +
                           R"({"attributes":{"type":"Account"}}]})";
  const auto results = parse(send("POST", "/composite/sobjects", both).body).as_array();
  EXPECT_EQ(results.at(0).at("errors").at(0).at("statusCode").as_string(), "ALL_OR_NONE_OPERATION_ROLLED_BACK");
  org_->kill_hard();
  start();
  EXPECT_TRUE(query("SELECT Id FROM Account").empty());
}

TEST_F(OrgApiTest, AnUpdateOfThePlatformIsARecordLikeOthersAndTheirsStays) {
  start();
  ASSERT_EQ(send("POST", "/sobjects/Order", draft).status, 201);
  const auto upsert = [&](const std::string& version, const std::string& status) {
    return parse(send("PATCH", "/composite/sobjects/Order/ExternalId__c",
                      R"({"allOrNone":false,"records":[{"ExternalId__c":"801A1","Epoch__c":1,"Version__c":")" + version +
                          R"(","Status":")" + status + "\"}]}")
                     .body)
        .at(0)
        .as_object();
  };
  EXPECT_FALSE(upsert("7", "Activated").at("created").as_bool());
  EXPECT_EQ(upsert("6", "InProgress").at("errors").at(0).at("statusCode").as_string(), "FIELD_CUSTOM_VALIDATION_EXCEPTION");
  const auto record = org_->get_json("/orders/801A1");
  EXPECT_EQ(record.at("status").as_string(), "Activated");
  EXPECT_EQ(record.at("fields").at("EffectiveDate").as_string(), "2026-11-23");
  const auto summary = org_->get_json("/ledger/summary").at("records").at("Order");
  EXPECT_EQ(summary.at("applied").to_number<int>(), 1);
  // A person's change of another field is no update of the platform.
  ASSERT_EQ(send("PATCH", "/sobjects/Order/ExternalId__c/801A1", R"({"Description":"call first"})").status, 200);
  EXPECT_EQ(org_->get_json("/ledger/summary").at("records").at("Order").at("updates").to_number<int>(), 1);
}

TEST_F(OrgApiTest, FaultsComeAsTheyWereAskedFor) {
  start({"--limit-rate", "1"});
  EXPECT_EQ(send("GET", "/limits").status, 403);
  EXPECT_EQ(error_of(send("GET", "/limits")), "REQUEST_LIMIT_EXCEEDED");
  org_->kill_hard();
  start({"--away-rate", "1"});
  EXPECT_EQ(send("GET", "/limits").status, 503);
  org_->kill_hard();
  start({"--lock-rate", "1"});
  EXPECT_EQ(error_of(send("POST", "/sobjects/Account", R"({"Name":"Ann"})")), "UNABLE_TO_LOCK_ROW");
  org_->kill_hard();
  start({"--api-limit", "2"});
  EXPECT_EQ(send("GET", "/limits").status, 200);
  EXPECT_EQ(send("GET", "/limits").status, 200);
  EXPECT_EQ(error_of(send("GET", "/limits")), "REQUEST_LIMIT_EXCEEDED");
  org_->kill_hard();
  start({"--user", "sync@example.com"});
  EXPECT_EQ(error_of(send("GET", "/limits")), "INVALID_SESSION_ID");
}

}  // namespace
}  // namespace backstitch::standin_testing
