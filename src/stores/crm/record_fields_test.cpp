#include "stores/crm/record_fields.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::crm {
namespace {

ObjectFields fields() {
  return {"Order",
          "Key__c",
          {{"state", "Status", Owner::crm_until_submitted},
           {"epoch", "Epoch__c", Owner::us, FieldKind::number},
           {"version", "Version__c", Owner::us},
           {"body", "Payload__c", Owner::us},
           {"body.source", "Source__c", Owner::crm},
           {"body.n", "Number__c", Owner::us, FieldKind::number},
           {"body.deep", "Deep__c", Owner::us},
           {"fields.Description", "Description", Owner::crm},
           {"quantity", "Quantity", Owner::crm_until_submitted, FieldKind::number}}};
}
boost::json::object entry(const std::string& text) { return parse_json(text).value().as_object(); }

TEST(SalesforceRecord, HoldsWhatIsOursAndSaidAndNothingElse) {
  const Update update{"Order", "O'1", "Activated", R"({"source":"crm","n":3,"deep":{"a":1}})", 2, 18'000'000'000'000'000'000ull};
  EXPECT_EQ(
      write_json(record_of(update, fields())),
      R"({"attributes":{"type":"Order"},"Key__c":"O'1","Status":"Activated","Epoch__c":2,"Version__c":"18000000000000000000",)"
      R"("Payload__c":"{\"source\":\"crm\",\"n\":3,\"deep\":{\"a\":1}}","Number__c":3,"Deep__c":"{\"a\":1}"})");
}

TEST(SalesforceRecord, HoldsWhatAnUpdateSaysBesideOnceItWasFoundToDiffer) {
  ObjectFields more = fields();
  more.rules.push_back({"requestedAt", "EffectiveDate", Owner::crm_until_submitted, FieldKind::date});
  more.rules.push_back({"account", "AccountId", Owner::crm_until_submitted});
  more.rules.push_back({"fields.Channel", "Channel__c", Owner::us});
  const std::string body =
      R"({"quantity":7,"accountId":"A-1","requestedAt":"2026-11-23T05:21:00Z","fields":{"Channel":"web","Description":"x"}})";
  const auto record = record_of({"Order", "O1", "Activated", body, 1, 1}, more);
  EXPECT_EQ(record.at("Quantity"), 7);
  EXPECT_EQ(record.at("AccountId"), "A-1");
  EXPECT_EQ(record.at("EffectiveDate"), "2026-11-23");
  EXPECT_EQ(record.at("Channel__c"), "web");
  EXPECT_FALSE(record.contains("Description")) << "that is theirs";
}

TEST(SalesforceRecord, TellsTheirsApartFromOursThatNoUpdateSays) {
  const auto record = read_record("Order",
                                  entry(R"({"Key__c":"O1","Description":"call first","Quantity":3,"Source__c":"crm",)"
                                        R"("SystemModstamp":"2026-11-23T05:21:00.250+0000"})"),
                                  fields());
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->theirs, R"({"fields.Description":"call first"})");
  EXPECT_EQ(record->untold, R"({"quantity":3})");
}

TEST(SalesforceRecord, IsReadAsItStands) {
  const auto record =
      read_record("Order",
                  entry(R"({"Key__c":"O1","Status":"Activated","Epoch__c":2.0,"Version__c":"17","Payload__c":"{\"n\":3}",)"
                        R"("IsDeleted":false,"SystemModstamp":"2026-11-23T05:21:00.250+0000"})"),
                  fields());
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->record.epoch, 2u);
  EXPECT_EQ(record->record.version, 17u);
  EXPECT_EQ(record->record.body, R"({"n":3})");
  EXPECT_EQ(rfc3339(record->record.modified_at), "2026-11-23T05:21:00.250000Z");
  EXPECT_EQ(read_record("Order", entry(R"({"Key__c":"O1"})"), fields()).error().code, Code::crm_failed);
}

TEST(SalesforceRecord, ADifferenceIsAFieldOfOursThatDoesNotHoldWhatWeSent) {
  const std::string sent = R"("Epoch__c":1,"Payload__c":"{\"state\":\"InProgress\",\"n\":3,\"source\":\"crm\"}")";
  EXPECT_TRUE(
      differences(entry("{" + sent + R"(,"Status":"InProgress","Number__c":3,"Source__c":"x","Description":"y"})"), fields())
          .empty());
  const auto found = differences(entry("{" + sent + R"(,"Status":"Draft","Number__c":4})"), fields());
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].field, "Status");
  EXPECT_EQ(found[0].sent, "InProgress");
  EXPECT_EQ(found[0].found, "Draft");
  EXPECT_EQ(found[1].found, "4");
  EXPECT_TRUE(differences(entry(R"({"Epoch__c":0,"Status":"Draft","Payload__c":"{\"state\":\"x\"}"})"), fields()).empty())
      << "nothing was sent";
  EXPECT_TRUE(differences(entry(R"({"Epoch__c":1,"Status":"Draft","Payload__c":null})"), fields()).empty());
}

TEST(SalesforceQueries, QuoteTextAndWriteTimes) {
  EXPECT_EQ(soql_text(R"(O'Neil \ "x")"), R"('O\'Neil \\ "x"')");
  EXPECT_EQ(soql_time(Time{1'800'000'000'123'456}), "2027-01-15T08:00:00.123Z");
}

}  // namespace
}  // namespace backstitch::crm
