// What the replayed database wants: the items of one partition, found by id and by business subject.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/item/item.h"
#include "fold/catalog_library.h"
#include "stores/database/port.h"

namespace backstitch::recovery {

struct ReplayedItem {
  const OrderWork* order = nullptr;
  int index = 0;

  const ItemWork& work() const { return order->items[static_cast<std::size_t>(index)]; }
  const PlanItem& planned() const { return order->plan.items[static_cast<std::size_t>(index)]; }
  /// It is not at its end, nor given up.
  bool wants() const;
  /// It has come to its call: nothing before it is missing.
  bool reached() const { return wants() && work().state != ItemState::pending && work().unmet == 0; }
  /// Of the request in flight, or of the one that would go out now: 16 hex digits; empty while that is open.
  std::string digest() const;
  std::string subject() const { return business_subject(*order, index); }
  /// Where its call goes; empty: it runs with us.
  std::string system() const;
};

/// One thread at a time. What it gives out lives as long as it does.
class Replayed {
 public:
  Replayed(database::Shard& shard, CatalogLibrary& library) : shard_(shard), library_(library) {}

  /// The open orders of the partition, and those of `items`, whole.
  Status load(Partition partition, const std::vector<ItemId>& items);

  std::optional<ReplayedItem> find(ItemId item) const;
  /// An item with this subject that wants a call, other than `but`; the first by id.
  std::optional<ReplayedItem> wanting(const std::string& subject, ItemId but) const;
  /// Items whose call is due to be made or in the air, by id.
  std::vector<ReplayedItem> running() const;

 private:
  Status take_in(const std::vector<database::StoredOrder>& stored);
  database::Shard& shard_;
  CatalogLibrary& library_;
  std::map<OrderId, std::unique_ptr<OrderWork>> orders_;
  std::map<std::string, std::set<ItemId>> by_subject_;  // items that want a call
};

}  // namespace backstitch::recovery
