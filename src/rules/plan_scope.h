// Scope instances (order-management 5.3): which instances a definition has, and which a dependency binds. Inside of compose.
#pragma once
#include "model/fulfilment.h"

namespace backstitch {

/// What a scenario matched: a downstream item or an order line (the other is -1).
struct Subject {
  int downstream = -1, line = -1;
  Action action = Action::add;
};

/// An instance that the subject needs, and the order lines through which it does.
struct Instance {
  std::string key;
  std::vector<int> lines;
};

/// Keys are business keys. Global, Order → "order"; Main Order Item, Sales Bundle → the root's line id; Custom →
/// "<field>=<value>"; Order Item, Swimlane → the line id, or the downstream item's scope key without the order's own id, with
/// "/<product>" behind it when the plan is used for more than one product.
std::vector<Instance> instances_of(const PlanDefinition& plan, const ItemDefinition& item, const Subject& subject,
                                   const Order& order, const Catalog& catalog, const Decomposition& decomposition);

/// None binds like Global; inside one plan Order Item binds by the same downstream item, across plans by a common line.
enum class Binding { whole_order, root, line, subject, custom };
Binding effective_dependency_scope(const DependencyDefinition& dependency);

/// Two items are in the same scope instance when they have a key in common.
std::vector<std::string> scope_keys(Binding binding, const PlanItem& item, const Order& order);

/// Line attribute, else line field, else order field; empty when none of them is there.
std::string group_value(const Order& order, const OrderLine& line, const std::string& field);

}  // namespace backstitch
