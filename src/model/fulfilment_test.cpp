#include "model/fulfilment.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch {
namespace {

const OrderId order_id = derive_order_id(Time{1'700'000'000'000'000}, "org1", "O1", 1);

Decomposition sample_parts() {
  Decomposition parts;
  parts.orders = {{{derive_child(order_id, "downstream-order", "Access", "", 1)}, "Access \"quoted\""}};
  DownstreamItem item;
  item.id = {derive_child(order_id, "downstream-item", "CFS", "O1:1", 1)};
  item.product = "CFS", item.scope_key = "O1:1", item.action = Action::renew, item.quantity = 7, item.known = true;
  item.values.set("speed", std::int64_t{500});
  item.values.set("note", std::string("ü\n"));
  item.values.set("empty", Value());
  item.values.set("price", 19.95);
  item.source_lines = {0, 2};
  item.rules = {"d1", "d2"};
  parts.items = {item};
  parts.notices = {"one notice"};
  return parts;
}

PlanGraph sample_plan() {
  PlanGraph plan;
  plan.id = {derive_child(order_id, "plan", "", "", 1)};
  for (int i = 0; i < 3; ++i) {
    PlanItem item;
    item.id = {derive_child(order_id, "item", "p/i", std::to_string(i), 1)};
    item.effect = derive_effect_id("org1", "O1", 1, "p/i", std::to_string(i));
    item.plan = "p", item.item = "i", item.instance = std::to_string(i), item.scenario = "s";
    item.lines = {i}, item.downstream_items = {0};
    plan.items.push_back(item);
  }
  plan.items[2].waits_for = {0, 1};
  plan.items[0].followed_by = {2};
  plan.items[1].followed_by = {2};
  plan.notices = {"plan notice"};
  return plan;
}

TEST(Fulfilment, ParseGivesBackWhatWasWritten) {
  const std::string text = fulfilment_json(sample_parts(), sample_plan());
  Decomposition parts;
  PlanGraph plan;
  ASSERT_TRUE(parse_fulfilment(parse_json(text).value(), order_id, parts, plan).has_value());
  EXPECT_EQ(fulfilment_json(parts, plan), text);
  const DownstreamItem &item = parts.items.at(0), expected = sample_parts().items[0];
  EXPECT_EQ(item.id, expected.id);
  EXPECT_EQ(item.values, expected.values);
  EXPECT_EQ(item.action, Action::renew);
  EXPECT_EQ(item.source_lines, expected.source_lines);
  EXPECT_TRUE(item.known);
  EXPECT_EQ(parts.orders.at(0).domain, "Access \"quoted\"");
  EXPECT_EQ(plan.id, sample_plan().id);
  EXPECT_EQ(plan.items.at(2).waits_for, (std::vector<int>{0, 1}));
  EXPECT_EQ(plan.items.at(0).followed_by, std::vector<int>{2});
  EXPECT_EQ(plan.items.at(1).effect, sample_plan().items[1].effect);
}

TEST(Fulfilment, ADamagedRowIsAnErrorNotACrash) {
  const std::string good = fulfilment_json(sample_parts(), sample_plan());
  auto with = [&](const std::string& what, const std::string& instead) {
    std::string text = good;
    text.replace(text.find(what), what.size(), instead);
    Decomposition parts;
    PlanGraph plan;
    return parse_fulfilment(parse_json(text).value(), order_id, parts, plan);
  };
  for (const auto& [what, instead] : std::vector<std::pair<std::string, std::string>>{{"\"items\"", "\"itens\""},
                                                                                      {"\"Renew\"", "\"Renewed\""},
                                                                                      {"\"waits\":[0,1]", "\"waits\":[0,3]"},
                                                                                      {"\"order\":0", "\"order\":1"},
                                                                                      {"\"for\":[0]", "\"for\":[\"x\"]"},
                                                                                      {"\"quantity\":7", "\"quantity\":null"}}) {
    const Status status = with(what, instead);
    ASSERT_FALSE(status.has_value()) << instead;
    EXPECT_EQ(status.error().code, Code::row_broken);
  }
}

}  // namespace
}  // namespace backstitch
