#include "recovery/inventory/sheet.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "recovery/inventory/check.h"
#include "recovery/replay/replay.h"
#include "stores/database/private/scratch_cluster.h"

namespace backstitch::recovery {
namespace {

namespace json = boost::json;

json::value json_or_text(const std::string& text) {
  auto parsed = parse_json(text);
  return parsed ? std::move(*parsed) : json::value(text);
}

json::value time_value(Time time) { return time.is_set() ? json::value(rfc3339(time)) : json::value(nullptr); }

json::value asset_value(const database::StoredAccount& account, const InventoryRow& row) {
  for (const AssetRow& asset : account.assets)
    if (row.asset == asset.id)
      return json::object{{"state", to_text(asset.state)},
                          {"product", asset.product},
                          {"quantity", asset.quantity},
                          {"values", json_or_text(asset.values)}};
  return nullptr;
}

}  // namespace

Result<std::vector<database::StoredAccount>> accounts_from_evidence(safe::Safe& safe, const EvidenceSettings& settings) {
  auto scratch = database::ScratchCluster::make();
  if (!scratch) return fail(std::move(scratch.error()));
  auto copy = (*scratch)->fresh(settings.partitions);
  if (!copy) return fail(std::move(copy.error()));
  CatalogLibrary library(safe);
  ReplaySettings how;
  how.engine = settings.engine;
  how.beyond_mirror = true;  // what was received and not decided yet is evidence too
  if (!settings.account_id.empty()) how.owners = {{partition_of(settings.account_id, settings.partitions)}};
  const auto folded = replay(how, safe, **copy, library);
  if (!folded) return fail(folded.error());
  std::vector<database::StoredAccount> out;
  BS_TRY(for_each_account(**copy, settings.account_id, [&](const database::StoredAccount& account) -> Status {
    if (!account.inventory.empty() || !account.assets.empty()) out.push_back(account);
    return {};
  }));
  return out;
}

std::string sheet_entries(const database::StoredAccount& account) {
  std::string out;
  for (const InventoryRow& row : account.inventory)
    out += (out.empty() ? "" : ",") + write_json(json::object{{"id", row.id.text()},
                                                              {"accountId", row.account_id},
                                                              {"product", row.product},
                                                              {"scopeKey", row.scope_key},
                                                              {"state", to_text(row.state)},
                                                              {"system", row.system},
                                                              {"systemRef", row.system_ref},
                                                              {"serviceRecord", json_or_text(row.service_record)},
                                                              {"values", json_or_text(row.values)},
                                                              {"assetRef", row.asset_ref},
                                                              {"assetId", row.asset ? json::value(row.asset->text()) : nullptr},
                                                              {"noAssetReason", row.no_asset_reason},
                                                              {"asset", asset_value(account, row)},
                                                              {"changedBy", row.changed_by.text()},
                                                              {"createdAt", time_value(row.created_at)},
                                                              {"changedAt", time_value(row.changed_at)}});
  return out;
}

}  // namespace backstitch::recovery
