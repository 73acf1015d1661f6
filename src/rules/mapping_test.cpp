#include "rules/mapping.h"

#include <gtest/gtest.h>

#include "rules/fixture.h"

namespace backstitch {
namespace {

Mapping verbatim(const std::string& from, const std::string& to) { return {MappingType::ad_verbatim, from, to, {}, {}}; }

class Mappings : public testing::Test {
 protected:
  Mappings()
      : order(fixture::order_of(
            R"({"lineId":"1","product":"P","action":"Add","quantity":3,"attributes":{"speed":500,"gone":null},"fields":{"Site":"B"}})",
            R"({"Region":"EMEA"})")) {
    source.key = "P", source.attributes = {"gone", "speed", "unset"};
    destination.key = "T", destination.attributes = {"a", "b"};
    scene = {&order, &order.lines[0], &source, &order.lines[0].attributes};
    rule.key = "d1";
  }
  std::string apply(std::vector<Mapping> mappings, const std::string& before = "{}") {
    rule.mappings = std::move(mappings);
    Attributes target = attributes_from(parse_json(before).value());
    apply_mappings(rule, scene, destination, target, notices);
    std::string out;
    target.append_json(out);
    return out;
  }
  Order order;
  Product source, destination;
  Scene scene;
  DecompositionRule rule;
  std::vector<std::string> notices;
};

TEST_F(Mappings, VerbatimCopiesAttributesAndFields) {
  EXPECT_EQ(apply({verbatim("attribute.speed", "a"), verbatim("field.Site", "b")}), R"({"a":500,"b":"B"})");
  EXPECT_EQ(apply({verbatim("order.Region", "a")}), R"({"a":"EMEA"})");
  EXPECT_EQ(apply({verbatim("attribute.gone", "a")}, R"({"a":1})"), R"({"a":null})") << "an explicit null is a value";
  EXPECT_EQ(apply({verbatim("attribute.unset", "a")}, R"({"a":1})"), R"({"a":1})") << "what is not set wipes nothing out";
  EXPECT_TRUE(notices.empty());
}

TEST_F(Mappings, ListSetsNothingForAnUnlistedValue) {
  Mapping list{MappingType::list, "attribute.speed", "a", {}, {{"100", std::string("B")}, {"500", std::string("G")}}};
  EXPECT_EQ(apply({list}), R"({"a":"G"})");
  list.pairs.pop_back();
  EXPECT_EQ(apply({list}), "{}");
}

TEST_F(Mappings, StaticSetsAConstant) { EXPECT_EQ(apply({{MappingType::fixed, "", "b", std::int64_t{7}, {}}}), R"({"b":7})"); }

TEST_F(Mappings, AMissingAttributeOnEitherSideIsIgnoredAndTold) {
  EXPECT_EQ(apply({verbatim("attribute.nope", "a"), verbatim("attribute.speed", "nope"), verbatim("attribute.speed", "b")}),
            R"({"b":500})");
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_NE(notices[0].find("attribute.nope"), std::string::npos);
  EXPECT_NE(notices[1].find("T has no such attribute"), std::string::npos);
  apply({verbatim("attribute.nope", "a")});
  EXPECT_EQ(notices.size(), 2u) << "told once";
}

TEST_F(Mappings, ABodyIsCanonicalAndOfTheWorkingSetOnly) {
  ItemDefinition definition;
  definition.request = {{"z", "$line.attribute.speed"},
                        {"a", "$order.accountId"},
                        {"l", "$line.lineId"},
                        {"act", "$line.action"},
                        {"lit", "literal"},
                        {"key", "$item.key"},
                        {"in", "$item.instance"},
                        {"p", "$product.key"},
                        {"r", "$order.field.Region"},
                        {"s", "$line.field.Site"},
                        {"n", "$line.attribute.unset"},
                        {"q", "$line.quantity"}};
  PlanItem item;
  item.plan = "access", item.item = "provision", item.instance = "1";
  const std::string body = build_request(definition, item, {scene});
  EXPECT_EQ(
      body,
      R"({"a":"A-1","act":"Add","in":"1","key":"access/provision","l":"1","lit":"literal","n":null,"p":"P","q":3,"r":"EMEA","s":"B","z":500})");
  EXPECT_EQ(build_request(definition, item, {scene}), body);
}

TEST_F(Mappings, ABodyForSeveralDownstreamItemsListsThem) {
  ItemDefinition definition;
  definition.request = {{"action", "$line.action"}, {"quantity", "$line.quantity"}, {"scope", "$line.scope"}};
  DownstreamItem first, second;
  first.action = Action::change, first.quantity = 9, first.scope_key = "O1:1";
  second.action = Action::disconnect, second.quantity = 1, second.scope_key = "O1:2";
  Scene a = scene, b = scene;
  a.downstream = &first, b.downstream = &second;
  EXPECT_EQ(
      build_request(definition, {}, {a, b}),
      R"({"action":"Change","items":[{"action":"Change","quantity":9,"scope":"O1:1"},{"action":"Disconnect","quantity":1,"scope":"O1:2"}],"quantity":9,"scope":"O1:1"})");
  EXPECT_EQ(build_request(definition, {}, {}), R"({"action":null,"quantity":null,"scope":null})");
}

TEST(Responses, ReadValuesByPath) {
  ItemDefinition definition;
  definition.response = {{"$line.attribute.circuit", "$.circuitId"},
                         {"$line.attribute.port", "$.device.ports[1].name"},
                         {"$line.attribute.missing", "$.nope.x"},
                         {"$line.attribute.beyond", "$.device.ports[9].name"}};
  const auto values =
      apply_response(definition, parse_json(R"({"circuitId":"C-1","device":{"ports":[{"name":"a"},{"name":"b"}]}})").value());
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0], (std::pair<std::string, Value>{"circuit", std::string("C-1")}));
  EXPECT_EQ(values[1], (std::pair<std::string, Value>{"port", std::string("b")}));
  EXPECT_TRUE(apply_response(definition, parse_json("[]").value()).empty());
  EXPECT_TRUE(apply_response(definition, parse_json("null").value()).empty());
}

TEST(Paths, FaultsAreNamed) {
  for (const char* good :
       {"literal", "$line.attribute.x", "$order.accountId", "$item.key", "$product.class", "$line.field.StartDate"})
    EXPECT_EQ(path_fault(good), "") << good;
  for (const char* bad : {"$", "$line.attribute.", "$line.colour", "$order.field.", "$now", "$order.Region"})
    EXPECT_NE(path_fault(bad), "") << bad;
  EXPECT_EQ(response_fault("$line.attribute.x", "$.a.b[0]"), "");
  EXPECT_EQ(response_fault("$line.attribute.x", "$"), "");
  for (const char* bad : {"a", "$a", "$.", "$.a..b", "$.a[x]", "$.a[1", "$.a[1]b"})
    EXPECT_NE(response_fault("$line.attribute.x", bad), "") << bad;
  EXPECT_NE(response_fault("$order.field.x", "$.a"), "");
}

TEST_F(Mappings, TheFirstRouteThatHoldsIsTaken) {
  ItemDefinition definition;
  definition.interface = "a.default";
  auto route = [](const char* region, const char* interface) {
    return InterfaceRoute{{Condition::Kind::simple, "order.Region", Compare::equal, std::string(region), {}}, interface};
  };
  definition.routes = {route("AMER", "b.x"), route("EMEA", "c.x"), route("EMEA", "d.x")};
  EXPECT_EQ(choose_interface(definition, scene), "c.x");
  order.fields.set("Region", std::string("MARS"));
  EXPECT_EQ(choose_interface(definition, scene), "a.default");
}

}  // namespace
}  // namespace backstitch
