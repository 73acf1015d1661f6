// Whose field is whose, on the Salesforce adapter and the stand-in org: crm/fields.yaml.
#include <regex>
#include <set>

#include "salesforce_house.h"

namespace backstitch::servers {
namespace {

using crm::Delivered;

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
  settings.backoff.attempts_max = 60;
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

}  // namespace
}  // namespace backstitch::servers
