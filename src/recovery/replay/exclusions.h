// Inputs left out of a replay: a reviewed list of places in `incoming`, each with the digest of what stands there. Kept in the safe
// for ever, because every later fold of the same log must leave them out too.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/id.h"
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
/// Makes a recovery's list part of history: exclusions/<id> in the safe. Idempotent.
Status keep_exclusions(safe::Safe& safe, const std::string& recovery_id, const std::vector<Exclusion>& list);
/// Code::exclusion_invalid names each that no archived record stands behind, or another content.
Status check_exclusions(safe::Safe& safe, const std::vector<Exclusion>& list);

std::string exclusions_json(const std::vector<Exclusion>& list);  // an array
Result<std::vector<Exclusion>> exclusions_from_json(std::string_view text);

}  // namespace backstitch::recovery
