// Settling effects (recovery, section 4): what the outside has done, by the marks and answers in the archive, against what the
// replayed database wants. Only decides: decisions are inputs with their reason, what cannot be decided is work for a person.
#pragma once
#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fold/catalog_library.h"
#include "model/seal.h"
#include "recovery/reconcile/evidence.h"
#include "recovery/reconcile/work.h"
#include "recovery/saga/plan.h"
#include "stores/database/port.h"
#include "stores/systems/port.h"

namespace backstitch::recovery {

/// An input that carries a decision out: incoming.settlement/1.
struct Decision {
  Partition partition = 0;
  std::string account, value;
};

struct Reconciled {
  std::array<std::int64_t, 10> rows{};  // [1] … [9]: effects per row of the settling table; [0]: nothing to settle
  // amended and compensated stay 0 here: a person decides both, and carry_out() does the latter
  std::int64_t effects = 0;  // looked at: each of them is in exactly one row
  std::int64_t adopted = 0, amended = 0, compensated = 0, asked = 0, resent = 0, run = 0, fatally_failed = 0, open = 0;
  std::vector<Decision> decisions;
  std::vector<WorkRow> work;
};

struct ReconcileSettings {
  Policy policy = Policy::settle;
  Time since;  // T: marks and answers before it are settled by the rows themselves
  std::string recovery_id;
  Time now;                                  // settling times and lifetimes of keys are reckoned to it; not set: the wall clock
  std::map<std::string, std::string> bases;  // "standin:keyed" → http://…: addresses of this installation
  /// `system rewound S, t`: what S answered after t is unknown.
  std::map<std::string, Time> rewound;
  Seals seals;  // of completer, of this recovery and those before: no mark that they have overtaken counts
  /// Accounts that settled_accounts() has told of: they are passed over, and count in nothing. Not set: none.
  std::function<bool(const std::string& account)> settled;
  ReadBefore before;  // of their records, and others'; not set: everything is read
};

/// Reads marks and answers of the archived completer, and the items of the replayed database. `systems` may be null: then nothing
/// is asked, and what would be asked is open work. One partition at a time is in memory. Deterministic: the same stores and the
/// same answers of systems give the same decisions, command ids included. Code::archive_gap (completer has a hole, or ends before
/// a position of the copy), database_*, safe_failed, catalog_version_missing.
Result<Reconciled> reconcile(const ReconcileSettings& settings, safe::Safe& safe, database::Database& copy,
                             CatalogLibrary& library, systems::Systems* systems);

/// Accounts by whether reconcile() would have anything to decide, list or ask about them.
struct SettledAccounts {
  struct Effects {
    std::int64_t stood = 0, adopted = 0;  // rows 0 and 3
  };
  std::map<std::string, Effects> accounts;  // nothing: whatever was recorded of their calls goes with the rows
  std::set<std::string> open;               // something; who is in neither has no calls
  std::string undone;                       // names what earlier recoveries had cancelled by then
};
/// Asks nobody. Errors as reconcile().
Result<SettledAccounts> settled_accounts(const ReconcileSettings& settings, safe::Safe& safe, database::Database& copy,
                                         CatalogLibrary& library);
/// Names what earlier recoveries have cancelled so far.
Result<std::string> undone_so_far(safe::Safe& safe);

}  // namespace backstitch::recovery
