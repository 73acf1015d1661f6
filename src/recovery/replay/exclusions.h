// Inputs left out of a replay: a reviewed list of places in `incoming`, each with the digest of what stands there. Kept in the
// safe for ever, because every later fold of the same log must leave them out too.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "fold/fold.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct Exclusion {
  Partition partition = 0;
  std::uint64_t offset = 0;
  std::string digest;  // SHA-256 hex of the record's value
  std::string why;     // for its submitter
  bool operator==(const Exclusion&) const = default;
};

/// By (partition, offset).
using Exclusions = std::map<std::pair<Partition, std::uint64_t>, Exclusion>;

/// Those of all recoveries that were resumed. Code::json_invalid, safe_failed.
Result<Exclusions> load_exclusions(safe::Safe& safe);
/// Ranges of completer that recoveries, since resumed, have replayed under the policy fatally-fail: later folds distrust the same
/// marks and answers, or they would come to other rows. Code::json_invalid, safe_failed.
Result<Distrusted> load_distrusted(safe::Safe& safe);

/// What was replayed between two places, and so was distrusted under the policy fatally-fail: `before` are the positions of the
/// restored database, `after` those where its replay ended. Records that were archived since were decided live, as ever.
Distrusted distrusted_between(const std::vector<database::Position>& before, const std::vector<database::Position>& after);

/// Makes a recovery's list, and what it distrusted, part of history: exclusions/<id>.json in the safe,
/// {"list":[{"partition":3,"offset":17,"digest":"…","why":"…"}],"fatallyFail":{"3":[["1","9"]]}}. Idempotent.
Status keep_exclusions(safe::Safe& safe, const std::string& recovery_id, const std::vector<Exclusion>& list,
                       const Distrusted& distrusted = {});
/// Code::exclusion_invalid names each that no archived record stands behind, or another content.
Status check_exclusions(safe::Safe& safe, const std::vector<Exclusion>& list);

/// What the submitters of orders that were left out are told: Rejected. Orders that another record has brought are left alone.
/// The records are in the archive: Code::exclusion_invalid.
Result<std::vector<CrmUpdate>> excluded_updates(safe::Safe& safe, database::Database& database,
                                                const std::vector<Exclusion>& list);

std::string exclusions_json(const std::vector<Exclusion>& list);  // an array
/// Code::json_invalid.
Result<std::vector<Exclusion>> exclusions_from_json(std::string_view text);

}  // namespace backstitch::recovery
