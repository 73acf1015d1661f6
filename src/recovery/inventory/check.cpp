#include "recovery/inventory/check.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "base/json.h"

namespace backstitch::recovery {
namespace {

const AssetRow* asset_of(const database::StoredAccount& account, AssetId id) {
  for (const AssetRow& asset : account.assets)
    if (asset.id == id) return &asset;
  return nullptr;
}

const AssetRow* asset_by_reference(const database::StoredAccount& account, const std::string& reference) {
  if (reference.empty()) return nullptr;
  for (const AssetRow& asset : account.assets)
    if (asset.asset_ref == reference) return &asset;
  return nullptr;
}

/// One service for several assets: it goes on when the one that it is linked to ends.
bool is_shared(const Catalog* catalog, const std::string& technical) {
  const Product* product = catalog ? catalog->product(technical) : nullptr;
  return product && product->scope != ProductScope::order_item;
}

std::optional<Orphan> orphan_of(const database::StoredAccount& account, const InventoryRow& row, const Catalog* catalog) {
  Orphan out{"", account.account_id, row.product, row.asset_ref, row.id, row.asset, ""};
  const AssetRow* linked = row.asset ? asset_of(account, *row.asset) : nullptr;
  const AssetRow* meant = asset_by_reference(account, row.asset_ref);
  if (meant && meant != linked) {
    out.kind = "unlinked", out.asset = meant->id;
    out.detail = row.asset ? "it is linked to another asset than its reference names" : "an asset of its reference is there";
  } else if (row.asset && !linked) {
    out.kind = "asset-missing", out.detail = fmt::format("asset {} is not there", row.asset->text());
  } else if (linked && row.state == InventoryState::active && linked->state == AssetState::ended &&
             !is_shared(catalog, row.product)) {
    out.kind = "asset-ended", out.detail = fmt::format("its asset {} has ended, the service has not", linked->id.text());
  } else {
    return std::nullopt;
  }
  return out;
}

/// A technical product of one order item whose own plan, whatever the order, has the task that keeps it.
bool is_always_kept(const Catalog& catalog, const Product& technical) {
  if (!technical.inventory || technical.scope != ProductScope::order_item) return false;
  const auto scenarios = catalog.scenarios_for(technical);
  return std::any_of(scenarios.begin(), scenarios.end(), [&](const Scenario* scenario) {
    const PlanDefinition* plan = catalog.plan(scenario->plan);
    return !scenario->when && plan && std::any_of(plan->items.begin(), plan->items.end(), [](const ItemDefinition& item) {
      return item.implementation == "assetize" && !item.when;
    });
  });
}

bool has_inventory(const database::StoredAccount& account, const AssetRow& asset, const Product& technical) {
  return std::any_of(account.inventory.begin(), account.inventory.end(), [&](const InventoryRow& row) {
    const bool same = row.asset == asset.id || row.asset_ref == asset.asset_ref;
    return row.product == technical.key && row.state == InventoryState::active && same;
  });
}

void find_without_inventory(const database::StoredAccount& account, const Catalog& catalog, std::vector<Orphan>& out) {
  for (const AssetRow& asset : account.assets) {
    const Product* product = catalog.product(asset.product);
    if (!product || asset.state != AssetState::active) continue;
    for (const DecompositionRule* rule : catalog.rules_for(*product)) {
      const Product* technical = catalog.product(rule->to);
      if (rule->when || !rule->xor_group.empty() || !technical || !is_always_kept(catalog, *technical)) continue;
      if (has_inventory(account, asset, *technical)) continue;
      out.push_back({"no-inventory", account.account_id, technical->key, asset.asset_ref, std::nullopt, asset.id,
                     fmt::format("{} brings {}, and the inventory has none", asset.product, technical->key)});
    }
  }
}

Result<CatalogPtr> active_catalog(database::Database& database, CatalogLibrary& library) {
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  std::map<std::string, int> votes;
  for (const database::Position& position : *positions)
    if (!position.catalog_digest.empty()) ++votes[position.catalog_digest];
  const auto most =
      std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == votes.end()) return CatalogPtr();
  BS_TRY(library.load(most->first));
  return library.find(most->first);
}

}  // namespace

std::vector<Orphan> orphans_of(const database::StoredAccount& account, const Catalog* catalog) {
  std::vector<Orphan> out;
  for (const InventoryRow& row : account.inventory)
    if (auto orphan = orphan_of(account, row, catalog)) out.push_back(std::move(*orphan));
  if (catalog) find_without_inventory(account, *catalog, out);
  return out;
}

Status for_each_account(database::Database& database, const std::string& account,
                        const std::function<Status(const database::StoredAccount&)>& each) {
  constexpr std::size_t accounts_in_read = 500;
  std::set<std::string> ids;
  if (account.empty())
    BS_TRY(database.account_digests([&](const std::string& id, std::uint64_t) { ids.insert(id); }));
  else
    ids.insert(account);
  auto reader = database.open_shard();
  if (!reader) return fail(std::move(reader.error()));
  for (auto next = ids.begin(); next != ids.end();) {
    std::vector<std::string> some;
    for (; next != ids.end() && some.size() < accounts_in_read; ++next) some.push_back(*next);
    const auto stored = (*reader)->load_accounts(some);
    if (!stored) return fail(stored.error());
    for (const database::StoredAccount& one : *stored) BS_TRY(each(one));
  }
  return {};
}

Result<InventoryCheck> check_inventory(database::Database& database, CatalogLibrary& library, const std::string& account) {
  const auto catalog = active_catalog(database, library);
  if (!catalog) return fail(catalog.error());
  InventoryCheck out;
  BS_TRY(for_each_account(database, account, [&](const database::StoredAccount& one) -> Status {
    ++out.accounts, out.inventory += one.inventory.size(), out.assets += one.assets.size();
    for (Orphan& orphan : orphans_of(one, catalog->get())) out.orphans.push_back(std::move(orphan));
    return {};
  }));
  return out;
}

std::string inventory_check_json(const InventoryCheck& check) {
  namespace json = boost::json;
  json::array items;
  for (const Orphan& orphan : check.orphans)
    items.push_back(json::object{{"kind", orphan.kind},
                                 {"accountId", orphan.account_id},
                                 {"inventoryId", orphan.inventory ? json::value(orphan.inventory->text()) : nullptr},
                                 {"assetId", orphan.asset ? json::value(orphan.asset->text()) : nullptr},
                                 {"assetRef", orphan.asset_ref},
                                 {"product", orphan.product},
                                 {"detail", orphan.detail},
                                 {"repairable", orphan.repairable()}});
  return write_json(json::object{{"ok", check.orphans.empty()},
                                 {"accounts", check.accounts},
                                 {"inventory", check.inventory},
                                 {"assets", check.assets},
                                 {"items", std::move(items)}});
}

}  // namespace backstitch::recovery
