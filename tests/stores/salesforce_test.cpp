// The Salesforce adapter beyond its contract: sessions, what passes by itself, whose field is whose, and what the change lists
// add.
#include <regex>
#include <set>

#include "base/net/http_client.h"
#include "base/signature.h"
#include "salesforce_house.h"

namespace backstitch::servers {
namespace {

using crm::Delivered;
namespace json = boost::json;

crm::Update order(const std::string& id, std::uint64_t version, const std::string& state = "InProgress") {
  return {"Order", id, state, fmt::format(R"({{"type":"order","state":"{}"}})", state), 1, version};
}
std::vector<crm::Update> orders(int count, std::uint64_t version = 1) {
  std::vector<crm::Update> out;
  for (int i = 0; i < count; ++i) out.push_back(order(fmt::format("801-{}", i), version));
  return out;
}
std::unique_ptr<crm::Crm> open(const crm::SalesforceSettings& settings) {
  auto opened = crm::open_salesforce_crm(settings);
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
  return std::move(*opened);
}
int delivered(const Result<std::vector<crm::DeliveryResult>>& results) {
  EXPECT_TRUE(results) << (results ? "" : results.error().text());
  return results ? static_cast<int>(std::count_if(results->begin(), results->end(),
                                                  [](const auto& result) { return result.state == Delivered::ok; }))
                 : -1;
}
/// A person or a program at work in the CRM: what it answers.
json::value in_the_crm(const OrgOnASocket& org, const std::string& method, const std::string& path,
                       const std::string& body = {}) {
  HttpClient http;
  json::object claims{
      {"iss", "backstitch"}, {"sub", "sync@example.com"}, {"aud", org.url()}, {"exp", wall_clock().ms() / 1000 + 100}};
  const std::string text = base64url(R"({"alg":"RS256"})") + "." + base64url(write_json(claims));
  HttpCall login{.method = "POST", .url = org.url() + "/services/oauth2/token"};
  login.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  login.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + text + "." +
               base64url(sign_rs256(key_pair().private_pem, text).value());
  const auto token = parse_json(http.call(login).body).value();
  HttpCall call{.method = method, .url = org.url() + "/services/data/v60.0" + path, .body = body};
  call.headers = {{"Authorization", "Bearer " + std::string(token.at("access_token").as_string())}};
  auto answer = http.call(call);
  // A person tries again, too.
  for (int tries = 0; tries < 50 && !answer.ok() && answer.status != 404; ++tries) {
    const auto again = parse_json(http.call(login).body).value();
    call.headers = {{"Authorization", "Bearer " + std::string(again.at("access_token").as_string())}};
    answer = http.call(call);
  }
  EXPECT_TRUE(answer.ok()) << answer.status << answer.body;
  return answer.body.empty() ? json::value(nullptr) : parse_json(answer.body).value();
}
std::string field(const OrgOnASocket& org, const std::string& id, const char* name) {
  const auto fields = org.org->fields_of("Order", id);
  EXPECT_TRUE(fields) << id;
  const auto* value = fields ? fields->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

// ---- sessions ----------------------------------------------------------------------------------------------------------

TEST(SalesforceSession, LogsInOnceForManyCalls) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  for (std::uint64_t version = 1; version <= 5; ++version) EXPECT_EQ(delivered(crm->deliver(orders(2, version))), 2);
  EXPECT_EQ(org.asked("/oauth2/"), 1u);
}

TEST(SalesforceSession, IsTakenUpAgainWhenItHasEnded) {
  OrgOnASocket org({}, 3);
  const auto crm = open(org.settings());
  for (std::uint64_t version = 1; version <= 6; ++version) EXPECT_EQ(delivered(crm->deliver(orders(2, version))), 2);
  EXPECT_GE(org.asked("/oauth2/"), 4u);
  EXPECT_EQ(field(org, "801-1", "Version__c"), "6");
}

TEST(SalesforceSession, AFreshOneThatIsRefusedIsAnErrorAndNoLoop) {
  OrgOnASocket org;
  org.before = [](HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path.find("/oauth2/") != std::string::npos) return std::nullopt;
    return HttpResponse{.status = 401, .body = R"([{"errorCode":"INVALID_SESSION_ID","message":"no"}])"};
  };
  const auto refused = open(org.settings())->deliver(orders(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::crm_login);
  EXPECT_EQ(org.asked("/oauth2/"), 2u);
}

TEST(SalesforceSession, ALoginThatIsRefusedSaysWhy) {
  OrgOnASocket org;
  const auto refused = [&](auto change, const std::string& word) {
    crm::SalesforceSettings settings = org.settings();
    change(settings);
    const auto results = open(settings)->deliver(orders(1));
    ASSERT_FALSE(results) << word;
    EXPECT_EQ(results.error().code, Code::crm_login) << results.error().text();
    EXPECT_NE(results.error().text().find(word), std::string::npos) << results.error().text();
  };
  refused([](auto& settings) { settings.private_key_pem = key_pair(1).private_pem; }, "invalid assertion");
  refused([](auto& settings) { settings.client_id = "another"; }, "client identifier invalid");
  refused([](auto& settings) { settings.user = "nobody@example.com"; }, "approved");
  refused([](auto& settings) { settings.audience = "https://other.example"; }, "audience");
}

TEST(SalesforceSession, OpensWithAUsableKeyAndAWholeTableAlone) {
  OrgOnASocket org;
  crm::SalesforceSettings settings = org.settings();
  settings.private_key_pem = "-----BEGIN PRIVATE KEY-----\nnone\n";
  EXPECT_EQ(crm::open_salesforce_crm(settings).error().code, Code::config_invalid);
  settings = org.settings();
  std::erase_if(settings.fields.line.rules, [](const auto& rule) { return rule.ours == "version"; });
  EXPECT_EQ(crm::open_salesforce_crm(settings).error().code, Code::config_invalid);
  settings = org.settings();
  settings.fields.asset.rules.front().owner = crm::Owner::crm;
  EXPECT_EQ(crm::open_salesforce_crm(settings).error().code, Code::config_invalid);
}

// ---- what passes by itself ---------------------------------------------------------------------------------------------

TEST(SalesforceFaults, LockedRowsAreTriedAgainInsideAndAloneAndInOrder) {
  OrgOnASocket org({.seed = 3, .lock_rate = 0.4});
  crm::SalesforceSettings settings = org.settings();
  settings.backoff.attempts = 40;
  const auto results = open(settings)->deliver(orders(450));
  EXPECT_EQ(delivered(results), 450);
  EXPECT_GT(org.org->faults().locked(), 100);
  EXPECT_EQ(org.asked("PATCH") > 3, true);
}

TEST(SalesforceFaults, SpentLimitsAndAnInstanceThatIsAwayAreWaitedFor) {
  OrgOnASocket org({.seed = 5, .limit_rate = 0.3, .away_rate = 0.2});
  crm::SalesforceSettings settings = org.settings();
  settings.backoff.attempts = 60;
  const auto crm = open(settings);
  for (std::uint64_t version = 1; version <= 4; ++version) EXPECT_EQ(delivered(crm->deliver(orders(5, version))), 5);
  const auto changed = crm->changed_since(Time{wall_clock().us - 3'600'000'000});
  ASSERT_TRUE(changed) << changed.error().text();
  EXPECT_EQ(changed->size(), 5u);
}

TEST(SalesforceFaults, ALimitThatStaysIsAnErrorThatMayComeAgain) {
  OrgOnASocket org({}, 0, 2);
  const auto crm = open(org.settings());
  EXPECT_EQ(delivered(crm->deliver(orders(1))), 1);
  const auto results = crm->deliver(orders(1, 2));
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().code, Code::crm_failed);
  EXPECT_NE(results.error().text().find("REQUEST_LIMIT_EXCEEDED"), std::string::npos);
  EXPECT_TRUE(info(results.error().code).retryable);
}

// ---- whose field is whose ----------------------------------------------------------------------------------------------

TEST(SalesforceFields, TheirsAreNeverWritten) {
  OrgOnASocket org;
  in_the_crm(org, "POST", "/sobjects/Account", R"({"Name":"Ann"})");
  in_the_crm(
      org, "POST", "/sobjects/Order",
      R"({"AccountId":"001","EffectiveDate":"2026-11-23","Status":"Draft","Description":"call first","ExternalId__c":"801A1"})");
  EXPECT_EQ(delivered(open(org.settings())->deliver({order("801A1", 7, "Activated")})), 1);
  EXPECT_EQ(field(org, "801A1", "Status"), "Activated");
  EXPECT_EQ(field(org, "801A1", "Description"), "call first");
  EXPECT_EQ(field(org, "801A1", "EffectiveDate"), "2026-11-23");
  const auto written = parse_json(org.last_body("PATCH")).value().at("records").at(0).as_object();
  std::set<std::string> names;
  for (const auto& [name, value] : written) names.insert(std::string(name));
  EXPECT_EQ(names, (std::set<std::string>{"attributes", "ExternalId__c", "Status", "Epoch__c", "Version__c", "Payload__c"}));
}

TEST(SalesforceFields, AnEchoOfOurselvesIsNotWrittenAgain) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  EXPECT_EQ(delivered(crm->deliver(orders(3, 5))), 3);
  EXPECT_EQ(org.asked("PATCH"), 1u);
  EXPECT_EQ(delivered(crm->deliver(orders(3, 5))), 3);
  EXPECT_EQ(delivered(crm->deliver(orders(3, 4))), 3);
  EXPECT_EQ(org.asked("PATCH"), 1u);
  EXPECT_EQ(delivered(crm->deliver({order("801-0", 5), order("801-1", 6), order("801-2", 4)})), 3);
  EXPECT_EQ(org.asked("PATCH"), 2u);
  EXPECT_EQ(parse_json(org.last_body("PATCH")).value().at("records").as_array().size(), 1u);
}

TEST(SalesforceFields, TheOrgItselfRefusesAnOlderPlaceThatCameBetween) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  // Behind our look and before our write, somebody of a later epoch was here.
  org.before = [&](HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.method != "PATCH") return std::nullopt;
    HttpRequest other = request;
    other.body = std::regex_replace(request.body, std::regex(R"("Epoch__c":1)"), R"("Epoch__c":2)");
    other.body = std::regex_replace(other.body, std::regex("InProgress"), "Activated");
    EXPECT_EQ(org.org->handle(other).status, 200);
    return std::nullopt;
  };
  const auto results = crm->deliver({order("801A1", 9)});
  ASSERT_TRUE(results) << results.error().text();
  EXPECT_EQ(results->at(0).state, Delivered::ok) << "overtaken, as if the look had seen it";
  EXPECT_EQ(field(org, "801A1", "Status"), "Activated");
}

TEST(SalesforceFields, WhatAnotherRuleOfTheOrgRefusesStaysRefused) {
  OrgOnASocket org;
  org.org->faults().answer("801A1", standin::ApiFault{400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "a rule of theirs", {}});
  const auto results = open(org.settings())->deliver({order("801A1", 9)});
  ASSERT_TRUE(results) << results.error().text();
  EXPECT_EQ(results->at(0).state, Delivered::refused);
}

TEST(SalesforceFields, ParentsComeBeforeChildrenAndResultsInTheOrderOfTheUpdates) {
  OrgOnASocket org;
  std::vector<std::string> objects;
  org.before = [&](HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.method == "PATCH") objects.push_back(request.path);
    return std::nullopt;
  };
  org.org->faults().answer("801A1:1", standin::ApiFault{400, "FIELD_INTEGRITY_EXCEPTION", "no", {}});
  const auto results = open(org.settings())
                           ->deliver({{"Asset", "A-1/FIBER", "Active", "{}", 1, 1},
                                      {"OrderItem", "801A1:1", "Activated", "{}", 1, 1},
                                      order("801A1", 1)});
  ASSERT_TRUE(results) << results.error().text();
  EXPECT_EQ(results->at(0).state, Delivered::ok);
  EXPECT_EQ(results->at(1).state, Delivered::refused);
  EXPECT_EQ(results->at(2).state, Delivered::ok);
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_NE(objects[0].find("/Order/"), std::string::npos);
  EXPECT_NE(objects[1].find("/OrderItem/"), std::string::npos);
  EXPECT_NE(objects[2].find("/Asset/"), std::string::npos);
}

/// A hundred records that somebody changed in the CRM while the window lay open, each in a field of another owner; then the net
/// state of a recovery's epoch comes, over locked rows, spent limits and sessions that end, with a ghost of the old epoch behind
/// it.
class ARecovery : public ::testing::Test {
 protected:
  static constexpr int records = 100;
  /// Ours are every second one; of theirs there are different ones in each object.
  static const char* changed_field(const std::string& type, int i) {
    if (i % 2 == 0) return "Status";
    if (i % 4 == 1) return "Description";
    return type == "Order" ? "PoNumber" : type == "OrderItem" ? "ServiceDate" : "SerialNumber";
  }
  static std::string type_of(int i) { return i % 3 == 0 ? "Order" : i % 3 == 1 ? "OrderItem" : "Asset"; }
  static std::vector<crm::Update> told(std::uint64_t epoch, std::uint64_t version, const std::string& state) {
    std::vector<crm::Update> out;
    for (int i = 0; i < records; ++i)
      out.push_back(
          {type_of(i), fmt::format("r{}", i), state, fmt::format(R"({{"n":{},"state":"{}"}})", i, state), epoch, version});
    return out;
  }
  void change_in_the_crm() {
    for (int i = 0; i < records; ++i) {
      const std::string path = fmt::format("/sobjects/{}/ExternalId__c/r{}", type_of(i), i);
      in_the_crm(org, "PATCH", path, fmt::format(R"({{"{}":"changed there"}})", changed_field(type_of(i), i)));
    }
  }
  std::string stands(int i, const std::string& name) {
    const auto fields = org.org->fields_of(type_of(i), fmt::format("r{}", i));
    const auto* value = fields ? fields->if_contains(name) : nullptr;
    return value && value->is_string() ? std::string(value->get_string()) : "";
  }
  OrgOnASocket org{{.seed = 7, .lock_rate = 0.2, .limit_rate = 0.1, .away_rate = 0.1}, 4};
};

TEST_F(ARecovery, LeavesEachFieldAsItsOwnerSays) {
  crm::SalesforceSettings settings = org.settings();
  settings.backoff.attempts = 60;
  const auto crm = open(settings);
  ASSERT_EQ(delivered(crm->deliver(told(1, 5, "InProgress"))), records);
  change_in_the_crm();
  ASSERT_EQ(delivered(crm->deliver(told(2, 1, "Activated"))), records);
  ASSERT_EQ(delivered(crm->deliver(told(1, 9, "InProgress"))), records) << "a ghost of the epoch before";
  int right = 0;
  const crm::FieldTable table = field_table();
  for (int i = 0; i < records; ++i) {
    const std::string changed = changed_field(type_of(i), i);
    for (const crm::FieldRule& rule : table.of(type_of(i)).rules) {
      if (rule.field != changed) continue;
      const std::string expected = rule.owner == crm::Owner::crm ? "changed there" : "Activated";
      right += stands(i, changed) == expected && stands(i, "Status") == "Activated" ? 1 : 0;
    }
  }
  EXPECT_EQ(right, records);
  const auto listed = crm->changed_since(Time{wall_clock().us - 600'000'000});
  ASSERT_TRUE(listed) << listed.error().text();
  EXPECT_EQ(listed->size(), static_cast<std::size_t>(records));
  for (const crm::Record& record : *listed) EXPECT_EQ(record.epoch, 2u);
}

// ---- changes -----------------------------------------------------------------------------------------------------------

TEST(SalesforceChanges, ADeletedOneIsNamedAsDeleted) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  const Time since{wall_clock().us - 1'000'000};
  EXPECT_EQ(delivered(crm->deliver(orders(2))), 2);
  const auto id = in_the_crm(org, "GET", "/sobjects/Order/ExternalId__c/801-0").at("Id").as_string();
  in_the_crm(org, "DELETE", "/sobjects/Order/" + std::string(id));
  const auto changed = crm->changed_since(since);
  ASSERT_TRUE(changed) << changed.error().text();
  std::map<std::string, std::string> states;
  for (const auto& record : *changed) states[record.external_id] = record.state;
  EXPECT_EQ(states, (std::map<std::string, std::string>{{"801-0", "Deleted"}, {"801-1", "InProgress"}}));
}

TEST(SalesforceChanges, WhoeverTheListsNameAndTheQueryDoesNotIsRead) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  const Time since{wall_clock().us - 1'000'000};
  EXPECT_EQ(delivered(crm->deliver(orders(3))), 3);
  // A transaction that ended while we read: the query by time knew nothing of its record yet.
  org.before = [&](HttpRequest& request) -> std::optional<HttpResponse> {
    const std::string query(request.query_value("q"));
    if (query.find("ORDER BY") == std::string::npos || query.find("FROM Order ") == std::string::npos) return std::nullopt;
    auto page = parse_json(org.org->handle(request).body).value().as_object();
    page["records"].as_array().erase(page["records"].as_array().begin());
    page["totalSize"] = 2;
    return HttpResponse{.body = write_json(page)};
  };
  const auto changed = crm->changed_since(since);
  ASSERT_TRUE(changed) << changed.error().text();
  EXPECT_EQ(changed->size(), 3u);
}

TEST(SalesforceChanges, TheWindowIsWidenedToWholeMinutesAndReachesThirtyDaysBack) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  std::vector<std::pair<Time, Time>> windows;
  org.before = [&](HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path.ends_with("/updated") || request.path.ends_with("/deleted"))
      windows.emplace_back(parse_rfc3339(request.query_value("start")).value(),
                           parse_rfc3339(request.query_value("end")).value());
    return std::nullopt;
  };
  const Time since{wall_clock().us - 600'123'456};
  ASSERT_TRUE(crm->changed_since(since));
  ASSERT_EQ(windows.size(), 6u);
  for (const auto& [begin, end] : windows) {
    EXPECT_EQ(begin.us % 60'000'000, 0);
    EXPECT_EQ(end.us % 60'000'000, 0);
    EXPECT_LE(begin, since);
    EXPECT_GT(begin.us, since.us - 60'000'000);
    EXPECT_GE(end.us, since.us + 600'000'000);
  }
  windows.clear();
  ASSERT_TRUE(crm->changed_since(Time{1'000'000}));
  ASSERT_EQ(windows.size(), 6u);
  for (const auto& [begin, end] : windows) EXPECT_GT(begin.us, wall_clock().us - 30ll * 24 * 3600 * 1'000'000);
}

}  // namespace
}  // namespace backstitch::servers
