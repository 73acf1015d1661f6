#include "api/documents/plan_document.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "engine/item/item.h"
#include "rules/explain.h"

namespace backstitch {
namespace json = boost::json;
namespace {

json::value time_or_null(Time time) { return time.is_set() ? json::value(rfc3339(time)) : json::value(nullptr); }

json::array names(const OrderWork& order, const std::vector<int>& items, bool only_unmet) {
  json::array out;
  for (const int item : items)
    if (!only_unmet || !satisfies_dependency(order.items[static_cast<std::size_t>(item)].state))
      out.push_back(json::string(item_name(order, item)));
  return out;
}

json::object item_object(const OrderWork& order, int index) {
  const PlanItem& planned = order.plan.items[static_cast<std::size_t>(index)];
  const ItemWork& work = order.items[static_cast<std::size_t>(index)];
  const ItemDefinition& definition = definition_of(order, index);
  json::object out;
  out["id"] = planned.id.text(), out["name"] = item_name(order, index), out["type"] = to_text(definition.type),
  out["state"] = to_text(work.state);
  out["orderId"] = order.id.text(), out["attempt"] = work.attempt, out["call"] = work.call;
  out["effectKey"] = CallKey{planned.effect, work.call}.text(), out["subject"] = business_subject(order, index);
  out["interface"] = route_of(order, index), out["manualQueue"] = definition.manual_queue, out["owner"] = work.owner,
  out["error"] = work.error;
  out["startedAt"] = time_or_null(work.started_at), out["endedAt"] = time_or_null(work.ended_at),
  out["dueAt"] = time_or_null(work.due_at);
  out["waitsFor"] = names(order, planned.waits_for, false);
  return out;
}

/// In words, what stands between the item and its next state.
std::string why(const OrderWork& order, int index) {
  const ItemWork& work = order.items[static_cast<std::size_t>(index)];
  const ItemDefinition& definition = definition_of(order, index);
  switch (work.state) {
    case ItemState::pending: {
      std::string out = "waits for";
      for (const int before : order.plan.items[static_cast<std::size_t>(index)].waits_for) {
        const ItemState state = order.items[static_cast<std::size_t>(before)].state;
        if (!satisfies_dependency(state)) out += " " + item_name(order, before) + " (" + to_text(state) + ")";
      }
      return out;
    }
    case ItemState::scheduled: return "starts at " + rfc3339(work.due_at);
    case ItemState::ready: return "waits for a person of queue \"" + definition.manual_queue + "\" to claim it";
    case ItemState::running:
      if (definition.type == ItemType::manual_task) return "is worked on by " + work.owner;
      if (!work.due_at.is_set()) return "call " + std::to_string(work.call) + " is out or about to go out";
      return fmt::format("{} has accepted call {} and calls back, until {} at the latest", route_of(order, index), work.call,
                         rfc3339(work.due_at));
    case ItemState::on_hold: return "system " + route_of(order, index) + " is down; system up and unhold release it";
    case ItemState::failed:
      return "failed (" + work.error + "); attempt " + std::to_string(work.attempt + 1) + " at " + rfc3339(work.due_at);
    case ItemState::fatally_failed: return "gave up (" + work.error + "); an operator retries or completes it";
    default: return "has ended";
  }
}

json::object explained(const OrderWork& order, int index) {
  json::object out = item_object(order, index);
  out["why"] = why(order, index);
  out["obstacles"] = names(order, order.plan.items[static_cast<std::size_t>(index)].waits_for, true);
  out["scenario"] = order.plan.items[static_cast<std::size_t>(index)].scenario;
  return out;
}

template <class Make>
Result<std::string> whole_plan(Platform& platform, OrderId id, Make make) {
  auto order = read_order(platform, id);
  if (!order) return fail(std::move(order.error()));
  const OrderWork& work = **order;
  json::object out{{"id", work.plan.id.text()},
                   {"orderId", work.id.text()},
                   {"state", to_text(work.plan_state)},
                   {"orderState", to_text(work.state)}};
  if (work.catalog) out["catalog"] = work.catalog->digest;
  json::array items;
  for (int item = 0; item < static_cast<int>(work.items.size()); ++item) items.push_back(make(work, item));
  out["items"] = std::move(items);
  return write_json(out);
}

template <class Make>
Result<std::string> one_item(Platform& platform, ItemId id, Make make) {
  auto order = read_order(platform, OrderId{order_of(id.bits)});
  if (!order && order.error().code == Code::order_not_found) return fail(Code::item_not_found, "{}", id.text());
  if (!order) return fail(std::move(order.error()));
  const int index = item_index(**order, id);
  if (index < 0) return fail(Code::item_not_found, "{}", id.text());
  return write_json(make(**order, index));
}

}  // namespace

Result<std::unique_ptr<OrderWork>> read_order(Platform& platform, OrderId id) {
  auto stored = platform.database().stored_order(id);
  if (!stored) return fail(std::move(stored.error()));
  BS_TRY(platform.catalog_library().load(stored->order.catalog_digest));
  return restore_order({stored->order, stored->doc, stored->order_items, stored->downstream_orders, stored->downstream_items,
                        stored->line_values, stored->plan ? &*stored->plan : nullptr, stored->items},
                       platform.catalog_library().find(stored->order.catalog_digest));
}

Result<std::string> plan_document(Platform& platform, OrderId id) { return whole_plan(platform, id, item_object); }
Result<std::string> plan_explanation(Platform& platform, OrderId id) { return whole_plan(platform, id, explained); }
Result<std::string> item_document(Platform& platform, ItemId id) { return one_item(platform, id, item_object); }
Result<std::string> item_explanation(Platform& platform, ItemId id) { return one_item(platform, id, explained); }

Result<std::string> decomposition_document(Platform& platform, OrderId id) {
  auto order = read_order(platform, id);
  if (!order) return fail(std::move(order.error()));
  if (!(*order)->catalog) return std::string("{\"lines\":[],\"downstream\":[],\"items\":[]}");
  return write_json(explain_json((*order)->order, *(*order)->catalog, (*order)->parts, (*order)->plan));
}

}  // namespace backstitch
