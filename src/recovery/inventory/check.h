// Inventory against assets: what one side has and the other does not. Finding only; repairing is an input (inventory-repair).
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fold/catalog_library.h"
#include "stores/database/port.h"

namespace backstitch::recovery {

struct Orphan {
  /// "unlinked": an inventory item without an asset, or with another's, although the account has an asset of its reference.
  /// "asset-missing", "asset-ended": an inventory item whose asset is not there, or has ended while the service has not.
  /// "no-inventory": an asset whose product always brings a technical product of its own that is always kept, and there is none.
  std::string kind;
  std::string account_id, product, asset_ref;
  std::optional<InventoryId> inventory;
  std::optional<AssetId> asset;  // of "unlinked": the one to link
  std::string detail;            // one sentence for a person
  bool repairable() const { return kind == "unlinked"; }
  bool operator==(const Orphan&) const = default;
};

/// Of one account. `catalog` may be null: then assets without inventory are not looked for. Rules, scenarios and tasks with a
/// condition demand nothing here: what they were asked about is not kept with the asset. A service that several assets share may
/// outlive the one it is linked to.
std::vector<Orphan> orphans_of(const database::StoredAccount& account, const Catalog* catalog);

struct InventoryCheck {
  std::uint64_t accounts = 0, inventory = 0, assets = 0;  // looked at
  std::vector<Orphan> orphans;
};

/// Every account whole, by account id; `account` empty: all. Errors of the database, and what `each` returns.
Status for_each_account(database::Database& database, const std::string& account,
                        const std::function<Status(const database::StoredAccount&)>& each);

/// Against the catalog that is active in most partitions.
Result<InventoryCheck> check_inventory(database::Database& database, CatalogLibrary& library, const std::string& account);

/// {"ok","accounts","inventory","assets","items":[{kind, accountId, inventoryId, assetId, assetRef, product, detail,
/// repairable}]}
std::string inventory_check_json(const InventoryCheck& check);

}  // namespace backstitch::recovery
