#include "recovery/reconcile/replayed.h"

#include "base/hash.h"

namespace backstitch::recovery {
namespace {

constexpr std::size_t orders_in_read = 500;

bool calls_outside(const OrderWork& order, int item) {
  const ItemType type = definition_of(order, item).type;
  return type == ItemType::callout || type == ItemType::auto_task;
}

}  // namespace

bool ReplayedItem::wants() const { return !is_terminal(work().state) && work().state != ItemState::fatally_failed; }

std::string ReplayedItem::digest() const {
  if (work().state == ItemState::running) return digest64_text(work().digest);
  const auto task = reached() ? task_of(*order, index) : std::nullopt;
  return task ? digest64_text(task->digest) : std::string();
}

std::string ReplayedItem::system() const {
  const std::string route = route_of(*order, index);
  return route.substr(0, route.find('.'));
}

Status Replayed::load(Partition partition, const std::vector<ItemId>& items) {
  auto open = shard_.load_open_orders({partition});
  if (!open) return fail(std::move(open.error()));
  BS_TRY(take_in(*open));
  std::set<OrderId> missing;
  for (const ItemId& item : items)
    if (const OrderId order{order_of(item.bits)}; !orders_.contains(order)) missing.insert(order);
  std::vector<OrderId> ids;
  for (auto id = missing.begin(); id != missing.end();) {
    ids.push_back(*id);
    if (++id != missing.end() && ids.size() < orders_in_read) continue;
    auto stored = shard_.load_orders(ids);
    if (!stored) return fail(std::move(stored.error()));
    BS_TRY(take_in(*stored));
    ids.clear();
  }
  return {};
}

Status Replayed::take_in(const std::vector<database::StoredOrder>& stored) {
  for (const database::StoredOrder& row : stored) {
    BS_TRY(library_.load(row.order.catalog_digest));
    auto restored = restore_order({row.order, row.doc, row.order_items, row.downstream_orders, row.downstream_items,
                                   row.line_values, row.plan ? &*row.plan : nullptr, row.items},
                                  library_.find(row.order.catalog_digest));
    if (!restored) return fail(std::move(restored.error()));
    const OrderWork& order = **restored;
    for (int index = 0; index < static_cast<int>(order.items.size()); ++index)
      if (const ReplayedItem item{&order, index}; item.wants() && calls_outside(order, index))
        by_subject_[item.subject()].insert(item.planned().id);
    const OrderId id = order.id;
    orders_[id] = std::move(*restored);
  }
  return {};
}

std::optional<ReplayedItem> Replayed::find(ItemId item) const {
  const auto order = orders_.find(OrderId{order_of(item.bits)});
  if (order == orders_.end()) return std::nullopt;
  const int index = item_index(*order->second, item);
  return index < 0 ? std::nullopt : std::optional<ReplayedItem>({order->second.get(), index});
}

std::optional<ReplayedItem> Replayed::wanting(const std::string& subject, ItemId but) const {
  const auto items = by_subject_.find(subject);
  if (items == by_subject_.end()) return std::nullopt;
  for (const ItemId& item : items->second)
    if (item != but) return find(item);
  return std::nullopt;
}

std::vector<ReplayedItem> Replayed::running() const {
  std::vector<ReplayedItem> out;
  for (const auto& [id, order] : orders_)
    for (int index = 0; index < static_cast<int>(order->items.size()); ++index)
      if (const ReplayedItem item{order.get(), index}; item.work().state == ItemState::running && calls_outside(*order, index))
        out.push_back(item);
  return out;
}

}  // namespace backstitch::recovery
