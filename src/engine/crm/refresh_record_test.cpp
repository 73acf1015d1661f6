#include "engine/crm/refresh_record.h"

#include "engine/crm/held.h"
#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using namespace fixture;

class RefreshRecord : public ::testing::Test {
 protected:
  void SetUp() override { engine.submit(one_line, "O1", R"({"PoNumber":"1"})"); }

  /// `more` begins with a comma.
  void refresh(const std::string& more, std::int64_t modified_s = 1'000, const std::string& type = "Order") {
    engine.feed(Log::incoming, crm_refresh_schema,
                fmt::format(R"({{"commandId":"{}","actor":"ann","accountId":"A-1","type":"{}","externalId":"{}","orderId":"{}",)"
                            R"("modifiedAt":"{}"{}}})",
                            CommandId{Bits128{7, ++commands_}}.text(), type, type == "Order" ? "O1" : "O1:1",
                            engine.tables.keys.at("O1").text(), rfc3339(Time{modified_s * 1'000'000}), more));
  }
  const OrderWork& order() { return *engine.work.find_order(engine.tables.keys.at("O1")); }
  std::string told() const {
    std::string out;
    for (const CrmUpdate& update : engine.effects.crm) out += update.body + "\n";
    return out;
  }

  Engine engine{catalog_with(callout("a"))};

 private:
  std::uint64_t commands_ = 0;
};

TEST_F(RefreshRecord, TheirsIsTakenOverAndNobodyIsToldOfIt) {
  refresh(R"(,"fields":{"Description":"call first","PoNumber":"2"},"differences":[])");
  EXPECT_EQ(engine.last_command().state, "applied");
  EXPECT_EQ(text_of(held_value(order().order, "", "fields.PoNumber")), "2") << "decisions see it";
  EXPECT_EQ(told(), "");
  EXPECT_NE(engine.events().find(R"("e":"CrmFieldTaken","record":"O1","field":"PoNumber","crm":{"before":"1","after":"2"})"),
            std::string::npos)
      << engine.events();
  engine.restart();
  EXPECT_EQ(text_of(held_value(order().order, "", "fields.Description")), "call first");
}

TEST_F(RefreshRecord, OursIsSaidAgainAndFromThenOnEachTime) {
  const Time before = order().changed_at;
  refresh(R"(,"lineId":"1","fields":{},"differences":[{"ours":"quantity","field":"quantity","held":"1","found":"7"}])", 1'000,
          "OrderItem");
  EXPECT_NE(told().find(R"("lineId":"1","state":"InProgress","quantity":1})"), std::string::npos) << told();
  EXPECT_GT(order().changed_at, before) << "a later place than what the CRM holds";
  engine.restart();
  engine.answer("a", CallOutcome::done);
  EXPECT_NE(told().find(R"("state":"Activated","quantity":1})"), std::string::npos) << told();
}

TEST_F(RefreshRecord, AStateThatDiffersIsToldAsItStandsHere) {
  refresh(R"(,"fields":{},"differences":[{"ours":"state","field":"Status","held":"InProgress","found":"Activated"}])");
  EXPECT_NE(told().find(R"("state":"InProgress"})"), std::string::npos) << told();
  EXPECT_EQ(engine.order_state(), OrderState::in_progress) << "what the CRM says of a state is never ours";
}

TEST_F(RefreshRecord, AnEarlierReadingChangesNothing) {
  refresh(R"(,"fields":{"PoNumber":"3"},"differences":[])", 2'000);
  refresh(R"(,"fields":{"PoNumber":"2"},"differences":[{"ours":"state","field":"Status","held":"a","found":"b"}])", 1'000);
  EXPECT_EQ(engine.last_command().state, "duplicate");
  EXPECT_EQ(text_of(held_value(order().order, "", "fields.PoNumber")), "3");
  EXPECT_EQ(told(), "");
}

TEST_F(RefreshRecord, WhatNamesNothingOfOursIsRefused) {
  refresh(R"(,"lineId":"9","fields":{"PoNumber":"3"},"differences":[])", 1'000, "OrderItem");
  EXPECT_EQ(engine.last_command().state, "refused");
  EXPECT_EQ(engine.last_command().code, "BS-3103");
  refresh(R"(,"fields":{}})");
  EXPECT_EQ(engine.last_command().state, "refused");
}

}  // namespace
}  // namespace backstitch
