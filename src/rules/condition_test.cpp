#include "rules/condition.h"

#include <gtest/gtest.h>

#include "rules/fixture.h"

namespace backstitch {
namespace {

Condition parse(const std::string& text) {
  auto condition = parse_condition(parse_json(text).value());
  EXPECT_TRUE(condition.has_value()) << text;
  return condition ? *condition : Condition{};
}

class Conditions : public testing::Test {
 protected:
  Conditions()
      : order(fixture::order_of(R"({"lineId":"1","product":"P","action":"Change","quantity":3,"assetRef":"AS-1",
          "attributes":{"speed":500,"name":"Gold","flag":true,"blank":"","nothing":null,"text_number":"42","price":19.5,"big":9007199254740993},
          "fields":{"StartDate":"2026-01-01","none":null}})",
                                R"({"Region":"EMEA","Count":2})")) {
    product.key = "P", product.name = "Product", product.class_key = "C";
    product.attributes = {"big", "blank", "flag", "name", "nothing", "price", "speed", "text_number", "unset"};
    scene = {&order, &order.lines[0], &product, &order.lines[0].attributes};
  }
  bool yes(const std::string& left, const std::string& op, const std::string& right) const {
    return holds(parse("{\"left\":\"" + left + "\",\"op\":\"" + op + "\",\"right\":" + right + "}"), scene);
  }
  Order order;
  Product product;
  Scene scene;
};

TEST_F(Conditions, ComparesNumbersTextsAndTruths) {
  EXPECT_TRUE(yes("attribute.speed", ">=", "500"));
  EXPECT_FALSE(yes("attribute.speed", ">", "500"));
  EXPECT_TRUE(yes("attribute.speed", "=", "500.0"));
  EXPECT_TRUE(yes("attribute.speed", "=", "\"500\""));
  EXPECT_TRUE(yes("attribute.speed", "<", "\"1000\"")) << "a number beside a text that reads as one is compared as a number";
  EXPECT_TRUE(yes("attribute.text_number", ">", "5"));
  EXPECT_TRUE(yes("attribute.price", "<=", "19.5"));
  EXPECT_TRUE(yes("attribute.flag", "=", "true"));
  EXPECT_TRUE(yes("attribute.flag", "=", "\"true\""));
  EXPECT_TRUE(yes("attribute.flag", "!=", "false"));
  EXPECT_TRUE(yes("attribute.name", "<", "\"Silver\""));
  EXPECT_FALSE(yes("attribute.big", "=", "9007199254740992")) << "whole numbers keep all their digits";
}

TEST_F(Conditions, ATextAndANumberHaveNoOrder) {
  EXPECT_FALSE(yes("attribute.name", "<", "5"));
  EXPECT_FALSE(yes("attribute.name", ">", "5"));
  EXPECT_FALSE(yes("attribute.name", "=", "5"));
  EXPECT_TRUE(yes("attribute.name", "!=", "5"));
}

TEST_F(Conditions, CaseCountsC1) {
  EXPECT_FALSE(yes("attribute.name", "=", "\"gold\""));
  EXPECT_FALSE(yes("attribute.name", "contains", "\"gol\""));
  EXPECT_TRUE(yes("attribute.name", "contains", "\"Gol\""));
}

TEST_F(Conditions, ReadsFieldsOfLineOrderAndProductC2) {
  EXPECT_TRUE(yes("field.StartDate", "=", "\"2026-01-01\""));
  EXPECT_TRUE(yes("field.action", "=", "\"Change\""));
  EXPECT_TRUE(yes("field.quantity", ">", "2"));
  EXPECT_TRUE(yes("field.assetRef", "=", "\"AS-1\""));
  EXPECT_TRUE(yes("order.Region", "=", "\"EMEA\""));
  EXPECT_TRUE(yes("order.field.Count", "=", "2"));
  EXPECT_TRUE(yes("order.accountId", "=", "\"A-1\""));
  EXPECT_TRUE(yes("order.version", "=", "1"));
  EXPECT_TRUE(yes("product.key", "=", "\"P\""));
  EXPECT_TRUE(yes("product.class", "=", "\"C\""));
}

TEST_F(Conditions, BlankSourceC3C4C6) {
  for (const char* path : {"attribute.blank", "attribute.nothing", "attribute.unset", "field.none"}) {
    EXPECT_FALSE(yes(path, "=", "\"x\"")) << path;
    EXPECT_TRUE(yes(path, "!=", "\"x\"")) << path;
    EXPECT_FALSE(yes(path, "contains", "\"x\"")) << path;
    EXPECT_TRUE(yes(path, "doesNotContain", "\"x\"")) << path;
    EXPECT_TRUE(yes(path, "=", "null")) << path;
    EXPECT_TRUE(yes(path, "=", "\"\"")) << path;
    EXPECT_FALSE(yes(path, "!=", "null")) << path;
  }
  EXPECT_FALSE(yes("attribute.name", "=", "null"));
  EXPECT_TRUE(yes("attribute.name", "!=", "null"));
}

TEST_F(Conditions, ZeroIsNotBlankC7) {
  EXPECT_FALSE(yes("attribute.unset", "=", "0"));
  EXPECT_TRUE(yes("attribute.unset", "!=", "0"));
  EXPECT_FALSE(yes("attribute.unset", "<=", "0"));
  EXPECT_FALSE(yes("attribute.unset", ">=", "0"));
  EXPECT_FALSE(yes("attribute.unset", "<", "5"));
}

TEST_F(Conditions, WhatIsNotKnownIsFalseEvenUnderNotC5) {
  for (const char* op : {"=", "!=", "<", "contains", "doesNotContain"}) EXPECT_FALSE(yes("attribute.unknown", op, "\"x\"")) << op;
  EXPECT_FALSE(yes("field.unknown", "!=", "\"x\""));
  EXPECT_FALSE(yes("order.unknown", "!=", "\"x\""));
  EXPECT_FALSE(yes("product.unknown", "!=", "\"x\""));
  const std::string unknown = R"({"left":"attribute.unknown","op":"=","right":1})",
                    speed = R"({"left":"attribute.speed","op":"=","right":500})";
  EXPECT_FALSE(holds(parse("{\"not\":" + unknown + "}"), scene));
  EXPECT_FALSE(holds(parse("{\"not\":{\"any\":[" + unknown + "]}}"), scene));
  EXPECT_TRUE(holds(parse("{\"any\":[" + unknown + "," + speed + "]}"), scene));
  EXPECT_FALSE(holds(parse("{\"all\":[" + unknown + "," + speed + "]}"), scene));
  EXPECT_TRUE(holds(parse("{\"not\":{\"all\":[" + unknown + ",{\"not\":" + speed + "}]}}"), scene))
      << "one false part decides an all";
}

TEST_F(Conditions, AProductWithoutAListTakesAnyAttribute) {
  product.attributes.clear();
  EXPECT_TRUE(yes("attribute.unknown", "!=", "\"x\""));
  EXPECT_TRUE(yes("attribute.unknown", "=", "null"));
}

TEST_F(Conditions, EmptyTreesAndNull) {
  EXPECT_TRUE(holds(parse("{\"all\":[]}"), scene));
  EXPECT_FALSE(holds(parse("{\"any\":[]}"), scene));
  EXPECT_TRUE(holds(parse("null"), scene));
}

TEST_F(Conditions, SaysWhichClauseDecided) {
  std::string why;
  const Condition condition =
      parse(R"({"all":[{"left":"attribute.name","op":"=","right":"Gold"},{"left":"attribute.speed","op":">","right":900}]})");
  EXPECT_FALSE(holds(condition, scene, &why));
  EXPECT_EQ(why, "attribute.speed (500) > 900");
  EXPECT_FALSE(holds(parse(R"({"left":"attribute.unknown","op":"=","right":1})"), scene, &why));
  EXPECT_EQ(why, "attribute.unknown is not known here");
  EXPECT_EQ(condition_text(condition), "attribute.name = \"Gold\" and attribute.speed > 900");
  EXPECT_EQ(
      condition_text(parse(
          R"({"any":[{"all":[{"left":"field.a","op":"=","right":1},{"left":"field.b","op":"=","right":2}]},{"not":{"left":"field.c","op":"contains","right":"x"}}]})")),
      "(field.a = 1 and field.b = 2) or not (field.c contains \"x\")");
}

TEST_F(Conditions, TheExportedFormIsRead) {
  const Condition condition = parse(R"({"type":"AND","singleconditions":[
    {"left-side-type":"attribute","left-side":"speed","left-side-datatype":"double","op":">=","right-side-type":"value","right-side":"500"},
    {"type":"NOT","singleconditions":[{"type":"SIMPLE","left-side-type":"field-OrderItem","left-side":"Order.Region","op":"=","right-side":"APAC"}]},
    {"type":"OR","singleconditions":[{"left-side-type":"attribute","left-side":"flag","left-side-datatype":"checkbox","op":"=","right-side":"true"},
                                     {"left-side-type":"field","left-side":"Product2.key","op":"doesnotcontain","right-side":"x"}]}]})");
  EXPECT_TRUE(holds(condition, scene));
  EXPECT_EQ(condition.parts.at(1).parts.at(0).left, "order.Region");
  EXPECT_EQ(condition.parts.at(2).parts.at(1).left, "product.key");
  EXPECT_EQ(std::get<double>(condition.parts.at(0).right), 500.0);
  EXPECT_EQ(std::get<bool>(condition.parts.at(2).parts.at(0).right), true);
}

TEST(ConditionFaults, NameTheirPlace) {
  auto fault = [](const std::string& text) {
    const auto condition = parse_condition(parse_json(text).value());
    return condition ? std::string("accepted") : condition.error().faults.at(0).pointer;
  };
  EXPECT_EQ(fault(R"({"left":"speed","op":"=","right":1})"), "/left");
  EXPECT_EQ(fault(R"({"left":"attribute.x","op":"like","right":1})"), "/op");
  EXPECT_EQ(fault(R"({"all":[{"left":"attribute.x","op":"=","right":[1]}]})"), "/all/0/right");
  EXPECT_EQ(fault(R"({"not":{"any":5}})"), "/not/any");
  EXPECT_EQ(fault(R"({"left":"attribute.x","op":"=","rihgt":1})"), "/rihgt");
  EXPECT_EQ(fault(R"({"type":"XOR","singleconditions":[]})"), "/type");
  EXPECT_EQ(fault("7"), "");
}

}  // namespace
}  // namespace backstitch
