#include "model/order.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch {
namespace {

Result<Order> parse(const std::string& text) { return parse_order(parse_json(text).value()); }

std::string with_items(const std::string& items) {
  return R"({"source":"org1","sourceOrderId":"O1","accountId":"A-1","items":[)" + items + "]}";
}

std::vector<std::string> pointers(const Result<Order>& result) {
  std::vector<std::string> out;
  if (!result)
    for (const Fault& fault : result.error().faults) out.push_back(fault.pointer);
  return out;
}

TEST(Order, ReadsTheDocument) {
  const auto order = parse(R"({"source":"org1","sourceOrderId":"801A1","version":2,"orderNumber":"O-42","accountId":"A-1001",
    "requestedAt":"2026-11-23T05:21:00.000000Z","catalogIndex":17,"supplement":null,"fields":{"Channel":"web"},
    "items":[{"lineId":"1","parentLineId":null,"product":"HOME-BUNDLE","action":"Add","quantity":1,"assetRef":null,"attributes":{}},
             {"lineId":"1.1","parentLineId":"1","product":"FIBER","action":"Renew","quantity":3,"attributes":{"speed":500},"fields":{"StartDate":"x"}},
             {"lineId":"1.1.1","parentLineId":"1.1","product":"X","action":"NoChange"}]})");
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->version, 2);
  EXPECT_EQ(rfc3339(order->requested_at), "2026-11-23T05:21:00.000000Z");
  EXPECT_EQ(order->catalog_index, 17);
  EXPECT_FALSE(order->is_supplement);
  ASSERT_EQ(order->lines.size(), 3u);
  EXPECT_EQ(order->lines[1].action, Action::renew);
  EXPECT_EQ(order->lines[1].quantity, 3);
  EXPECT_EQ(order->lines[2].parent, 1);
  EXPECT_EQ(order->lines[2].root, 0);
  EXPECT_EQ(order->lines[2].quantity, 1);
  EXPECT_EQ(text_of(*order->lines[1].fields.find("StartDate")), "x");
  EXPECT_EQ(order->line_index("1.1"), 1);
  EXPECT_EQ(order->line_index("9"), -1);
}

TEST(Order, ListsEveryFaultWithItsPointer) {
  const auto order = parse(R"({"source":"","sourceOrderId":7,"requestedAt":"yesterday",
    "items":[{"lineId":"1","product":"A","action":"Plant"},{"lineId":"1","product":"","action":"Add","quantity":-1,"parentLineId":"9"}]})");
  ASSERT_FALSE(order.has_value());
  EXPECT_EQ(order.error().code, Code::order_invalid);
  EXPECT_EQ(pointers(order),
            (std::vector<std::string>{"/source", "/sourceOrderId", "/accountId", "/requestedAt", "/items/0/action",
                                      "/items/1/product", "/items/1/quantity", "/items/1/lineId", "/items/1/parentLineId"}));
}

TEST(Order, LinesInACircleAreAFault) {
  const auto order = parse(with_items(R"({"lineId":"1","parentLineId":"2","product":"A","action":"Add"},
                                         {"lineId":"2","parentLineId":"1","product":"A","action":"Add"})"));
  EXPECT_EQ(pointers(order), (std::vector<std::string>{"/items/0/parentLineId", "/items/1/parentLineId"}));
}

TEST(Order, TenThousandLinesAreTheLimit) {
  std::string items;
  for (int i = 0; i < 10'000; ++i)
    items += fmt::format("{}{{\"lineId\":\"{}\",\"product\":\"A\",\"action\":\"Add\"}}", i ? "," : "", i);
  EXPECT_EQ(parse(with_items(items)).value().lines.size(), 10'000u);
  const auto more = parse(with_items(items + R"(,{"lineId":"x","product":"A","action":"Add"})"));
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, Code::order_too_large);
}

TEST(Order, ASupplementIsSeen) {
  const auto order = parse(
      R"({"source":"s","sourceOrderId":"1","accountId":"A","supplement":{"action":"Cancel"},"items":[{"lineId":"1","product":"A","action":"Add"}]})");
  EXPECT_TRUE(order.value().is_supplement);
  EXPECT_FALSE(parse(R"({"source":"s","sourceOrderId":"1","accountId":"A","items":[]})").has_value());
  EXPECT_FALSE(parse("[]").has_value());
}

}  // namespace
}  // namespace backstitch
