#include "demo/stray_orders.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "rules/compose.h"
#include "rules/decompose.h"
#include "rules/generate.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

constexpr int drawn = 120;
constexpr std::int64_t tomorrow_ms = 86'400'000;

/// The system that is called: one that repeats, tells and takes back; null where it is another.
const System* system_of(const Catalog& catalog, const std::string& interface) {
  const System* system = catalog.system(interface.substr(0, interface.find('.')));
  const bool fits = system && system->effects.idempotent && system->effects.lookup && system->effects.cancel;
  return fits ? system : nullptr;
}

/// The one callout of a plan in which nothing stands before it, and something waits for its line's start; null when it has none.
const PlanItem* only_call(const Catalog& catalog, const PlanGraph& plan) {
  const PlanItem* call = nullptr;
  bool waits = false;
  for (const PlanItem& item : plan.items) {
    const ItemDefinition* definition = catalog.item(item.plan, item.item);
    if (!definition) return nullptr;
    waits |= !definition->process_after.empty();
    if (definition->type != ItemType::callout) continue;
    if (call || !item.waits_for.empty() || !definition->process_after.empty()) return nullptr;
    call = &item;
  }
  return waits ? call : nullptr;
}

/// Key of the system that its only call goes to; empty when it is not such an order.
Result<std::string> called_by(const Catalog& catalog, const Order& order) {
  const OrderId id = derive_order_id(order.requested_at, order.source, order.source_order_id, order.version);
  const auto parts = decompose(order, id, catalog, {}, false);
  if (!parts) return fail(parts.error());
  const auto plan = compose(order, id, catalog, *parts);
  if (!plan) return fail(plan.error());
  const PlanItem* call = only_call(catalog, *plan);
  if (!call) return std::string();
  const System* system = system_of(catalog, interface_of(*catalog.item(call->plan, call->item), order, *call, *parts, catalog));
  return system ? system->key : std::string();
}

std::string sent_from(json::object document, const char* source, Time start) {
  document["source"] = source;
  if (start.is_set())
    for (json::value& line : document.at("items").as_array()) line.at("fields").as_object()["StartDate"] = rfc3339(start);
  return canonical_json(document);
}

}  // namespace

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
    const auto system = called_by(catalog, *order);
    if (!system) return fail(system.error());
    if (system->empty() || (!strays.empty() && strays.front().system != *system)) continue;
    const std::string& url = catalog.system(*system)->url;
    strays.push_back({order->source_order_id, *system, url.substr(url.find(':') + 1),
                      sent_from(document->as_object(), stray_source, base.plus_ms(tomorrow_ms)),
                      sent_from(document->as_object(), again_source, {})});
    if (strays.size() == strays_wanted) return strays;
  }
  return std::vector<StrayOrder>();
}

}  // namespace backstitch::demo
