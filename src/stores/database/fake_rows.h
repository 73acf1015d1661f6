// Of the strict fake: what the digest of an account is taken over, and what a repair takes away.
#pragma once
#include <set>
#include <string>

#include "stores/database/port.h"

namespace backstitch::database {

/// Every row and state of it, in an order that does not depend on when it was written.
inline std::string told(const StoredOrder& order) {
  std::set<std::string> rows{
      fmt::format("{} {} {}", order.order.id.text(), to_text(order.order.state), order.order.changed_at.us),
      order.doc.document + order.doc.graph};
  for (const auto* lines : {&order.order_items, &order.downstream_orders, &order.downstream_items})
    for (const LineRow& row : *lines) rows.insert(fmt::format("{} {} {}", uuid_text(row.id), row.state, row.changed_at.us));
  for (const LineValuesRow& row : order.line_values) rows.insert(row.id.text() + row.values);
  for (const ItemRow& row : order.items)
    rows.insert(fmt::format("{} {} {} {} {}", row.id.text(), to_text(row.state), row.attempt, row.call, row.error));
  if (order.plan) rows.insert(fmt::format("{} {}", order.plan->id.text(), to_text(order.plan->state)));
  std::string out;
  for (const std::string& row : rows) out += row + "\n";
  return out;
}

inline std::string told(const StoredAccount& account) {
  std::set<std::string> rows;
  for (const AssetRow& row : account.assets)
    rows.insert(fmt::format("{} {} {} {}", row.id.text(), to_text(row.state), row.quantity, row.values));
  for (const InventoryRow& row : account.inventory)
    rows.insert(fmt::format("{} {} {} {}", row.id.text(), to_text(row.state), row.asset_ref, row.values));
  std::string out;
  for (const std::string& row : rows) out += row + "\n";
  return out;
}

template <class Content>
void take(Content& content, const TakenRows& taken) {
  for (const OrderId id : taken.orders) content.orders.erase(id);
  for (const OrderKeyRow& key : taken.order_keys) content.keys.erase({key.source, key.source_order_id, key.version});
  for (auto& [id, account] : content.accounts) {
    for (const InventoryId one : taken.inventory)
      std::erase_if(account.inventory, [&](const auto& row) { return row.id == one; });
    for (const AssetId one : taken.assets) std::erase_if(account.assets, [&](const auto& row) { return row.id == one; });
  }
}

}  // namespace backstitch::database
