// When excluded inputs were taken in: going back to a later moment would restore what they did.
#pragma once
#include <optional>
#include <vector>

#include "base/time.h"
#include "recovery/replay/exclusions.h"

namespace backstitch::recovery {

struct TakenIn {
  Exclusion input;
  Time at;  // begin of the turn that took it in; where the turn mirror knows none, when it was received
};

/// The first of them, without those that an earlier recovery has left out already; not set when there is none.
/// Code::json_invalid, checksum_mismatch, safe_failed.
Result<std::optional<TakenIn>> first_taken(safe::Safe& safe, const std::vector<Exclusion>& exclusions);

/// Of a restored database: an excluded input lies before its position, so what it did is in the rows. Code::target_behind_input.
Status check_restored(safe::Safe& safe, const std::vector<Exclusion>& exclusions,
                      const std::vector<database::Position>& restored);

}  // namespace backstitch::recovery
