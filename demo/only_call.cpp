#include "demo/only_call.h"

#include "demo/order_files.h"
#include "rules/compose.h"
#include "rules/mapping.h"

namespace backstitch::demo {
namespace {

/// One that answers at once, repeats, tells and takes back; null where it is another.
const System* system_of(const Catalog& catalog, const std::string& name) {
  const auto [system, interface] = catalog.find_interface(name);
  const bool answers = interface && !interface->asynchronous;
  return answers && system->effects.idempotent && system->effects.lookup && system->effects.cancel ? system : nullptr;
}

/// Null when the plan has none.
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

}  // namespace

Result<OnlyCall> only_call_of(const Catalog& catalog, const Order& order, const InventoryView& inventory) {
  const OrderId id = derive_order_id(order.requested_at, order.source, order.source_order_id, order.version);
  const auto parts = decompose(order, id, catalog, inventory, false);
  if (!parts) return fail(parts.error());
  const auto plan = compose(order, id, catalog, *parts);
  if (!plan) return fail(plan.error());
  const PlanItem* item = only_call(catalog, *plan);
  if (!item) return OnlyCall();
  const ItemDefinition& definition = *catalog.item(item->plan, item->item);
  const Scene scene = scene_of(order, *item, *parts, catalog);
  const System* system = system_of(catalog, choose_interface(definition, scene));
  if (!system) return OnlyCall();
  return OnlyCall{system->key, scene.line ? scene.line->product : std::string(), build_request(definition, *item, {scene}),
                  definition.service_record};
}

}  // namespace backstitch::demo
