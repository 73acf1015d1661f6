#include "demo/asset_orders.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "rules/catalog_json.h"

namespace backstitch::demo {
namespace {

/// A product that is staged, of which the inventory keeps the circuit; the request names `value` of it.
CatalogPtr catalog_that_asks(const std::string& value, const std::string& actions) {
  const auto catalog = parse_catalog_text(fmt::format(
      R"({{"format":"backstitch.catalog/1","source":"test","index":1,"products":[{{"key":"P","kind":"commercial"}},)"
      R"({{"key":"T","kind":"technical","scope":"OrderItem","inventory":true}}],)"
      R"("decomposition":[{{"key":"d","from":{{"product":"P"}},"to":"T","priority":1}}],)"
      R"("plans":[{{"key":"p","scope":"OrderItem","items":[{{"key":"stage","type":"callout","interface":"far.stage",)"
      R"("request":{{"account":"$order.accountId","what":"{}"}},"response":{{"$line.attribute.circuit":"$.circuitId"}},)"
      R"("serviceRecord":["circuit"]}},)"
      R"({{"key":"activate","type":"manualTask","manualQueue":"q","processAfter":"$line.field.StartDate"}}]}}],)"
      R"("dependencies":[{{"item":"p/activate","dependsOn":"p/stage","scope":"OrderItem"}}],)"
      R"("scenarios":[{{"key":"s","for":{{"product":"T"}},"actions":[{}],"plan":"p"}}],)"
      R"("systems":[{{"key":"far","url":"standin:keyed","effects":{{"idempotent":true,"keyLifetime":"24h","lookup":true,)"
      R"("cancel":true}},"interfaces":[{{"key":"stage","method":"POST","path":"/v1/stage","mode":"sync"}}]}}]}})",
      value, actions));
  EXPECT_TRUE(catalog) << catalog.error().text();
  return catalog.value_or(nullptr);
}

constexpr const char *kept = "$line.attribute.circuit", *all_actions = R"("Add","NoChange","Disconnect")";

StrayOrder stray_of(const Catalog& catalog) {
  const auto strays = draw_stray_orders(catalog, 1, Time{1'790'000'000'000'000});
  EXPECT_TRUE(strays && !strays->empty());
  return strays && !strays->empty() ? strays->front() : StrayOrder();
}

TEST(AssetOrders, EndTheAssetAndAddItByItsReference) {
  const StrayOrder like = stray_of(*catalog_that_asks(kept, all_actions));
  const Asset asset{"R-1", "A-7", "P", {{"a", 1}}};
  const auto end = parse_json(order_to_end(like, asset)), back = parse_json(order_back(like, asset));
  ASSERT_TRUE(end && back);
  EXPECT_EQ(end->at("source"), stray_source);
  EXPECT_EQ(back->at("source"), again_source);
  EXPECT_EQ(end->at("items").at(0).at("action"), "Disconnect");
  EXPECT_EQ(back->at("items").at(0).at("action"), "Add");
  for (const auto& order : {*end, *back}) {
    EXPECT_EQ(order.at("accountId"), "A-7");
    EXPECT_EQ(order.at("fields"), parse_json(like.document)->at("fields")) << "they choose the system";
    EXPECT_LT(order.at("requestedAt").as_string(), parse_json(like.document)->at("requestedAt").as_string())
        << "people take it first";
    EXPECT_EQ(order.at("items").at(0).at("assetRef"), "R-1");
    EXPECT_EQ(order.at("items").at(0).at("attributes"), (boost::json::object{{"a", 1}}));
  }
}

TEST(AssetOrders, AskOtherwiseWhereTheRequestNamesWhatTheInventoryKeeps) {
  const auto asks = [](const CatalogPtr& catalog) { return asks_otherwise_when_there(*catalog, stray_of(*catalog)).value(); };
  EXPECT_TRUE(asks(catalog_that_asks(kept, all_actions)));
  EXPECT_FALSE(asks(catalog_that_asks("$product.key", all_actions))) << "the same words whether it is there or not";
  EXPECT_FALSE(asks(catalog_that_asks(kept, R"("Add","Disconnect")"))) << "what is there is not called for";
  EXPECT_FALSE(asks(catalog_that_asks(kept, R"("Add","NoChange")"))) << "nobody is told of its end";
}

}  // namespace
}  // namespace backstitch::demo
