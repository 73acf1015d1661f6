// What the CRM must know after a recovery: not every step that a replay went through again, but how everything stands now.
#pragma once
#include <vector>

#include "fold/catalog_library.h"
#include "stores/database/port.h"

namespace backstitch {

struct NetUpdate {
  OrderId order;  // that it tells, or that changed the asset
  CrmUpdate update;
};
using NetUpdates = std::vector<NetUpdate>;

struct NetRange {
  Time since;          // what changed at or after that time is told
  Time changed_since;  // only orders, and accounts of assets, with a change not older than this; `since` or later
};

/// The net state of every order (itself, then its lines) and every asset that changed in the range, orders first, in the
/// form in which a turn tells them (engine/order, engine/account); the version is the row's own changed_at. Of an asset, "before"
/// is null: the row does not know it. Times are compared with append times of records, which are earlier than the commit that
/// holds them. Nothing may be in flight. Code::catalog_version_missing, row_broken, and what the database answers.
Result<NetUpdates> net_updates(database::Database& database, database::Shard& shard, CatalogLibrary& library,
                               const NetRange& range);

}  // namespace backstitch
