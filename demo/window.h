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

/// The counts of a recovery's report beside their least.
std::vector<Held> window_held(const boost::json::object& recovery, const Census& census);

/// "vacuous: effectsExecuted 3 of at least 200" for each that is below its least.
Check check_window(const std::vector<Held>& held);

}  // namespace backstitch::demo
