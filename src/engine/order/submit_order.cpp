// An order is submitted: seen before?, decompose, compose, begin. A refusal after acceptance is a state of the order (Rejected)
// that the CRM is told, never a silent drop.
#include "base/assert.h"
#include "base/hash.h"
#include "engine/account/assetize.h"
#include "engine/item/item.h"
#include "engine/order/order.h"
#include "rules/compose.h"
#include "rules/decompose.h"

namespace backstitch {
namespace {

std::string order_subject(const Order& order) { return order.source + "/" + order.source_order_id; }

/// True when the order id is known: the same body again is a duplicate, another one a conflict.
bool was_seen(Desk& desk, const SubmitInput& submit) {
  const Order& order = submit.order;
  const auto known = desk.work.known_orders.find(order_name(order.source, order.source_order_id, order.version));
  if (known == desk.work.known_orders.end()) return false;
  if (known->second.body_digest == submit.body_digest) {
    record_command(desk, {}, "submit", "duplicate", "", order_subject(order));
  } else {
    const Error error{Code::order_conflict, order_subject(order), {}};
    record_command(desk, {}, "submit", "conflict", "", order_subject(order), &error);
  }
  return true;
}

OrderId free_order_id(const PartitionWork& work, const SubmitInput& submit, Time at, int& salt) {
  const Order& order = submit.order;
  for (salt = 0;; ++salt) {
    const OrderId id = derive_order_id(order.requested_at.is_set() ? order.requested_at : at, order.source, order.source_order_id,
                                       order.version, salt);
    if (!work.orders.contains(id) && !work.taken_ids.contains(id)) return id;
  }
}

Status build(Desk& desk, OrderWork& order) {
  order.catalog = desk.shelf.find(desk.work.catalog_digest);
  if (!order.catalog) return fail(Code::catalog_none, "order {}", order.order.source_order_id);
  if (order.order.is_supplement) return fail(Code::supplement_unsupported, "order {}", order.order.source_order_id);
  const bool looks = needs_account(order.order, *order.catalog);  // else whatever of it is in memory must not matter
  auto parts = decompose(order.order, order.id, *order.catalog,
                         inventory_of(desk.work, looks ? order.order.account_id : std::string()), false);
  if (!parts) return fail(std::move(parts.error()));
  auto plan = compose(order.order, order.id, *order.catalog, *parts);
  if (!plan) return fail(std::move(plan.error()));
  order.parts = std::move(*parts), order.plan = std::move(*plan);
  return {};
}

void reject(Desk& desk, OrderWork& order, const Error& error) {
  order.parts = {}, order.plan = {};
  order.graph = fulfilment_json(order.parts, order.plan);
  order.state = OrderState::rejected;
  order.lines.assign(order.order.lines.size(), LineState::cancelled);
  record_event(desk, order, "OrderRejected", member("code", code_text(error.code)) + member("detail", error.text()));
  record_command(desk, {}, "submit", "refused", "", order_subject(order.order), &error);
  notify_crm(desk, order, false);
}

void size_states(OrderWork& order) {
  order.lines.assign(order.order.lines.size(), LineState::in_progress);
  order.downstream_orders.assign(order.parts.orders.size(), DownstreamState::in_progress);
  order.downstream_items.assign(order.parts.items.size(), {});
  order.items.assign(order.plan.items.size(), {});
  order.items_open = static_cast<int>(order.items.size());
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    order.items[i].unmet = static_cast<int>(order.plan.items[i].waits_for.size());
    order.items[i].changed = true;
    order.changed_items.push_back(static_cast<int>(i));
  }
}

void begin(Desk& desk, OrderWork& order) {
  size_states(order);
  order.graph = fulfilment_json(order.parts, order.plan);
  desk.work.decision_digest = digest64(order.graph, desk.work.decision_digest);
  order.state = OrderState::in_progress;
  record_event(desk, order, "OrderSubmitted");
  record_event(desk, order, "PlanComposed",
               fmt::format(",\"items\":{},\"downstreamItems\":{}", order.items.size(), order.parts.items.size()));
  notify_crm(desk, order, false);
  ItemContext context{desk, order, {}};
  for (std::size_t i = 0; i < order.items.size(); ++i)
    if (order.items[i].unmet == 0) context.todo.push_back(static_cast<int>(i));
  run_todo(context);
}

}  // namespace

void submit_order(Desk& desk, const SubmitInput& submit) {
  if (was_seen(desk, submit)) return;
  auto fresh = std::make_unique<OrderWork>();
  OrderWork& order = *fresh;
  order.id = free_order_id(desk.work, submit, desk.now, order.salt);
  order.partition = desk.work.partition, order.order = submit.order;
  order.is_new = true, order.created_at = order.changed_at = desk.now;
  order.body = desk.record.value, order.body_digest = submit.body_digest;
  admit_order(desk.work, std::move(fresh));
  if (const Status built = build(desk, order); !built) return reject(desk, order, built.error());
  begin(desk, order);
}

}  // namespace backstitch
