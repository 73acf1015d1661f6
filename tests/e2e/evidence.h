// What can be read after the kills: the log of marks and answers, the rows, and the ledger outside. The test compares the three.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "world.h"

namespace backstitch::e2e {

/// One call in the order of `completer`: who marked it, and what answers came.
struct CallHistory {
  std::string item_id, system;
  std::vector<std::string> markers;  // names of the workers, in order
  std::string text;                  // all of it, in order, for a person who looks for a cause
  std::int64_t records = 0;          // under its claim
  bool decided = false;              // behind the last mark the system's own decision came back: done, refused or not taken
};
/// By effect key.
std::map<std::string, CallHistory> read_calls(World& world);
std::string history_of(const std::map<std::string, CallHistory>& calls, const std::string& item_id);

/// Calls to the system whose marker is not alive any more and whose answer nobody ever got: these, and only these, are unknown.
std::set<std::string> items_cut_off(const std::map<std::string, CallHistory>& calls, const std::string& system,
                                    const std::set<std::string>& living_workers);

/// Items in Fatally Failed, with their error.
std::map<std::string, std::string> fatally_failed_items(World& world);

/// Effect keys that the interface has executed, by its own ledger.
std::set<std::string> executed_keys(World& world, const std::string& interface);
/// Subjects that the interface has executed more than once.
std::vector<std::string> executed_twice(World& world, const std::string& interface);

/// What verify finds: a line for each violated invariant.
std::vector<std::string> violations(World& world, const std::string& only = {});

}  // namespace backstitch::e2e
