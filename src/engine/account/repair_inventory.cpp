#include "engine/account/repair_inventory.h"

#include "engine/events.h"

namespace backstitch {
namespace {

template <class Rows, class AnyId>
auto find_row(const Rows& rows, AnyId id) {
  auto at = rows.begin();
  while (at != rows.end() && at->second.id != id) ++at;
  return at;
}

/// A link that a person could not explain is no repair: both must be the account's, and name the same reference.
Status check_link(const AccountWork& account, const InventoryRepairInput::Link& link) {
  const auto row = find_row(account.inventory, link.inventory);
  if (row == account.inventory.end())
    return fail(Code::inventory_missing, "{} is not in account {}", link.inventory.text(), account.account_id);
  const auto asset = find_row(account.assets, link.asset);
  if (asset == account.assets.end())
    return fail(Code::inventory_missing, "{} is no asset of account {}", link.asset.text(), account.account_id);
  if (row->second.asset_ref == asset->second.asset_ref) return {};
  return fail(Code::inventory_missing, "{} has the asset reference \"{}\", {} has \"{}\"", link.inventory.text(),
              row->second.asset_ref, link.asset.text(), asset->second.asset_ref);
}

void carry_out(Desk& desk, AccountWork& account, const InventoryRepairInput::Link& link) {
  const auto found = find_row(account.inventory, link.inventory);
  InventoryRow& row = account.inventory.at(found->first);
  if (row.asset == link.asset) return;
  // Without a new changed_at: where the link was lost behind the engine's back, the row is then again what the log makes of it.
  row.asset = link.asset, row.no_asset_reason.clear();
  if (account.changed_inventory.empty() && account.changed_assets.empty())
    desk.work.changed_accounts.push_back(account.account_id);
  account.changed_inventory.insert(found->first);
}

}  // namespace

void repair_inventory(Desk& desk, const InventoryRepairInput& input) {
  AccountWork& account = desk.work.accounts[input.account_id];
  account.account_id = input.account_id;
  for (const auto& link : input.links)
    if (const Status fits = check_link(account, link); !fits)
      return record_command(desk, input.id, "inventory-repair", "refused", input.actor, input.account_id, &fits.error());
  for (const auto& link : input.links) carry_out(desk, account, link);
  record_command(desk, input.id, "inventory-repair", "applied", input.actor, input.account_id);
}

}  // namespace backstitch
