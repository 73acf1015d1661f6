#include "rules/decompose.h"

#include <gtest/gtest.h>

#include "rules/fixture.h"

namespace backstitch {
namespace {

using fixture::id_of;
using fixture::order_of;

/// An inventory of one item.
InventoryView one(const std::string& product, const std::string& scope_key, const std::string& values,
                  const std::string& asset_ref = "") {
  return {[=](const std::string& p, const std::string& s, const std::string& a) -> std::optional<InventoryView::Item> {
    if (p != product || (s != scope_key && (a.empty() || a != asset_ref))) return std::nullopt;
    return InventoryView::Item{attributes_from(parse_json(values).value()), asset_ref};
  }};
}

std::string values_of(const DownstreamItem& item) {
  std::string out;
  item.values.append_json(out);
  return out;
}

std::string line(const std::string& id, const std::string& product, const std::string& action, const std::string& more = "") {
  return "{\"lineId\":\"" + id + "\",\"product\":\"" + product + "\",\"action\":\"" + action + "\"" + more + "}";
}

class Decompose : public testing::Test {
 protected:
  Decomposition run(const Order& order, const InventoryView& inventory = {}, bool trace = false) {
    auto parts = decompose(order, id_of(order), *catalog, inventory, trace);
    EXPECT_TRUE(parts.has_value()) << (parts ? "" : parts.error().text());
    return parts ? *parts : Decomposition{};
  }
  CatalogPtr catalog = fixture::load("mini");
};

TEST_F(Decompose, OneLineMakesItsTechnicalLinesWithMappedValues) {
  const Order order =
      order_of(line("1", "FIBER", "Add", ",\"quantity\":2,\"attributes\":{\"speed\":500}"), R"({"Region":"EMEA"})");
  const Decomposition parts = run(order);
  ASSERT_EQ(parts.items.size(), 2u);
  EXPECT_EQ(parts.items[0].product, "CFS-ACCESS");
  EXPECT_EQ(parts.items[0].scope_key, "O1:1");
  EXPECT_EQ(parts.items[0].quantity, 2);
  EXPECT_EQ(values_of(parts.items[0]), R"({"bandwidth":500,"profile":"G","region":"EMEA","technology":"GPON"})");
  EXPECT_EQ(parts.items[1].product, "CFS-BILLING");
  EXPECT_EQ(parts.items[1].scope_key, "A-1");
  EXPECT_EQ(parts.items[1].quantity, 1) << "AlwaysOne";
  EXPECT_EQ(parts.items[1].rules, std::vector<std::string>{"service-billing"}) << "by the class above the product's class";
  ASSERT_EQ(parts.orders.size(), 2u);
  EXPECT_EQ(parts.orders[0].domain, "Network");
  EXPECT_EQ(parts.orders[1].domain, "CFS-BILLING") << "without a class the product is the domain";
  EXPECT_TRUE(belongs_to(parts.items[0].id.bits, id_of(order)));
}

TEST_F(Decompose, AccountScopeMergesAndOrderItemScopeDoesNot) {
  const Decomposition parts =
      run(order_of(line("1", "FIBER", "Add") + "," + line("2", "FIBER", "Add") + "," + line("3", "TV", "Add")));
  std::map<std::string, std::vector<std::vector<int>>> sources;
  for (const DownstreamItem& item : parts.items) sources[item.product].push_back(item.source_lines);
  EXPECT_EQ(sources["CFS-ACCESS"], (std::vector<std::vector<int>>{{0}, {1}}));
  EXPECT_EQ(sources["CFS-BILLING"], (std::vector<std::vector<int>>{{0, 1, 2}}));
}

TEST_F(Decompose, AProductWithoutARelationshipIsSkipped) {
  const Decomposition parts = run(order_of(line("1", "HOME-BUNDLE", "Add")));
  EXPECT_TRUE(parts.items.empty());
  EXPECT_TRUE(parts.orders.empty());
}

TEST_F(Decompose, UnknownProductsAreAllListed) {
  const Order order = order_of(line("1", "NOPE", "Add") + "," + line("2", "TV", "Add") + "," + line("3", "NADA", "Add"));
  const auto parts = decompose(order, id_of(order), *catalog, {}, false);
  ASSERT_FALSE(parts.has_value());
  EXPECT_EQ(parts.error().code, Code::order_unknown_product);
  ASSERT_EQ(parts.error().faults.size(), 2u);
  EXPECT_EQ(parts.error().faults[1].pointer, "/items/2/product");
}

TEST_F(Decompose, OneOfAnXorGroupFiresAndTheTraceSaysWhy) {
  const Order order = order_of(line("1", "ROUTER", "Add", ",\"attributes\":{\"wifi\":true}") + "," +
                               line("2", "ROUTER", "Add", ",\"attributes\":{\"wifi\":false}"));
  const Decomposition parts = run(order, {}, true);
  ASSERT_EQ(parts.items.size(), 2u);
  EXPECT_EQ(values_of(parts.items[0]), R"({"model":"AX6000"})");
  EXPECT_EQ(values_of(parts.items[1]), R"({"model":"R100"})");
  ASSERT_EQ(parts.trace.size(), 4u);
  EXPECT_EQ(parts.trace[0].why, "condition true: attribute.wifi (true) = true");
  EXPECT_FALSE(parts.trace[1].fired);
  EXPECT_EQ(parts.trace[1].why, "xor group device: router-wifi fired");
  EXPECT_EQ(parts.trace[2].why, "condition false: attribute.wifi (false) = true");
  EXPECT_EQ(parts.trace[3].why, "no condition");
  EXPECT_EQ(trace_rules(order, *catalog).size(), 4u);
  EXPECT_TRUE(run(order).trace.empty());
}

/// A catalog of one commercial product P and one technical product T with the scope; attribute a is copied.
CatalogPtr scoped(const std::string& scope, const std::string& more = "", const std::string& rules = "") {
  return parse_catalog_text(
             R"({"format":"backstitch.catalog/1","source":"t","index":1,"products":[{"key":"P","kind":"commercial"},{"key":"Q","kind":"commercial"},
    {"key":"T","kind":"technical","scope":")" +
             scope + "\"" + more +
             R"(},{"key":"U","kind":"technical"}],"decomposition":[{"key":"d1","from":{"product":"P"},"to":"T",
    "mappings":[{"type":"adVerbatim","from":"attribute.a","to":"a"},{"type":"adVerbatim","from":"attribute.b","to":"b"}]})" +
             rules + "]}")
      .value();
}

TEST_F(Decompose, TheLastSourceWinsAnAttribute) {
  catalog = scoped("Order");
  const Decomposition parts = run(order_of(line("1", "P", "Add", R"(,"quantity":2,"attributes":{"a":1,"b":1})") + "," +
                                           line("2", "P", "Add", R"(,"quantity":3,"attributes":{"a":2})")));
  ASSERT_EQ(parts.items.size(), 1u);
  EXPECT_EQ(values_of(parts.items[0]), R"({"a":2,"b":1})");
  EXPECT_EQ(parts.items[0].quantity, 5) << "the sum of the sources";
  EXPECT_EQ(parts.items[0].scope_key, "O1");
}

TEST_F(Decompose, ScopesDecideHowManyThereAre) {
  const std::string lines =
      line("1", "P", "Add") + "," + line("1.1", "P", "Add", ",\"parentLineId\":\"1\",\"fields\":{\"G\":\"x\"}") + "," +
      line("2", "P", "Add", ",\"attributes\":{\"G\":\"x\"}") + "," + line("3", "P", "Add", ",\"fields\":{\"G\":\"y\"}");
  const Order order = order_of(lines);
  auto keys = [&](const CatalogPtr& of) {
    catalog = of;
    std::vector<std::string> out;
    for (const DownstreamItem& item : run(order).items) out.push_back(item.scope_key);
    return out;
  };
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys(scoped("Account")), Keys{"A-1"});
  EXPECT_EQ(keys(scoped("Order")), Keys{"O1"});
  EXPECT_EQ(keys(scoped("TopOrderItem")), (Keys{"O1:1", "O1:2", "O1:3"}));
  EXPECT_EQ(keys(scoped("OrderItem")), (Keys{"O1:1", "O1:1.1", "O1:2", "O1:3"}));
  EXPECT_EQ(keys(scoped("DownstreamOrderItem")), (Keys{"O1:1/d1", "O1:1.1/d1", "O1:2/d1", "O1:3/d1"}));
  EXPECT_EQ(keys(scoped("Custom", ",\"scopeField\":\"G\"")), (Keys{"O1:G=", "O1:G=x", "O1:G=y"}))
      << "no value is a group of its own";
}

TEST_F(Decompose, MoreThanOneLevelIsRefusedInWords) {
  catalog = scoped("OrderItem", "", R"(,{"key":"d2","from":{"product":"T"},"to":"U"})");
  const Order order = order_of(line("1", "P", "Add"));
  const auto parts = decompose(order, id_of(order), *catalog, {}, false);
  ASSERT_FALSE(parts.has_value());
  EXPECT_EQ(code_text(parts.error().code), "BS-3153");
  EXPECT_EQ(run(order_of(line("1", "Q", "Add"))).items.size(), 0u);
}

TEST_F(Decompose, ActionsFollowTheInventory) {
  catalog = scoped("Account");
  struct Case {
    const char* actions;  // of the lines, in order
    const char* values;   // of the lines
    bool known;
    const char* expected;  // "" = refused with BS-3151
  };
  for (const Case& c :
       {Case{"Add", "1", false, "Add"}, Case{"Add", "1", true, "NoChange"}, Case{"Add", "2", true, "Change"},
        Case{"Change", "2", true, "Change"}, Case{"Change", "1", true, "NoChange"}, Case{"Disconnect", "1", true, "Disconnect"},
        Case{"Disconnect", "1", false, ""}, Case{"Change", "2", false, ""}, Case{"NoChange", "1", false, ""},
        Case{"NoChange", "1", true, "NoChange"}, Case{"NoChange", "2", true, "NoChange"}, Case{"Renew", "1", true, "Renew"},
        Case{"Renew", "2", true, "Renew"}, Case{"Renew", "1", false, ""}, Case{"Add,Disconnect", "2", true, "Change"},
        Case{"Disconnect,Change", "1", true, "NoChange"}, Case{"Add,Change", "1", false, "Add"}}) {
    std::string lines, actions = c.actions;
    int number = 0;
    for (std::size_t at = 0; at <= actions.size();) {
      const std::size_t comma = std::min(actions.find(',', at), actions.size());
      if (number++) lines += ",";
      lines += line(std::to_string(number), "P", actions.substr(at, comma - at),
                    std::string(",\"attributes\":{\"a\":") + c.values + "}");
      at = comma + 1;
    }
    const Order order = order_of(lines);
    const auto parts = decompose(order, id_of(order), *catalog, c.known ? one("T", "A-1", R"({"a":1})") : InventoryView{}, false);
    if (std::string(c.expected).empty()) {
      ASSERT_FALSE(parts.has_value()) << c.actions;
      EXPECT_EQ(code_text(parts.error().code), "BS-3151");
      EXPECT_NE(parts.error().detail.find("O1"), std::string::npos) << "names the order";
      EXPECT_NE(parts.error().detail.find("T"), std::string::npos) << "and the product";
      continue;
    }
    ASSERT_TRUE(parts.has_value()) << c.actions << (parts ? "" : parts.error().text());
    EXPECT_STREQ(to_text(parts->items.at(0).action), c.expected) << c.actions << " " << c.values << (c.known ? " known" : " new");
    EXPECT_EQ(parts->items[0].known, c.known);
    EXPECT_TRUE(parts->items[0].action != Action::no_change || values_of(parts->items[0]) == R"({"a":1})") << "untouched";
  }
}

TEST_F(Decompose, AnAssetReferenceFindsWhatIsThere) {
  const Order order = order_of(line("1", "ROUTER", "Change", ",\"assetRef\":\"AS-7\",\"attributes\":{\"wifi\":true}"));
  const Decomposition parts = run(order, one("RES-CPE", "O0:5", R"({"model":"R100","serial":"S-1"})", "AS-7"));
  ASSERT_EQ(parts.items.size(), 1u);
  EXPECT_EQ(parts.items[0].scope_key, "AS-7");
  EXPECT_EQ(parts.items[0].action, Action::change);
  EXPECT_EQ(values_of(parts.items[0]), R"({"model":"AX6000","serial":"S-1"})") << "what fulfilment set stays";
}

}  // namespace
}  // namespace backstitch
