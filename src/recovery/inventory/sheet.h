// The sheet a person restores a service from, out of rows or, when those are gone or not believed, out of evidence alone.
#pragma once
#include <string>
#include <vector>

#include "engine/engine.h"
#include "stores/database/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct EvidenceSettings {
  int partitions = 64;
  EngineSettings engine;   // as it was live: retries are decided with it
  std::string account_id;  // empty: every account
};

/// Inventory and assets as the archived incoming and completer make them: folded into a scratch cluster of its own, which is gone
/// afterwards. Reads the safe only, so it works with the platform and its database down. Of one account, only its partition is
/// folded. Code::database_start, archive_gap, catalog_version_missing.
Result<std::vector<database::StoredAccount>> accounts_from_evidence(safe::Safe& safe, const EvidenceSettings& settings);

/// One entry per inventory item: {"id","accountId","product","scopeKey","state","system","systemRef","serviceRecord","values",
/// "assetRef","assetId","noAssetReason","asset":{…}|null,"changedBy","createdAt","changedAt"}, separated by commas.
std::string sheet_entries(const database::StoredAccount& account);

}  // namespace backstitch::recovery
