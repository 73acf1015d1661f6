// Revocations of the lost window: a database of an earlier moment still grants what has been revoked since. They are found in the
// archive of partition 0, taken away in the restored database before anything else happens there, and where no replay brings them
// forth again they go into `incoming` once more, so that none comes back silently.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/input.h"
#include "stores/database/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct Revocation {
  std::uint64_t offset = 0;  // in incoming of partition 0
  Time at;
  GrantChangeInput change;      // revoke, unassign, remove-user
  bool granted_again = false;   // a later change of the window gives it back: nothing to take away in the end
  std::string subject() const;  // "revoke operator items retry", "remove-user ann"
};

/// Revocations in the archive from `position.incoming` on, oldest first; `position` is partition 0's of the restored database.
/// What the engine refuses is none. Code::checksum_mismatch, safe_failed.
Result<std::vector<Revocation>> revocations_since(safe::Safe& safe, const database::Position& position);

/// Takes them away in the restored database, except what the window grants again. A replay behind it comes to the same rows.
Status withdraw(database::Database& copy, const std::vector<Revocation>& revocations);

/// Those that no replay brings forth: all of them under the plain procedure (`replayed` false), else the ones at excluded
/// offsets.
std::vector<Revocation> to_issue_again(const std::vector<Revocation>& revocations, bool replayed,
                                       const std::set<std::uint64_t>& excluded_offsets);

/// The record that says it again: incoming.grant-change/1 for partition 0, under an id derived from the recovery and the first
/// one's.
struct ReissuedRecord {
  std::string claim, value;
};
ReissuedRecord issued_again(const Revocation& revocation, const std::string& recovery_id, const std::string& actor);

}  // namespace backstitch::recovery
