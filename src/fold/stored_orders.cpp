#include "fold/stored_orders.h"

#include <algorithm>

#include "engine/engine.h"

namespace backstitch {

Result<std::vector<std::unique_ptr<OrderWork>>> read_orders(database::Shard& shard, CatalogLibrary& library,
                                                            const std::vector<OrderId>& ids) {
  auto stored = shard.load_orders(ids);
  if (!stored) return fail(std::move(stored.error()));
  std::vector<std::unique_ptr<OrderWork>> orders;
  for (const database::StoredOrder& row : *stored) {
    BS_TRY(library.load(row.order.catalog_digest));
    auto order = restore_order({row.order, row.doc, row.order_items, row.downstream_orders, row.downstream_items, row.line_values,
                                row.plan ? &*row.plan : nullptr, row.items},
                               library.find(row.order.catalog_digest));
    if (!order) return fail(std::move(order.error()));
    orders.push_back(std::move(*order));
  }
  std::sort(orders.begin(), orders.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
  return orders;
}

}  // namespace backstitch
