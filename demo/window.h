// What the lost window must have held: a recovery of a window in which nothing happened proves nothing.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "demo/checks.h"
#include "demo/order_files.h"

namespace backstitch::demo {

struct Held {
  std::string of;  // "effectsExecuted", as the recovery's report names it
  std::int64_t count = 0, least = 0;
};

/// The least of each kind for so many orders. In a small demo luck has a larger part: there half of each is enough, effects are
/// reckoned by the callouts there are, and what is rare may be none.
std::vector<Held> least_held(const Census& census);
/// So many that what happens by chance has happened.
bool is_whole(const Census& census);

/// The counts of a recovery's report beside their least.
std::vector<Held> window_held(const boost::json::object& recovery, const Census& census);

/// What a demo can bring about of the settling table.
struct Reach {
  bool settles = true;         // by policy: under fatally-fail nothing is settled
  bool enough = true;          // orders on their way at the end, so that deaths and delays find calls in the air without luck
  bool held_up = false;        // a console held up the turns, so that refusals wait which no turn has taken
  bool strays = false;         // orders were left out that the outside had been called for
  bool ended_service = false;  // one of them had ended a service that its customer ordered back
  bool two_engines = false;    // a release decided otherwise
};

/// Effects that each row of the settling table had to settle, beside 1 for each thing that brings it about; 0 where this demo
/// cannot reach the row.
std::vector<Held> rows_held(const boost::json::object& recovery, const Reach& reach);

/// "vacuous: effectsExecuted 3 of at least 200" for each that is below its least.
Check check_window(const std::vector<Held>& held);

}  // namespace backstitch::demo
