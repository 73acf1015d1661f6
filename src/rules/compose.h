// Composition of the order's plan from scenarios, definitions and dependencies (order-management 5.1, 5.3, 5.4). Pure.
#pragma once
#include "model/fulfilment.h"

namespace backstitch {

/// Items: scenarios of each downstream item's product (and of each order line's commercial product) by product or class × action
/// × condition choose plans; each definition makes one instance per scope instance (item scope, else the plan's): global, order →
/// one for the order; main_order_item, sales_bundle → one per root line; order_item, swimlane → one per downstream item (or
/// line); custom → one per value of scope_field. A definition reached by several downstream items of one instance is one item
/// that serves them all. Dependencies bind instances inside the same scope instance (global: all of the order). Errors:
/// Code::catalog_cycle when the instances form a cycle, item_type_unsupported. Ids: derive_child(order, "item", "plan/item",
/// instance, version); effects: derive_effect_id(…, "plan/item", "<instance>").
Result<PlanGraph> compose(const Order& order, OrderId order_id, const Catalog& catalog, const Decomposition& decomposition);

}  // namespace backstitch
