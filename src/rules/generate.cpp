#include "rules/generate.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "rules/bundle_draw.h"
#include "rules/compose.h"
#include "rules/decompose.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr const char* regions[] = {"EMEA", "AMER", "APAC", "LATAM"};
constexpr int attempts_max = 40;
constexpr std::int64_t day_ms = 86'400'000;

class Generator {
 public:
  Generator(const Catalog& catalog, const GenerateOptions& options)
      : catalog_(catalog),
        options_(options),
        random_(options.seed),
        map_(catalog),
        accounts_(options.accounts > 0 ? options.accounts : std::max(1, options.count * 2 / 3)) {
    for (const std::string& product : map_.working(true)) callout_products_.insert(product);
  }

  Result<std::string> draw(int place) {
    // A share kept by counting, not by chance: a short run has it too.
    const bool callout = !map_.working(true).empty() &&
                         static_cast<double>(with_callout_) < options_.callout_share * static_cast<double>(place + 1);
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
      const json::object document = draw_document(place, callout);
      int calls = 0;
      if (!has_work(document, calls) || (callout && calls == 0)) continue;
      if (calls > 0) ++with_callout_;
      return canonical_json(document);
    }
    return fail(Code::import_failed, "catalog {} gave no order with work in {} attempts", catalog_.source, attempts_max);
  }

 private:
  json::object draw_document(int place, bool callout) {
    const std::string id = fmt::format("{}-{:06}", options_.prefix, options_.first + place);
    const auto& products = map_.working(callout);
    const auto ways = map_.ways_to(products[random_.below(products.size())]);
    // Without a callout wanted, its products are taken only where a bundle cannot do without them.
    static const std::set<std::string> nothing;
    const auto drawn =
        draw_bundle(catalog_, ways[random_.below(ways.size())], callout ? nothing : callout_products_, "1", random_);
    const std::size_t groups = 1 + random_.below(3);
    json::array items;
    for (const DrawnLine& line : drawn) items.push_back(line_json(line, groups));
    return {{"source", options_.source},
            {"sourceOrderId", id},
            {"version", 1},
            {"orderNumber", id},
            {"accountId", fmt::format("A-{:05}", 1 + random_.below(static_cast<std::size_t>(accounts_)))},
            {"requestedAt", rfc3339(options_.base.plus_ms(place))},
            {"catalogIndex", catalog_.index},
            {"supplement", nullptr},
            {"fields",
             json::object{{"Region", regions[callout ? with_callout_ % std::size(regions) : random_.below(std::size(regions))]},
                          {"Channel", random_.chance(0.5) ? "web" : "shop"}}},
            {"items", std::move(items)}};
  }

  json::object line_json(const DrawnLine& line, std::size_t groups) {
    const bool future = random_.chance(options_.future_share);
    const std::int64_t start_ms =
        future ? 1 + static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(options_.future_ms_max)))
               : -day_ms * static_cast<std::int64_t>(1 + random_.below(30));
    json::object out{{"lineId", line.line_id},
                     {"parentLineId", line.parent_line_id.empty() ? json::value(nullptr) : json::value(line.parent_line_id)},
                     {"product", line.product->key},
                     {"action", "Add"},
                     {"quantity", line.quantity},
                     {"assetRef", nullptr},
                     {"attributes", attributes_json(*line.product)}};
    out["fields"] = json::object{{"StartDate", rfc3339(options_.base.plus_ms(start_ms))},
                                 {"Group_Identifier", fmt::format("G{}", 1 + random_.below(groups))}};
    return out;
  }

  json::object attributes_json(const Product& product) {
    json::object out;
    for (const std::string& name : product.attributes)
      for (const AttributeDefinition& attribute : catalog_.attributes) {
        if (attribute.key != name) continue;
        if (!attribute.picklist.empty())
          out[name] = to_json(attribute.picklist[random_.below(attribute.picklist.size())]);
        else if (attribute.type == "boolean")
          out[name] = random_.chance(0.5);
      }
    return out;
  }

  // The rules themselves judge: conditions may keep a product from decomposing that has a relationship.
  bool has_work(const json::object& document, int& callouts) const {
    const auto order = parse_order(document);
    if (!order) return false;
    const OrderId id = derive_order_id(order->requested_at, order->source, order->source_order_id, order->version);
    const auto parts = decompose(*order, id, catalog_, {}, false);
    if (!parts) return false;
    const auto plan = compose(*order, id, catalog_, *parts);
    if (!plan || plan->items.empty()) return false;
    for (const PlanItem& item : plan->items)
      if (const ItemDefinition* definition = catalog_.item(item.plan, item.item);
          definition && definition->type == ItemType::callout)
        ++callouts;
    return true;
  }

  const Catalog& catalog_;
  const GenerateOptions& options_;
  SplitMix64 random_;
  BundleMap map_;
  int accounts_;
  std::set<std::string> callout_products_;
  std::int64_t with_callout_ = 0;
};

}  // namespace

Result<std::vector<std::string>> generate_orders(const Catalog& catalog, const GenerateOptions& options) {
  Generator generator(catalog, options);
  std::vector<std::string> out;
  if (BundleMap(catalog).working(false).empty())
    return fail(Code::import_failed, "no product of catalog {} has a relationship or a scenario", catalog.source);
  out.reserve(static_cast<std::size_t>(std::max(options.count, 0)));
  for (int i = 0; i < options.count; ++i) {
    auto order = generator.draw(i);
    if (!order) return fail(std::move(order.error()));
    out.push_back(std::move(*order));
  }
  return out;
}

}  // namespace backstitch
