#include "engine/events.h"
#include "engine/order/order.h"
#include "engine/recovery/recovery.h"

namespace backstitch {

void leave_out(Desk& desk, const ExcludedInput& excluded) {
  const Error error{Code::excluded, excluded.why, {}};
  record_command(desk, {}, excluded.kind, "excluded", "", excluded.subject, &error);
  if (!excluded.submit) return;
  const Order& order = excluded.submit->order;
  // A repetition of an order that stays: rejecting it would tell the CRM something that is not so.
  if (desk.work.known_orders.contains(order_name(order.source, order.source_order_id, order.version))) return;
  desk.effects.crm.push_back(rejected_update(order, desk.work.partition, desk.now));
}

}  // namespace backstitch
