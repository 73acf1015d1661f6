#include "base/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/json.hpp>

namespace backstitch {
namespace {

std::string number_text(std::uint64_t bits) {
  std::string out;
  append_json_number(out, std::bit_cast<double>(bits));
  return out;
}

// RFC 8785, appendix B
TEST(JsonNumber, VectorsOfRfc8785) {
  const std::pair<std::uint64_t, const char*> vectors[] = {{0x0000000000000000, "0"},
                                                           {0x8000000000000000, "0"},
                                                           {0x0000000000000001, "5e-324"},
                                                           {0x8000000000000001, "-5e-324"},
                                                           {0x7fefffffffffffff, "1.7976931348623157e+308"},
                                                           {0xffefffffffffffff, "-1.7976931348623157e+308"},
                                                           {0x4340000000000000, "9007199254740992"},
                                                           {0xc340000000000000, "-9007199254740992"},
                                                           {0x4430000000000000, "295147905179352830000"},
                                                           {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                                           {0x44b52d02c7e14af6, "1e+23"},
                                                           {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                                           {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                                                           {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                                                           {0x444b1ae4d6e2ef50, "1e+21"},
                                                           {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                                           {0x3eb0c6f7a0b5ed8d, "0.000001"},
                                                           {0x41b3de4355555553, "333333333.3333332"},
                                                           {0x41b3de4355555554, "333333333.33333325"},
                                                           {0x41b3de4355555555, "333333333.3333333"},
                                                           {0x41b3de4355555556, "333333333.3333334"},
                                                           {0x41b3de4355555557, "333333333.33333343"},
                                                           {0xbecbf647612f3696, "-0.0000033333333333333333"},
                                                           {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : vectors) EXPECT_EQ(number_text(bits), text);
}

TEST(JsonNumber, MoneyStaysReadable) {
  EXPECT_EQ(write_json(*parse_json("[19.95,100,100.0,0.1,-1.50,1e2]")), "[19.95,100,100,0.1,-1.5,100]");
  EXPECT_EQ(write_json(*parse_json("[9223372036854775807,18446744073709551615,-9223372036854775808]")),
            "[9223372036854775807,18446744073709551615,-9223372036854775808]");
}

TEST(JsonNumberDeathTest, NotANumberIsADefect) {
  std::string out;
  EXPECT_DEATH(append_json_number(out, std::nan("")), "JSON has no such number");
}

TEST(JsonParse, RefusesWhatIsNotOneDocumentAndSaysWhere) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1} x", "{'a':1}", "nul", "\"\x01\"", "01", "[1e999]", "\"\\ud800\""}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, Code::json_invalid) << text;
  }
  EXPECT_TRUE(parse_json("[true, flse]").error().detail.starts_with("at byte ")) << parse_json("[true, flse]").error().detail;
}

TEST(JsonParse, DepthAndSizeAreBounded) {
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')));
  EXPECT_FALSE(parse_json(std::string(70, '[') + std::string(70, ']')));
  EXPECT_EQ(parse_json("\"" + std::string(8u << 20, 'x') + "\"").error().code, Code::body_too_large);
}

TEST(JsonParse, WhatItReadsIsJsonAndNothingElse) {
  const std::string deep = std::string(60, '[') + std::string(60, ']'), too_deep = std::string(70, '[') + std::string(70, ']');
  const std::string nul("\"a\\u0000\""), nul_in_key("{\"a\\u0000\":1}");
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[1,]"), std::string("{\"a\":1} x"), std::string("nul"), std::string("01"),
        std::string("[1e999]"), std::string("\"\\ud800\""), deep, too_deep, nul, nul_in_key,
        std::string(" {\"a\":[1,2.5,null]} "), std::string("\"x\""), std::string("-0"), std::string("12"),
        std::string("\"\xff\""), std::string("true"), "\"" + std::string(8u << 20, 'x') + "\""})
    EXPECT_EQ(is_json(text), parse_json(text).has_value()) << text.substr(0, 80);
}

TEST(JsonWrite, KeepsOrderAndEscapesOnlyWhatMustBe) {
  const auto value = parse_json(R"({"b":[1,{}],"a":"q\"\\\/\b\f\n\r\t\u0001 \u20ac","c":null,"d":[],"e":false})");
  EXPECT_EQ(write_json(*value),
            "{\"b\":[1,{}],\"a\":\"q\\\"\\\\/\\b\\f\\n\\r\\t\\u0001 \u20ac\",\"c\":null,\"d\":[],\"e\":false}");
  EXPECT_EQ(pretty_json(*parse_json(R"({"a":[1,2],"b":{}})")), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

// RFC 8785, 3.2.3: sorted by UTF-16 code units, so U+1F600 (surrogates) stands before U+FB33.
TEST(JsonCanonical, SortsAsRfc8785Says) {
  const auto value =
      parse_json(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",)"
                 R"("\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})");
  EXPECT_EQ(
      canonical_json(*value),
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"Latin Small Letter O With Diaeresis\","
      "\"\u20ac\":\"Euro Sign\",\"\U0001F600\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(JsonCanonical, MembersAboveTheBasicPlaneHaveAnOrderToo) {
  const auto one = parse_json("{\"\U00010000\":1,\"\U00040000\":2,\"\U00100000\":3}");
  const auto two = parse_json("{\"\U00100000\":3,\"\U00040000\":2,\"\U00010000\":1}");
  EXPECT_EQ(canonical_json(*one), canonical_json(*two));
  EXPECT_EQ(canonical_json(*parse_json(R"({"ab":1,"a":{"z":1,"y":2}})")), R"({"a":{"y":2,"z":1},"ab":1})");
}

}  // namespace
}  // namespace backstitch
