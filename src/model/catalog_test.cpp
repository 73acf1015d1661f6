#include "model/catalog.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

Catalog sample() {
  Catalog catalog;
  catalog.classes = {{"Service", "", ""}, {"Access", "Service", ""}, {"Loop", "Ring", ""}, {"Ring", "Loop", ""}};
  Product fiber, television, loose;
  fiber.key = "FIBER", fiber.class_key = "Access";
  television.key = "TV", television.class_key = "Service";
  loose.key = "CABLE";
  catalog.products = {fiber, television, loose};
  auto rule = [&](const char* key, const char* product, const char* class_key, int priority) {
    DecompositionRule out;
    out.key = key, out.from_product = product, out.from_class = class_key, out.priority = priority, out.to = "X";
    catalog.decomposition.push_back(out);
  };
  rule("z-first", "FIBER", "", 1);
  rule("b-class", "", "Service", 5);
  rule("a-class", "", "Service", 5);
  rule("tv-only", "TV", "", 9);
  Scenario by_class, by_product;
  by_class.key = "s2", by_class.class_key = "Service";
  by_product.key = "s1", by_product.product = "FIBER";
  catalog.scenarios = {by_class, by_product};
  System system;
  system.key = "noc.north";
  system.interfaces = {{"provision", "POST", "/v1/provision"}};
  catalog.systems = {system};
  PlanDefinition plan;
  plan.key = "access";
  plan.items.resize(2);
  plan.items[0].key = "start", plan.items[1].key = "a/b";
  catalog.plans = {plan};
  catalog.index_all();
  return catalog;
}

std::vector<std::string> keys(const auto& list) {
  std::vector<std::string> out;
  for (const auto* entry : list) out.push_back(entry->key);
  return out;
}

TEST(Catalog, RulesOfAProductAndOfItsClassesComeByPriorityThenKey) {
  const Catalog catalog = sample();
  EXPECT_EQ(keys(catalog.rules_for(*catalog.product("FIBER"))), (std::vector<std::string>{"z-first", "a-class", "b-class"}));
  EXPECT_EQ(keys(catalog.rules_for(*catalog.product("TV"))), (std::vector<std::string>{"a-class", "b-class", "tv-only"}));
  EXPECT_TRUE(catalog.rules_for(*catalog.product("CABLE")).empty());
  EXPECT_EQ(keys(catalog.scenarios_for(*catalog.product("FIBER"))), (std::vector<std::string>{"s1", "s2"}));
}

TEST(Catalog, LooksUpByKey) {
  const Catalog catalog = sample();
  EXPECT_EQ(catalog.product("NOPE"), nullptr);
  EXPECT_EQ(catalog.plan("access")->items.size(), 2u);
  EXPECT_NE(catalog.item("access", "a/b"), nullptr);
  EXPECT_EQ(catalog.item("access", "stop"), nullptr);
  EXPECT_EQ(catalog.item("none", "start"), nullptr);
}

TEST(Catalog, AnInterfaceIsNamedBehindTheLastDot) {
  const Catalog catalog = sample();
  const auto [system, interface] = catalog.find_interface("noc.north.provision");
  ASSERT_NE(system, nullptr);
  EXPECT_EQ(interface->path, "/v1/provision");
  EXPECT_EQ(catalog.find_interface("noc.north.cease").second, nullptr);
  EXPECT_EQ(catalog.find_interface("noc.south.provision").first, nullptr);
  EXPECT_EQ(catalog.find_interface("provision").first, nullptr);
}

TEST(Catalog, AClassChainEndsEvenInACircle) {
  const Catalog catalog = sample();
  EXPECT_EQ(catalog.class_chain("Access"), (std::vector<std::string>{"Access", "Service"}));
  EXPECT_LE(catalog.class_chain("Loop").size(), 5u);
  EXPECT_TRUE(catalog.class_chain("").empty());
}

TEST(Catalog, EnumNamesReadBack) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(product_scope_from(to_text(static_cast<ProductScope>(i))), static_cast<ProductScope>(i));
  for (int i = 0; i < 8; ++i) EXPECT_EQ(item_scope_from(to_text(static_cast<ItemScope>(i))), static_cast<ItemScope>(i));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(item_type_from(to_text(static_cast<ItemType>(i))), static_cast<ItemType>(i));
  EXPECT_EQ(item_type_from("pullEvent"), std::nullopt);
}

}  // namespace
}  // namespace backstitch
