// Decomposition of an order into downstream orders and items (order-management 4), one level. Pure.
#pragma once
#include <functional>
#include <optional>

#include "model/fulfilment.h"

namespace backstitch {

/// What the account has already, as far as decomposition needs it (4.7): active inventory by product and scope key.
struct InventoryView {
  struct Item {
    Attributes values;
    std::string asset_ref;
  };
  /// None when there is no active inventory item of this product in this scope. For an order item with an asset reference the
  /// scope key of the inventory is that reference.
  std::function<std::optional<Item>(const std::string& product, const std::string& scope_key, const std::string& asset_ref)> find;
};

/// Errors: Code::order_unknown_product (all faults listed, with pointers), inventory_missing, decomposition_too_deep.
/// Deterministic: lines in order, rules by priority then key; the last source wins an attribute (F022). Products without a
/// relationship are skipped (F025). Scope Custom: one instance per value of the product's scope_field (line attribute, else line
/// field, else order field; no value is a group of its own). Scope key by scope: Account → account id; Order → source order id;
/// TopOrderItem → the root's asset reference, else "<order>:<root line>"; OrderItem → the line's asset reference, else
/// "<order>:<line>"; Custom → "<order>:<field>=<value>". Account scope is shared across orders through the inventory.
Result<Decomposition> decompose(const Order& order, OrderId order_id, const Catalog& catalog, const InventoryView& inventory,
                                bool with_trace);

/// Every relationship looked at for every line, whether it fired and why (F028). Needs no inventory.
std::vector<RuleTrace> trace_rules(const Order& order, const Catalog& catalog);

}  // namespace backstitch
