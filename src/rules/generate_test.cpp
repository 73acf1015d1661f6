#include "rules/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "rules/compose.h"
#include "rules/decompose.h"
#include "rules/fixture.h"
#include "rules/import/quantumbit.h"
#include "rules/mapping.h"

namespace backstitch {
namespace {

const Time base{1'780'000'000'000'000};

CatalogPtr quantumbit() {
  static const CatalogPtr catalog =
      parse_catalog_text(import::import_quantumbit(fixture::quantumbit_files(), "quantumbit", 1).value().catalog).value();
  return catalog;
}

std::vector<std::string> draw(const Catalog& catalog, const GenerateOptions& options) {
  auto orders = generate_orders(catalog, options);
  EXPECT_TRUE(orders.has_value()) << (orders ? "" : orders.error().text());
  return orders ? *orders : std::vector<std::string>();
}

Order read(const std::string& text) { return parse_order(parse_json(text).value()).value(); }

GenerateOptions options(int count, std::uint64_t seed) {
  GenerateOptions out;
  out.count = count, out.seed = seed, out.base = base;
  return out;
}

struct Census {
  int orders = 0, with_callout = 0, callouts = 0, groups = 0;
  std::map<std::string, int> by_interface;
  std::map<std::string, int> by_account;
};

// Checks each order completely, as the platform will see it, and counts.
Census take_census(const Catalog& catalog, const std::vector<std::string>& documents) {
  Census census;
  for (const std::string& text : documents) {
    const auto order = parse_order(parse_json(text).value());
    EXPECT_TRUE(order.has_value()) << text;
    const OrderId id = fixture::id_of(*order);
    const auto parts = decompose(*order, id, catalog, {}, false);
    EXPECT_TRUE(parts.has_value()) << text;
    const auto plan = compose(*order, id, catalog, *parts);
    EXPECT_TRUE(plan.has_value()) << text;
    if (!order || !parts || !plan) return census;
    EXPECT_FALSE(plan->items.empty()) << text;
    ++census.orders, ++census.by_account[order->account_id];
    int calls = 0;
    for (const PlanItem& item : plan->items) {
      const ItemDefinition* definition = catalog.item(item.plan, item.item);
      if (definition->type != ItemType::callout) continue;
      ++calls;
      const Scene scene{&*order, &order->lines[0], nullptr, nullptr};
      ++census.by_interface[choose_interface(*definition, scene)];
    }
    census.callouts += calls, census.with_callout += calls > 0 ? 1 : 0;
  }
  return census;
}

TEST(Generate, QuantumBitOrdersMeetTheirShares) {
  for (const std::uint64_t seed : std::vector<std::uint64_t>{1, 7}) {
    const Census census = take_census(*quantumbit(), draw(*quantumbit(), options(300, seed)));
    EXPECT_EQ(census.orders, 300);
    EXPECT_GE(census.with_callout, 90) << "30 % reach the callout";
    EXPECT_LT(census.with_callout, 240) << "and not nearly all";
    ASSERT_EQ(census.by_interface.size(), 4u);
    for (const auto& [interface, count] : census.by_interface)
      EXPECT_GE(count * 5, census.callouts) << interface << " has less than 20 %";
    EXPECT_TRUE(
        std::any_of(census.by_account.begin(), census.by_account.end(), [](const auto& entry) { return entry.second > 2; }));
    EXPECT_GT(census.by_account.size(), 100u);
  }
}

TEST(Generate, AllOwnCatalogsGiveOrders) {
  for (const char* name : {"mini", "bench"}) {
    const CatalogPtr catalog = fixture::load(name);
    EXPECT_EQ(take_census(*catalog, draw(*catalog, options(100, 3))).orders, 100) << name;
  }
}

TEST(Generate, TheSeedDecidesEverything) {
  const auto one = draw(*quantumbit(), options(40, 5));
  EXPECT_EQ(one, draw(*quantumbit(), options(40, 5)));
  EXPECT_NE(one, draw(*quantumbit(), options(40, 6)));
  GenerateOptions later = options(3, 5);
  later.first = 101, later.prefix = "X";
  EXPECT_NE(draw(*quantumbit(), later).at(0).find("\"X-000101\""), std::string::npos);
}

TEST(Generate, BundlesObeyTheirBounds) {
  const CatalogPtr catalog = quantumbit();
  for (const std::string& text : draw(*catalog, options(200, 11))) {
    const Order order = read(text);
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
      const Product* product = catalog->product(order.lines[i].product);
      std::multiset<std::string> children;
      std::map<std::string, int> in_group;
      for (const OrderLine& line : order.lines) {
        if (line.parent != static_cast<int>(i)) continue;
        children.insert(line.product);
        const auto child = std::find_if(product->children.begin(), product->children.end(),
                                        [&](const ProductChild& c) { return c.product == line.product; });
        ASSERT_NE(child, product->children.end()) << line.product << " is no child of " << product->key;
        EXPECT_GE(line.quantity, child->min);
        EXPECT_TRUE(child->max < 0 || line.quantity <= child->max) << line.product;
        ++in_group[child->group];
      }
      for (const ProductChild& child : product->children) {
        EXPECT_LE(children.count(child.product), 1u);
        EXPECT_TRUE(child.min == 0 || children.contains(child.product)) << "a required component is missing";
      }
      for (const ChildGroup& group : product->groups) {
        EXPECT_GE(in_group[group.key], group.min) << product->key << " " << group.key;
        EXPECT_TRUE(group.max < 0 || in_group[group.key] <= group.max) << product->key << " " << group.key;
      }
    }
  }
}

TEST(Generate, StartDatesLieInThePastUnlessAsked) {
  auto in_future = [](double share) {
    GenerateOptions asked = options(100, 2);
    asked.future_share = share;
    int future = 0;
    for (const std::string& text : draw(*quantumbit(), asked)) {
      const Order order = read(text);
      for (const OrderLine& line : order.lines) {
        const Time start = parse_rfc3339(text_of(*line.fields.find("StartDate"))).value();
        EXPECT_LE(start, base.plus_ms(asked.future_ms_max));
        EXPECT_NE(line.fields.find("Group_Identifier"), nullptr);
        future += start > base ? 1 : 0;
      }
    }
    return future;
  };
  EXPECT_EQ(in_future(0), 0);
  EXPECT_GT(in_future(0.3), 10);
}

TEST(Generate, ACatalogWithoutWorkIsRefused) {
  const CatalogPtr idle =
      parse_catalog_text(R"({"format":"backstitch.catalog/1","source":"idle","index":1,"products":[{"key":"P"}]})").value();
  const auto orders = generate_orders(*idle, options(1, 1));
  ASSERT_FALSE(orders.has_value());
  EXPECT_NE(orders.error().detail.find("idle"), std::string::npos);
}

TEST(Properties, EveryDownstreamItemHasASourceAndEveryPlanAnEnd) {
  // Over many drawn orders of both catalogs: deterministic, no orphan (V-6), no circle, edges known from both ends.
  for (const CatalogPtr& catalog : std::vector<CatalogPtr>{quantumbit(), fixture::load("mini")})
    for (const std::string& text : draw(*catalog, options(150, 99))) {
      const Order order = read(text);
      const OrderId id = fixture::id_of(order);
      const Decomposition parts = decompose(order, id, *catalog, {}, false).value();
      const PlanGraph plan = compose(order, id, *catalog, parts).value();
      EXPECT_EQ(fulfilment_json(parts, plan),
                fulfilment_json(decompose(order, id, *catalog, {}, true).value(), compose(order, id, *catalog, parts).value()));
      for (const DownstreamItem& item : parts.items) {
        ASSERT_FALSE(item.source_lines.empty());
        EXPECT_TRUE(std::is_sorted(item.source_lines.begin(), item.source_lines.end()));
        EXPECT_FALSE(item.rules.empty());
      }
      std::vector<int> depth(plan.items.size(), 0);
      for (std::size_t round = 0; round <= plan.items.size(); ++round)
        for (std::size_t i = 0; i < plan.items.size(); ++i)
          for (const int before : plan.items[i].waits_for) {
            depth[i] = std::max(depth[i], depth[static_cast<std::size_t>(before)] + 1);
            const auto& followers = plan.items[static_cast<std::size_t>(before)].followed_by;
            EXPECT_TRUE(std::find(followers.begin(), followers.end(), static_cast<int>(i)) != followers.end());
          }
      for (const int value : depth)
        EXPECT_LT(value, static_cast<int>(plan.items.size())) << "a circle would grow with every round";
    }
}

}  // namespace
}  // namespace backstitch
