#include "model/value.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch {
namespace {

TEST(Value, ReadsAndWritesEveryKind) {
  for (const char* text : {"null", "true", "false", "0", "-7", "9223372036854775807", "19.95", "\"a \\\"b\\\"\"", "\"\""}) {
    const Value value = backstitch::value_from(parse_json(text).value());
    std::string out;
    append_value(out, value);
    EXPECT_EQ(out, text);
    EXPECT_EQ(write_json(to_json(value)), text);
  }
}

TEST(Value, StructuresBecomeTheirText) {
  EXPECT_EQ(text_of(backstitch::value_from(parse_json("{\"a\":[1]}").value())), "{\"a\":[1]}");
}

TEST(Value, TextForPeople) {
  EXPECT_EQ(text_of(Value()), "");
  EXPECT_EQ(text_of(Value(true)), "true");
  EXPECT_EQ(text_of(Value(std::int64_t{500})), "500");
  EXPECT_EQ(text_of(Value(std::string("x"))), "x");
}

TEST(Attributes, AreSortedAndReplaced) {
  Attributes attributes;
  attributes.set("b", std::int64_t{1});
  attributes.set("a", std::string("x"));
  attributes.set("b", std::int64_t{2});
  std::string out;
  attributes.append_json(out);
  EXPECT_EQ(out, "{\"a\":\"x\",\"b\":2}");
  EXPECT_EQ(attributes.size(), 2u);
  EXPECT_EQ(attributes.find("c"), nullptr);
  EXPECT_EQ(attributes_from(parse_json(out).value()), attributes);
  EXPECT_TRUE(attributes_from(parse_json("null").value()).empty());
  EXPECT_EQ(write_json(to_json(attributes)), out);
}

}  // namespace
}  // namespace backstitch
