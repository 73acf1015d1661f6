// Catalog versions stand in the safe, in the database and among the objects, each under the digest of its content. Where one of
// them lacks a version, or holds another content under its name, it is written again from a place that has it.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"
#include "stores/database/port.h"
#include "stores/objects/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct ResyncedVersion {
  std::string digest, source;
  std::int64_t index = 0;
  std::string safe, database, objects;  // as found: "ok", "missing", "damaged"; objects empty when there is no such store
  std::string from;                     // where the good content stands; empty: nowhere, and nothing can be done
  bool written = false;                 // what was missing or damaged was written again
  bool same() const { return safe == "ok" && database == "ok" && (objects.empty() || objects == "ok"); }
};

/// Nothing is activated, and nothing is removed. `objects` may be null. `content`: one more version to keep, from its source;
/// empty: none. Code::catalog_invalid and others for such a content, and what the stores answer.
Result<std::vector<ResyncedVersion>> resync_catalogs(safe::Safe& safe, database::Database& database, objects::Objects* objects,
                                                     const std::string& content, Time now, bool dry_run);

/// {"ok","written","items":[{digest, source, index, safe, database, objects, from, written}]}; ok: every place holds every
/// version.
std::string resync_json(const std::vector<ResyncedVersion>& versions);

}  // namespace backstitch::recovery
