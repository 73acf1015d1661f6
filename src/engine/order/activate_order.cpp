#include "engine/account/assetize.h"
#include "engine/events.h"
#include "engine/order/order.h"

namespace backstitch {

void notify_crm(Desk& desk, OrderWork& order, bool with_lines) {
  order.touch(desk.now);
  note_change(desk, order);
  const Order& document = order.order;
  auto head = [&](const char* type) {
    return fmt::format("{{\"type\":\"{}\",\"version\":{},\"orderId\":\"{}\"", type, order.changed_at.us, order.id.text()) +
           member("source", document.source) + member("sourceOrderId", document.source_order_id) +
           fmt::format(",\"orderVersion\":{}", document.version);
  };
  desk.effects.crm.push_back(
      {document.account_id, order.partition, "order", head("order") + member("state", to_text(order.state)) + "}"});
  if (!with_lines) return;
  for (std::size_t i = 0; i < document.lines.size(); ++i)
    desk.effects.crm.push_back(
        {document.account_id, order.partition, "orderItem",
         head("orderItem") + member("lineId", document.lines[i].line_id) + member("state", to_text(order.lines[i])) + "}"});
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
