// A stored order comes back into a working set: the document and the graph say what must exist, the hot rows say where it stands.
#include <boost/json.hpp>
#include <unordered_map>

#include "base/json.h"
#include "engine/crm/held.h"
#include "engine/engine.h"
#include "engine/item/item.h"

namespace backstitch {
namespace {

template <class State>
std::optional<State> named(std::string_view text, std::initializer_list<State> states) {
  for (const State state : states)
    if (text == to_text(state)) return state;
  return std::nullopt;
}
std::optional<LineState> line_state_from(std::string_view text) {
  return named(text, {LineState::in_progress, LineState::activated, LineState::cancelled, LineState::superseded});
}
std::optional<DownstreamState> downstream_state_from(std::string_view text) {
  return named(text, {DownstreamState::in_progress, DownstreamState::ready_for_activation, DownstreamState::activated,
                      DownstreamState::cancelled});
}

Status restore_documents(OrderWork& order, const StoredParts& stored) {
  auto document = parse_json(stored.doc.document);
  auto graph = parse_json(stored.doc.graph);
  if (!document || !graph) return fail(Code::row_broken, "order_doc of {}", order.id.text());
  auto parsed = parse_order(*document);
  if (!parsed) return fail(Code::row_broken, "order_doc of {}: {}", order.id.text(), parsed.error().text());
  order.order = std::move(*parsed);
  for (const LineValuesRow& row : stored.line_values)
    if (const auto taken = take_held_row(order.order, row); !taken) return fail(taken.error());
  return parse_fulfilment(*graph, order.id, order.parts, order.plan);
}

std::unordered_map<Bits128, const LineRow*> by_id(const std::vector<LineRow>& rows) {
  std::unordered_map<Bits128, const LineRow*> found;
  for (const LineRow& row : rows) found[row.id] = &row;
  return found;
}

Status missing(const OrderWork& order, const char* table, const std::string& what) {
  return fail(Code::row_broken, "{} of order {} has no row for {}", table, order.id.text(), what);
}

Status restore_lines(OrderWork& order, const StoredParts& stored) {
  const auto lines = by_id(stored.order_items), orders = by_id(stored.downstream_orders), items = by_id(stored.downstream_items);
  for (const OrderLine& line : order.order.lines) {
    const auto row = lines.find(derive_child(order.id, "orderItem", line.line_id, "", order.order.version));
    const auto state = row == lines.end() ? std::nullopt : line_state_from(row->second->state);
    if (!state) return missing(order, "order_item", line.line_id);
    order.lines.push_back(*state);
  }
  for (const DownstreamOrder& part : order.parts.orders) {
    const auto row = orders.find(part.id.bits);
    const auto state = row == orders.end() ? std::nullopt : downstream_state_from(row->second->state);
    if (!state) return missing(order, "downstream_order", part.domain);
    order.downstream_orders.push_back(*state);
  }
  for (const DownstreamItem& part : order.parts.items) {
    const auto row = items.find(part.id.bits);
    const auto state = row == items.end() ? std::nullopt : downstream_state_from(row->second->state);
    if (!state) return missing(order, "downstream_item", part.product + "[" + part.scope_key + "]");
    order.downstream_items.push_back({*state});
  }
  for (const LineValuesRow& row : stored.line_values)
    for (DownstreamItem& part : order.parts.items)
      if (part.id == row.id) {
        auto values = parse_json(row.values);
        if (!values) return fail(Code::row_broken, "line_values of {}", part.id.text());
        part.values = attributes_from(*values);
      }
  return {};
}

const char* attention_of(const OrderWork& order, int item) {
  const ItemWork& work = order.items[static_cast<std::size_t>(item)];
  const bool manual = definition_of(order, item).type == ItemType::manual_task;
  switch (work.state) {
    case ItemState::on_hold: return "on-hold";
    case ItemState::failed: return "failed";
    case ItemState::fatally_failed:
      return work.error.starts_with(code_text(Code::unknown_outcome) + " unknown-outcome") ? "unknown-outcome" : "fatally-failed";
    case ItemState::ready:
    case ItemState::running: return manual ? "manual" : "";
    default: return "";
  }
}

Status restore_items(OrderWork& order, const StoredParts& stored) {
  std::unordered_map<ItemId, const ItemRow*> rows;
  for (const ItemRow& row : stored.items) rows[row.id] = &row;
  for (std::size_t i = 0; i < order.plan.items.size(); ++i) {
    const auto found = rows.find(order.plan.items[i].id);
    if (found == rows.end()) return missing(order, "item", item_name(order, static_cast<int>(i)));
    const ItemRow& row = *found->second;
    ItemWork work;
    work.state = row.state, work.attempt = row.attempt, work.call = row.call, work.error = row.error, work.owner = row.owner;
    work.digest = row.digest, work.started_at = row.started_at, work.ended_at = row.ended_at, work.due_at = row.due_at;
    order.items.push_back(std::move(work));
    if (!is_terminal(row.state)) ++order.items_open;
  }
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    for (const int before : order.plan.items[i].waits_for)
      if (!satisfies_dependency(order.items[static_cast<std::size_t>(before)].state)) ++order.items[i].unmet;
    order.items[i].attention = attention_of(order, static_cast<int>(i));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<OrderWork>> restore_order(const StoredParts& stored, CatalogPtr catalog) {
  auto order = std::make_unique<OrderWork>();
  order->id = stored.order.id, order->partition = stored.order.partition, order->state = stored.order.state;
  order->created_at = stored.order.created_at, order->changed_at = stored.order.changed_at;
  order->catalog = std::move(catalog), order->body_digest = stored.doc.body_digest;
  if (stored.plan) order->plan_state = stored.plan->state;
  BS_TRY(restore_documents(*order, stored));
  if (!order->catalog) {
    if (order->plan.items.empty()) return order;  // rejected before a catalog was looked at
    return fail(Code::catalog_version_missing, "{} of order {}", stored.order.catalog_digest, order->id.text());
  }
  BS_TRY(restore_lines(*order, stored));
  BS_TRY(restore_items(*order, stored));
  return order;
}

}  // namespace backstitch
