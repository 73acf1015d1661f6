// A whole platform whose CRM speaks Salesforce's REST: rows are locked there, limits are spent, the instance is away now and
// then, and a session ends every few requests. Every order's states arrive all the same, each in its last one.
#include <gtest/gtest.h>

#include "base/json.h"
#include "crm_org.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;

class OnSalesforce : public ::testing::Test {
 protected:
  void submit(int from, int to) {
    json::array orders;
    for (int i = from; i < to; ++i) orders.push_back(parse_json(order_text(fmt::format("S-{}", i), i, "VOUCHER")).value());
    const HttpAnswer taken = world.call("POST", "/api/v1/orders", write_json(json::object{{"orders", std::move(orders)}}));
    ASSERT_TRUE(taken.ok()) << taken.status << taken.body;
  }
  /// Orders in the org that stand as "Activated".
  int activated(const char* object) {
    return static_cast<int>(org.query(fmt::format("SELECT ExternalId__c FROM {} WHERE Status = 'Activated'", object)).size());
  }
  std::int64_t lag() { return world.get("/api/v1/status").at("crm").at("lag").to_number<std::int64_t>(); }

  CrmOrg org{{"--lock-rate", "0.1", "--limit-rate", "0.03", "--away-rate", "0.03", "--token-requests", "12", "--seed", "5"}};
  World world{{.config = org.config()}};
};

TEST_F(OnSalesforce, EveryOrderStandsInTheOrgAsItStandsHere) {
  constexpr int orders = 80;
  ASSERT_TRUE(world.start());
  submit(0, orders / 2);
  ASSERT_TRUE(testing::wait_until([&] { return activated("Order") > 0; }, 60'000));
  world.kill_platform();  // in the middle of telling it
  ASSERT_TRUE(world.start());
  submit(orders / 2, orders);
  ASSERT_TRUE(testing::wait_until([&] { return activated("Order") == orders; }, 60'000)) << activated("Order");
  ASSERT_TRUE(testing::wait_until([&] { return activated("OrderItem") == orders && lag() == 0; }, 60'000));
  const json::value order = org.record("Order", "S-7"), line = org.record("OrderItem", "S-7:1");
  ASSERT_TRUE(order.is_object() && line.is_object());
  EXPECT_EQ(order.at("Epoch__c").to_number<int>(), 1);
  const json::value told = parse_json(order.at("Payload__c").as_string()).value();
  EXPECT_EQ(told.at("sourceOrderId").as_string(), "S-7");
  EXPECT_EQ(json::value_to<std::string>(order.at("Version__c")), write_json(told.at("version")));
  EXPECT_EQ(org.query("SELECT ExternalId__c FROM Asset WHERE Status = 'Active'").size(), static_cast<std::size_t>(orders));
  const json::value summary = org.program().get_json("/ledger/summary");
  EXPECT_GT(summary.at("locked").to_number<int>(), 5) << "nothing was locked";
  for (const char* object : {"Order", "OrderItem", "Asset"})
    EXPECT_EQ(summary.at("records").at(object).at("differing").to_number<int>(), 0) << object;
}

}  // namespace
}  // namespace backstitch::e2e
