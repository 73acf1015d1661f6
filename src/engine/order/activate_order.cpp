#include "engine/account/assetize.h"
#include "engine/crm/held.h"
#include "engine/events.h"
#include "engine/order/order.h"

namespace backstitch {
namespace {

std::string head_of(const char* type, const Order& document, OrderId id, Time changed_at) {
  return fmt::format("{{\"type\":\"{}\",\"version\":{},\"orderId\":\"{}\"", type, changed_at.us, id.text()) +
         member("source", document.source) + member("sourceOrderId", document.source_order_id) +
         fmt::format(",\"orderVersion\":{}", document.version);
}

CrmUpdate order_update(const Order& document, Partition partition, OrderId id, Time changed_at, OrderState state) {
  return {document.account_id, partition, "order",
          head_of("order", document, id, changed_at) + member("state", to_text(state)) + said_members(document, "") + "}"};
}

}  // namespace

CrmUpdate rejected_update(const Order& document, Partition partition, Time submitted_at) {
  const Time first = document.requested_at.is_set() ? document.requested_at : submitted_at;
  const OrderId id = derive_order_id(first, document.source, document.source_order_id, document.version, 0);
  return order_update(document, partition, id, submitted_at, OrderState::rejected);
}

std::vector<CrmUpdate> order_updates(const OrderWork& order, bool with_lines) {
  const Order& document = order.order;
  std::vector<CrmUpdate> updates{order_update(document, order.partition, order.id, order.changed_at, order.state)};
  if (!with_lines) return updates;
  for (std::size_t i = 0; i < order.lines.size(); ++i)
    updates.push_back({document.account_id, order.partition, "orderItem",
                       head_of("orderItem", document, order.id, order.changed_at) + member("lineId", document.lines[i].line_id) +
                           member("state", to_text(order.lines[i])) + said_members(document, document.lines[i].line_id) + "}"});
  return updates;
}

void notify_crm(Desk& desk, OrderWork& order, bool with_lines) {
  order.touch(desk.now);
  note_change(desk, order);
  for (CrmUpdate& update : order_updates(order, with_lines)) desk.effects.crm.push_back(std::move(update));
}

void activate_order(Desk& desk, OrderWork& order) {
  assetize(desk, order, false);
  order.plan_state = PlanState::completed, order.plan_changed = true;
  order.state = OrderState::activated;
  order.lines.assign(order.lines.size(), LineState::activated), order.lines_changed = true;
  order.downstream_orders.assign(order.downstream_orders.size(), DownstreamState::activated), order.downstream_changed = true;
  for (DownstreamItemWork& item : order.downstream_items) item.state = DownstreamState::activated, item.changed = true;
  record_event(desk, order, "OrderActivated");
  notify_crm(desk, order, true);
}

}  // namespace backstitch
