#include "demo/stray_orders.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "demo/only_call.h"
#include "rules/generate.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

constexpr int drawn = 120;
constexpr std::int64_t tomorrow_ms = 86'400'000;

std::string sent_from(json::object document, const char* source, Time start) {
  document["source"] = source;
  if (start.is_set())
    for (json::value& line : document.at("items").as_array()) line.at("fields").as_object()["StartDate"] = rfc3339(start);
  return canonical_json(document);
}

}  // namespace

std::string part_of_subject(const std::string& order) { return "/" + order + ":"; }

Result<std::vector<StrayOrder>> draw_stray_orders(const Catalog& catalog, std::uint64_t seed, Time base) {
  const auto documents = generate_orders(
      catalog, {.count = drawn, .seed = seed, .base = base, .source = stray_source, .prefix = "S", .callout_share = 1});
  if (!documents) return fail(documents.error());
  std::vector<StrayOrder> strays;
  for (const std::string& text : *documents) {
    const auto document = parse_json(text);
    if (!document) return fail(document.error());
    const auto order = parse_order(*document);
    if (!order) return fail(order.error());
    const auto call = only_call_of(catalog, *order, {});
    if (!call) return fail(call.error());
    if (call->system.empty() || (!strays.empty() && strays.front().system != call->system)) continue;
    const std::string& url = catalog.system(call->system)->url;
    strays.push_back({order->source_order_id, call->system, url.substr(url.find(':') + 1), call->product,
                      sent_from(document->as_object(), stray_source, base.plus_ms(tomorrow_ms)),
                      sent_from(document->as_object(), again_source, {})});
    if (strays.size() == strays_wanted) return strays;
  }
  return std::vector<StrayOrder>();
}

}  // namespace backstitch::demo
