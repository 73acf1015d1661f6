#include "fold/net_updates.h"

#include <algorithm>
#include <set>

#include "engine/account/assetize.h"
#include "engine/order/order.h"
#include "fold/stored_orders.h"

namespace backstitch {
namespace {

constexpr std::size_t orders_in_piece = 256, accounts_in_piece = 256;

/// Calls `each` with pieces of the list.
template <class Entry, class Each>
Status in_pieces(const std::vector<Entry>& list, std::size_t size, Each each) {
  for (std::size_t from = 0; from < list.size(); from += size) {
    const auto begin = list.begin() + static_cast<std::ptrdiff_t>(from);
    BS_TRY(each(std::vector<Entry>(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, list.size() - from)))));
  }
  return {};
}

/// Assets of these accounts that changed since, each as the order that changed it tells it.
Status tell_assets(database::Shard& shard, CatalogLibrary& library, const std::vector<std::string>& accounts, Time since,
                   NetUpdates& updates) {
  const auto stored = shard.load_accounts(accounts);
  if (!stored) return fail(stored.error());
  std::map<OrderId, std::vector<const AssetRow*>> by_order;
  for (const database::StoredAccount& account : *stored)
    for (const AssetRow& asset : account.assets)
      if (asset.changed_at >= since) by_order[asset.changed_by].push_back(&asset);
  std::vector<OrderId> ids;
  for (const auto& [id, assets] : by_order) ids.push_back(id);
  return in_pieces(ids, orders_in_piece, [&](const std::vector<OrderId>& piece) -> Status {
    const auto orders = read_orders(shard, library, piece);
    if (!orders) return fail(orders.error());
    if (orders->size() != piece.size()) return fail(Code::row_broken, "an asset was changed by an order that is not there");
    for (const auto& order : *orders)
      for (const AssetRow* asset : by_order[order->id]) {
        auto update = asset_update(*order, *asset);
        if (!update)
          return fail(Code::row_broken, "asset {} was changed by line {} of {}, which has none", asset->asset_ref, asset->line_id,
                      order->id.text());
        updates.push_back({order->id, std::move(*update)});
      }
    return {};
  });
}

}  // namespace

Result<NetUpdates> net_updates(database::Database& database, database::Shard& shard, CatalogLibrary& library,
                               const NetRange& range) {
  NetUpdates updates;
  const auto ids = database.orders_changed(range.changed_since);
  if (!ids) return fail(ids.error());
  BS_TRY(in_pieces(*ids, orders_in_piece, [&](const std::vector<OrderId>& piece) -> Status {
    const auto orders = read_orders(shard, library, piece);
    if (!orders) return fail(orders.error());
    for (const auto& order : *orders)
      for (CrmUpdate& update : order_updates(*order, true)) updates.push_back({order->id, std::move(update)});
    return {};
  }));
  const auto accounts = database.accounts_with_changed_assets(range.changed_since);
  if (!accounts) return fail(accounts.error());
  BS_TRY(in_pieces(*accounts, accounts_in_piece, [&](const std::vector<std::string>& piece) -> Status {
    return tell_assets(shard, library, piece, range.since, updates);
  }));
  return updates;
}

}  // namespace backstitch
