#include "rules/compose.h"

#include <gtest/gtest.h>

#include <set>

#include "rules/decompose.h"
#include "rules/explain.h"
#include "rules/fixture.h"

namespace backstitch {
namespace {

using fixture::id_of;
using fixture::order_of;
using Names = std::vector<std::string>;

std::string line(const std::string& id, const std::string& product, const std::string& more = "") {
  return "{\"lineId\":\"" + id + "\",\"product\":\"" + product + "\",\"action\":\"Add\"" + more + "}";
}

struct Composed {
  Decomposition parts;
  PlanGraph plan;
  Names names() const {
    Names out;
    for (const PlanItem& item : plan.items) out.push_back(item_name(item));
    return out;
  }
  Names before(const std::string& name) const {
    Names out;
    for (const PlanItem& item : plan.items)
      if (item_name(item) == name)
        for (const int index : item.waits_for) out.push_back(item_name(plan.items[static_cast<std::size_t>(index)]));
    return out;
  }
};

Composed build(const Order& order, const Catalog& catalog) {
  Composed out;
  auto parts = decompose(order, id_of(order), catalog, {}, false);
  EXPECT_TRUE(parts.has_value()) << (parts ? "" : parts.error().text());
  if (!parts) return out;
  out.parts = std::move(*parts);
  auto plan = compose(order, id_of(order), catalog, out.parts);
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().text());
  if (plan) out.plan = std::move(*plan);
  return out;
}

TEST(Compose, ScenariosBringPlansAndDependenciesBindInsideTheScope) {
  const Order order =
      order_of(line("1", "HOME-BUNDLE") + "," + line("1.1", "FIBER", ",\"parentLineId\":\"1\"") + "," +
               line("1.2", "ROUTER", ",\"parentLineId\":\"1\",\"attributes\":{\"wifi\":true}") + "," + line("2", "FIBER"));
  const Composed out = build(order, *fixture::load("mini"));
  EXPECT_EQ(out.names(), (Names{"access/start[1.1]", "access/start[2]", "access/provision[1.1]", "access/provision[2]",
                                "access/test[1.1]", "access/test[2]", "access/assetize[order]", "delivery/reserve[1.2/RES-CPE]",
                                "delivery/ship[1.2/RES-CPE]", "delivery/install[1.2/RES-CPE]"}));
  EXPECT_EQ(out.before("access/provision[2]"), Names{"access/start[2]"});
  EXPECT_EQ(out.before("access/assetize[order]"), (Names{"access/test[1.1]", "access/test[2]", "delivery/install[1.2/RES-CPE]"}));
  EXPECT_EQ(out.before("delivery/install[1.2/RES-CPE]"), (Names{"access/provision[1.1]", "delivery/ship[1.2/RES-CPE]"}))
      << "Main Order Item binds inside the bundle only";
  EXPECT_EQ(out.plan.items[6].lines, (std::vector<int>{1, 3}));
  EXPECT_EQ(out.plan.items[6].downstream_items.size(), 2u) << "one item serves both lines";
  EXPECT_EQ(out.plan.items[2].scenario, "access");
}

TEST(Compose, AScenariosConditionIsEvaluated) {
  const CatalogPtr catalog = fixture::load("mini");
  EXPECT_EQ(build(order_of(line("1", "TV", ",\"attributes\":{\"package\":\"sport\"}")), *catalog).plan.items.size(), 3u);
  const Composed without = build(order_of(line("1", "TV", ",\"attributes\":{\"package\":\"unlisted\"}")), *catalog);
  EXPECT_TRUE(without.plan.items.empty()) << "channels is not set, so not more than 0";
  EXPECT_EQ(without.plan.notices.size(), 1u);
}

TEST(Compose, AScenarioOfACommercialProductNeedsNoDecomposition) {
  const Composed out = build(order_of(line("1", "BENCH-AUTO") + "," + line("2", "BENCH-CALLS")), *fixture::load("bench"));
  ASSERT_EQ(out.plan.items.size(), 12u);
  EXPECT_EQ(out.names().front(), "auto/step-1[1]");
  EXPECT_EQ(out.before("calls/call-6[2]"), Names{"calls/call-5[2]"});
  EXPECT_TRUE(out.plan.items[0].downstream_items.empty());
}

/// P → T by Order Item and plan "p" with items a (scope as given) and b (Order Item), b after a in the dependency's scope.
CatalogPtr scoped(const std::string& item_scope, const std::string& dependency_scope, const std::string& extra_item = "",
                  const std::string& extra_dependency = "") {
  return parse_catalog_text(
             R"({"format":"backstitch.catalog/1","source":"t","index":1,"products":[{"key":"P"},{"key":"T","kind":"technical"}],
    "decomposition":[{"key":"d","from":{"product":"P"},"to":"T"}],
    "plans":[{"key":"p","items":[{"key":"a","type":"milestone",)" +
             item_scope + R"(},{"key":"b","type":"milestone"})" + extra_item + R"(]}],
    "dependencies":[{"item":"p/b","dependsOn":"p/a","scope":")" +
             dependency_scope + "\"}" + extra_dependency + R"(],
    "scenarios":[{"key":"s","for":{"product":"T"},"actions":["Add"],"plan":"p"}]})")
      .value();
}

const std::string four_lines = line("1", "P") + "," + line("1.1", "P", R"(,"parentLineId":"1","fields":{"G":"x"})") + "," +
                               line("2", "P", R"(,"fields":{"G":"x"})") + "," + line("3", "P", R"(,"fields":{"G":"y"})");

TEST(Compose, ItemScopesDecideHowManyThereAre) {
  auto instances = [](const std::string& scope) {
    Names out;
    for (const PlanItem& item : build(order_of(four_lines), *scoped(scope, "Global")).plan.items)
      if (item.item == "a") out.push_back(item.instance);
    return out;
  };
  EXPECT_EQ(instances(R"("scope":"Global")"), Names{"order"});
  EXPECT_EQ(instances(R"("scope":"Order")"), Names{"order"});
  EXPECT_EQ(instances(R"("scope":"MainOrderItem")"), (Names{"1", "2", "3"}));
  EXPECT_EQ(instances(R"("scope":"SalesBundle")"), (Names{"1", "2", "3"}));
  EXPECT_EQ(instances(R"("scope":"OrderItem")"), (Names{"1", "1.1", "2", "3"}));
  EXPECT_EQ(instances(R"("scope":"Swimlane")"), (Names{"1", "1.1", "2", "3"}));
  EXPECT_EQ(instances(R"("scope":"None")"), (Names{"1", "1.1", "2", "3"})) << "that of the plan";
  EXPECT_EQ(instances(R"("scope":"Custom","scopeField":"G")"), (Names{"G=", "G=x", "G=y"}));
}

TEST(Compose, DependencyScopesDecideWhatBinds) {
  const std::string by_line = R"("scope":"OrderItem")";
  auto first = [&](const std::string& item_scope, const std::string& scope, const std::string& of) {
    return build(order_of(four_lines), *scoped(item_scope, scope)).before("p/b[" + of + "]");
  };
  EXPECT_EQ(first(by_line, "Global", "2").size(), 4u);
  EXPECT_EQ(first(by_line, "None", "2").size(), 4u);
  EXPECT_EQ(first(by_line, "OrderItem", "2"), Names{"p/a[2]"});
  EXPECT_EQ(first(by_line, "MainOrderItem", "1.1"), (Names{"p/a[1]", "p/a[1.1]"}));
  EXPECT_EQ(first(R"("scope":"Custom","scopeField":"G")", "OrderItem", "2"), Names{"p/a[G=x]"})
      << "the instance that serves the same line";
  EXPECT_EQ(first(R"("scope":"Global")", "OrderItem", "3"), Names{"p/a[order]"});
}

TEST(Compose, InstancesThatWaitForOneAnotherAreRefused) {
  // No circle in one scope, so the catalog is valid; among the instances there is one.
  const CatalogPtr catalog =
      scoped(R"("scope":"Global")", "Global", "", R"(,{"item":"p/a","dependsOn":"p/b","scope":"OrderItem"})");
  const Order order = order_of(line("1", "P"));
  const auto parts = decompose(order, id_of(order), *catalog, {}, false);
  const auto plan = compose(order, id_of(order), *catalog, *parts);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(code_text(plan.error().code), "BS-2004");
}

TEST(Compose, WhatThisVersionCannotRunIsRefused) {
  for (const char* type : {"pushEvent", "subPlan"}) {
    const CatalogPtr catalog = scoped(R"("scope":"Global")", "Global", std::string(R"(,{"key":"c","type":")") + type + "\"}");
    const Order order = order_of(line("1", "P"));
    const auto parts = decompose(order, id_of(order), *catalog, {}, false);
    const auto plan = compose(order, id_of(order), *catalog, *parts);
    ASSERT_FALSE(plan.has_value());
    EXPECT_EQ(code_text(plan.error().code), "BS-3307");
    EXPECT_NE(plan.error().detail.find(type), std::string::npos);
  }
}

TEST(Compose, IdsAreDerivedAndStored) {
  const Order order = order_of(four_lines);
  const CatalogPtr catalog = scoped(R"("scope":"Global")", "Global");
  const Composed one = build(order, *catalog), two = build(order, *catalog);
  std::set<Bits128> ids;
  for (std::size_t i = 0; i < one.plan.items.size(); ++i) {
    EXPECT_EQ(one.plan.items[i].id, two.plan.items[i].id);
    EXPECT_TRUE(belongs_to(one.plan.items[i].id.bits, id_of(order)));
    EXPECT_TRUE(ids.insert(one.plan.items[i].id.bits).second);
    EXPECT_TRUE(ids.insert(one.plan.items[i].effect.bits).second);
  }
  const std::string text = fulfilment_json(one.parts, one.plan);
  EXPECT_EQ(text, fulfilment_json(two.parts, two.plan));
  Decomposition parts;
  PlanGraph plan;
  ASSERT_TRUE(parse_fulfilment(parse_json(text).value(), id_of(order), parts, plan).has_value());
  EXPECT_EQ(fulfilment_json(parts, plan), text);
}

TEST(Compose, TenThousandLinesStayLinear) {
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += (i ? "," : "") + line(std::to_string(i), "P");
  const Composed out = build(order_of(lines), *scoped(R"("scope":"OrderItem")", "OrderItem"));
  ASSERT_EQ(out.plan.items.size(), 20'000u);
  EXPECT_EQ(out.plan.items.back().waits_for.size(), 1u);
}

TEST(Explain, SaysWhichRuleMadeWhatAndWhatAnItemWaitsFor) {
  const Order order = order_of(line("1", "ROUTER", ",\"attributes\":{\"wifi\":true}") + "," + line("2", "HOME-BUNDLE"));
  const CatalogPtr catalog = fixture::load("mini");
  const Composed out = build(order, *catalog);
  const std::string text = explain_text(order, *catalog, out.parts, out.plan);
  for (const char* expected :
       {"line 1 ROUTER Add\n  relationship router-wifi fired: condition true: attribute.wifi (true) = true\n",
        "  relationship router-plain did not fire: xor group device: router-wifi fired\n", "  → RES-CPE O1:1 (Add, new)\n",
        "line 2 HOME-BUNDLE Add\n  no relationship: the line is skipped\n",
        "item delivery/ship[1/RES-CPE] callout by scenario device\n  only if product.key = \"RES-CPE\"\n  after "
        "delivery/reserve[1/RES-CPE]\n"})
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "in\n" << text;
  const boost::json::object json = explain_json(order, *catalog, out.parts, out.plan);
  EXPECT_EQ(json.at("lines").at(0).at("rules").at(1).at("fired"), false);
  EXPECT_EQ(json.at("lines").at(0).at("made").at(0), 0);
  EXPECT_EQ(json.at("downstream").at(0).at("values").at("model"), "AX6000");
  EXPECT_EQ(json.at("items").at(1).at("waitsFor").at(0), "delivery/reserve[1/RES-CPE]");
  EXPECT_EQ(json.at("items").at(2).at("type"), "manualTask");
}

}  // namespace
}  // namespace backstitch
