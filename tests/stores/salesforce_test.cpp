// The Salesforce adapter beyond its contract: sessions, what passes by itself, whose field is whose, and what the change lists
// add.
#include <map>

#include "salesforce_house.h"

namespace backstitch::servers {
namespace {

using crm::Delivered;

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
  settings.backoff.attempts_max = 40;
  const auto results = open(settings)->deliver(orders(450));
  EXPECT_EQ(delivered(results), 450);
  EXPECT_GT(org.org->faults().locked(), 100);
  EXPECT_EQ(org.asked("PATCH") > 3, true);
}

TEST(SalesforceFaults, SpentLimitsAndAnInstanceThatIsAwayAreWaitedFor) {
  OrgOnASocket org({.seed = 5, .limit_rate = 0.3, .away_rate = 0.2});
  crm::SalesforceSettings settings = org.settings();
  settings.backoff.attempts_max = 60;
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

TEST(SalesforceChanges, AListThatBreaksOffIsAnError) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  EXPECT_EQ(delivered(crm->deliver(orders(3))), 3);
  org.before = [&](HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.query_value("q").find("FROM Order ") == std::string_view::npos) return std::nullopt;
    auto page = parse_json(org.org->handle(request).body).value().as_object();
    page["records"].as_array().pop_back();
    return HttpResponse{.body = write_json(page)};
  };
  const auto changed = crm->changed_since(Time{wall_clock().us - 1'000'000});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::crm_failed);
  EXPECT_NE(changed.error().text().find("2 records of 3"), std::string::npos) << changed.error().text();
}

TEST(SalesforceChanges, WhatIsCoveredIsWhatTheOrgSaysIsAndNoMore) {
  OrgOnASocket org;
  const auto crm = open(org.settings());
  EXPECT_EQ(delivered(crm->deliver(orders(1))), 1);
  const Time since{wall_clock().us - 600'000'000}, before = wall_clock();
  const auto all = crm::read_changes(*crm, since);
  ASSERT_TRUE(all) << all.error().text();
  EXPECT_GE(all->covered.us, before.us - 1'000'000);
  // A long transaction somewhere on the instance: the lists of one object stand still.
  const Time still{wall_clock().us / 60'000'000 * 60'000'000 - 300'000'000};
  org.before = [&](HttpRequest& request) -> std::optional<HttpResponse> {
    if (!request.path.ends_with("OrderItem/deleted")) return std::nullopt;
    auto list = parse_json(org.org->handle(request).body).value().as_object();
    list["latestDateCovered"] = rfc3339(still);
    return HttpResponse{.body = write_json(list)};
  };
  const auto less = crm::read_changes(*crm, since);
  ASSERT_TRUE(less) << less.error().text();
  EXPECT_EQ(less->covered.us, still.us);
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
