// A platform that has its catalog from the CRM: brought by itself, delta by delta; an order that was made with a newer one waits.
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "crm_org.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;

class CatalogOfTheCrm : public ::testing::Test {
 protected:
  void put(const std::string& object, const std::string& id, const json::object& fields) {
    org.work("PATCH", "/sobjects/" + object + "/ExternalId__c/" + id, write_json(fields));
  }
  void publish(int index, const json::array& changes) {
    put("CatalogDelta__c", std::to_string(index), {{"Index__c", index}, {"Changes__c", write_json(changes)}});
  }
  /// The catalog of the chaos world, as people of the CRM made it.
  void fill_the_crm() {
    const std::string text = read_file(std::string(CATALOGS_FOLDER) + "/chaos/catalog.json").value_or("");
    const json::object catalog = parse_json(text).value().as_object();
    int number = 0;
    for (const auto& [section, list] : catalog) {
      if (!list.is_array()) continue;
      for (const json::value& definition : list.get_array()) {
        const auto* key = definition.as_object().if_contains("key");
        const std::string name = key ? json::value_to<std::string>(*key)
                                     : json::value_to<std::string>(definition.at("item")) + ">" +
                                           json::value_to<std::string>(definition.at("dependsOn"));
        const std::string id = "E" + std::to_string(++number);
        if (section == "products")
          put("Product2", id, {{"Name", name}, {"ProductCode", name}, {"Definition__c", write_json(definition)}});
        else
          put("CatalogEntity__c", id, {{"Section__c", section}, {"Key__c", name}, {"Definition__c", write_json(definition)}});
      }
    }
    publish(1, {});
  }
  HttpAnswer submit(const std::string& id, const std::string& product, int index) {
    std::string text = order_text(id, 1, product);
    text.insert(1, fmt::format("\"catalogIndex\":{},", index));
    return world.call("POST", "/api/v1/orders", text);
  }
  std::string catalog_of(const std::string& id) {
    const json::value order = world.get("/api/v1/orders/" + id + "?source=test");
    return order.is_object() ? json::value_to<std::string>(order.at("catalogDigest")) : "";
  }

  CrmOrg org{{"--away-rate", "0.05", "--token-requests", "15", "--seed", "3"}};
  World world{{.catalog = "", .config = org.config()}};
};

TEST_F(CatalogOfTheCrm, IsBroughtByItselfAndNobodyStartsOnAnOlderOne) {
  fill_the_crm();
  ASSERT_TRUE(world.start());
  ASSERT_TRUE(testing::wait_until([&] { return submit("O-1", "VOUCHER", 1).status == 202; }, 60'000)) << "nothing was brought";
  ASSERT_TRUE(world.await_state("O-1", "Activated"));
  const HttpAnswer early = submit("O-2", "COUPON", 2);
  EXPECT_EQ(early.status, 503) << early.body;
  EXPECT_NE(early.body.find("catalog index 2, here is 1"), std::string::npos) << early.body;
  const json::object coupon{{"key", "COUPON"}, {"kind", "commercial"}};
  put("Product2", "E-coupon", {{"Name", "COUPON"}, {"ProductCode", "COUPON"}, {"Definition__c", write_json(coupon)}});
  publish(2, {json::object{{"section", "products"}, {"key", "COUPON"}, {"definition", coupon}}});
  ASSERT_TRUE(testing::wait_until([&] { return submit("O-2", "COUPON", 2).status == 202; }, 60'000)) << "it waits for ever";
  ASSERT_TRUE(world.await_state("O-2", "Activated"));
  EXPECT_NE(catalog_of("O-1"), catalog_of("O-2")) << "each keeps the version that it started with";
  EXPECT_FALSE(catalog_of("O-1").empty());
  const json::value last = world.get("/api/v1/catalog/sync");
  EXPECT_EQ(last.at("result").at("kind"), "delta") << write_json(last);
  const HttpAnswer full = world.call("POST", "/api/v1/catalog/sync", R"({"full":true})");
  EXPECT_EQ(parse_json(full.body).value().at("kind"), "none") << "whole it is the same: " << full.body;
  const HttpAnswer stores = world.call("POST", "/api/v1/catalog/resync", R"({"dryRun":true})");
  EXPECT_EQ(parse_json(stores.body).value().at("ok"), true) << "one version in safe, database and objects: " << stores.body;
}

}  // namespace
}  // namespace backstitch::e2e
