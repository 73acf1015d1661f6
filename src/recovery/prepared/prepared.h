// What prepare() finds out about every account beside the running platform, so that the outage has to look at the tail alone. It
// holds for each account that no record behind the copy's positions names: an account changes through its own records only.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "recovery/prepared/places.h"
#include "recovery/report/window_counts.h"
#include "recovery/saga/world.h"

namespace backstitch::recovery {

struct PreparedAccount {
  std::uint64_t digest = 0;                           // of its rows in the copy
  std::int64_t kept = 0, replayed = 0, rejected = 0;  // its orders (verify/conservation.h)
  std::int64_t stood = 0, adopted = 0;                // its effects: rows 0 and 3 of the settling table, with nothing to decide
  std::int64_t marked = 0;                            // its effects that were marked since T
};

struct Prepared {
  std::vector<database::Position> positions;  // of the copy: what is archived behind them is the tail
  bool invariants_held = false;
  std::uint64_t moment = 0;                         // what the copy holds was written before it; 0: not known
  WindowCounts counts;                              // of the archive before the positions
  std::string undone;                               // names what earlier recoveries had cancelled by then
  std::map<std::string, PreparedAccount> accounts;  // of which nothing is to be decided, and nothing missing
  std::set<std::string> open;                       // all others
};

std::string prepared_text(const Prepared& prepared);
Result<Prepared> prepared_from(const std::string& text);  // Code::json_invalid

/// The tail of the archive behind these positions.
struct Tail {
  bool everybody = false;          // a record of it concerns whole partitions
  bool takes_away = false;         // a record of it may take rows away
  std::set<std::string> accounts;  // that its records name
  Time since;                      // its earliest record; not set: it is empty. No row that it changed bears an earlier time
};
Result<Tail> tail_behind(World& world, const std::vector<database::Position>& positions);

/// What of it holds after the tail.
struct Standing {
  Prepared prepared;  // without the accounts that the tail names
  Tail tail;
  std::optional<Places> places = {};  // of whom the tail names, and who was open then
  bool holds(const std::string& account) const { return prepared.accounts.contains(account); }
};

/// Looks at every account of the copy, and at what the CRM would be told of it; kept in the evidence. Beside the platform.
Status prepare_proof(World& world, const Journal& journal);

/// Right before the platform is stopped: passes over archive and mirror once, so that the outage reads what comes behind alone.
/// What is damaged there the outage says.
void read_ahead(World& world);

/// Sets world.standing, once the tail is archived; nothing when nothing was prepared, or when the tail concerns everybody.
Status find_standing(World& world);
/// Does nothing hold for this account but what is found out now? The same of a world of which nothing stands.
bool is_open(const World& world, const std::string& account);

}  // namespace backstitch::recovery
