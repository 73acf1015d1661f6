// The life of an order (order-management 3.3): one file a command.
#pragma once
#include "engine/engine.h"
#include "rules/decompose.h"

namespace backstitch {

void submit_order(Desk& desk, const SubmitInput& submit);
/// The plan is complete: end-of-plan assetisation of commercial lines, then Activated.
void activate_order(Desk& desk, OrderWork& order);
/// What the CRM is told of an order that has no rows, because its record was left out.
CrmUpdate rejected_update(const Order& document, Partition partition, Time submitted_at);
/// What the CRM is told of an order as it stands: its state, and each line's.
std::vector<CrmUpdate> order_updates(const OrderWork& order, bool with_lines);
/// The order has changed, and the CRM is told.
void notify_crm(Desk& desk, OrderWork& order, bool with_lines);

}  // namespace backstitch
