#include "demo/stray_orders.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "rules/catalog_json.h"

namespace backstitch::demo {
namespace {

const Time base{1'790'000'000'000'000};

/// A product that is staged at once and activated when its line starts; `effects` are those of the system.
CatalogPtr catalog_with(const std::string& effects, const std::string& after) {
  const auto catalog = parse_catalog_text(fmt::format(
      R"({{"format":"backstitch.catalog/1","source":"test","index":1,"attributes":[{{"key":"a"}}],)"
      R"("products":[{{"key":"P","kind":"commercial","attributes":["a"]}},{{"key":"T","kind":"technical","scope":"OrderItem"}}],)"
      R"("decomposition":[{{"key":"d","from":{{"product":"P"}},"to":"T","priority":1}}],)"
      R"("plans":[{{"key":"p","scope":"OrderItem","items":[{{"key":"stage","type":"callout","interface":"far.stage"}},)"
      R"({{"key":"activate","type":"manualTask","manualQueue":"q"{}}}]}}],)"
      R"("dependencies":[{{"item":"p/activate","dependsOn":"p/stage","scope":"OrderItem"}}],)"
      R"("scenarios":[{{"key":"s","for":{{"product":"T"}},"actions":["Add"],"plan":"p"}}],)"
      R"("systems":[{{"key":"far","url":"standin:keyed","effects":{},)"
      R"("interfaces":[{{"key":"stage","method":"POST","path":"/v1/stage","mode":"sync"}}]}}]}})",
      after, effects));
  EXPECT_TRUE(catalog) << catalog.error().text();
  return catalog.value_or(nullptr);
}

constexpr const char *tells = R"({"idempotent":true,"keyLifetime":"24h","lookup":true,"cancel":true})",
                     *waits = R"(,"processAfter":"$line.field.StartDate")";

TEST(StrayOrders, CallAtOnceAndThenWaitUntilTomorrow) {
  const auto strays = draw_stray_orders(*catalog_with(tells, waits), 1, base);
  ASSERT_TRUE(strays) << strays.error().text();
  ASSERT_EQ(strays->size(), strays_wanted);
  std::set<std::string> ids;
  for (const StrayOrder& stray : *strays) {
    ids.insert(stray.id);
    EXPECT_EQ(stray.system + " at " + stray.interface, "far at keyed");
    EXPECT_EQ(stray.product, "P");
    const auto sent = parse_json(stray.document), meant = parse_json(stray.again);
    ASSERT_TRUE(sent && meant);
    EXPECT_EQ(sent->at("source"), stray_source);
    EXPECT_EQ(meant->at("source"), again_source);
    EXPECT_EQ(sent->at("sourceOrderId"), meant->at("sourceOrderId")) << "the same business";
    EXPECT_EQ(sent->at("accountId"), meant->at("accountId"));
    const auto start = [](const auto& order) {
      return parse_rfc3339(boost::json::value_to<std::string>(order->at("items").at(0).at("fields").at("StartDate"))).value();
    };
    EXPECT_GT(start(sent), base.plus_ms(3'600'000));
    EXPECT_LT(start(meant), base);
  }
  EXPECT_EQ(ids.size(), strays_wanted);
}

TEST(StrayOrders, AreNoneWhereTheSystemCannotTellOrNothingWaits) {
  for (const auto& catalog : {catalog_with("{}", waits), catalog_with(tells, "")}) {
    const auto strays = draw_stray_orders(*catalog, 1, base);
    ASSERT_TRUE(strays) << strays.error().text();
    EXPECT_TRUE(strays->empty());
  }
}

}  // namespace
}  // namespace backstitch::demo
