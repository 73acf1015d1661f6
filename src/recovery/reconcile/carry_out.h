// What a person decided about effects is carried out, after resume: each row once.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fold/catalog_library.h"
#include "recovery/reconcile/reconcile.h"

namespace backstitch::recovery {

struct CarryOutSettings {
  std::string recovery_id;
  std::map<std::string, std::string> bases;  // addresses of systems, as in ReconcileSettings
  Time now;                                  // not set: the wall clock
};

struct CarriedOut {
  std::int64_t cancelled = 0;  // effects that their system took back
  std::int64_t settled = 0;    // items that took a decision
  std::int64_t closed = 0;     // rows of which nothing follows: kept, or done by hand
  struct Failure {
    std::string row;
    Error error;
  };
  std::vector<Failure> failures;  // these rows stay, and are tried again with the next call
};

/// Every decided row of this recovery's effects that is not carried out yet:
///   cancel                    the system is told; then a note is appended that it was
///   adopt, amend by hand      the item takes the outcome as done
///   next-call                 the item calls again, under the next number
///   keep, done-by-hand        nothing
/// `append` puts a settlement into `incoming`, durably when it returns; a crash between it and the row repeats the same command,
/// which the engine takes once. `systems` may be null: then cancels fail. Rows of other classes are not touched.
/// Code::safe_failed, json_invalid; what a single row fails with stands in `failures`.
Result<CarriedOut> carry_out(const CarryOutSettings& settings, safe::Safe& safe, CatalogLibrary& library,
                             systems::Systems* systems, const std::function<Status(const Decision&)>& append);

}  // namespace backstitch::recovery
