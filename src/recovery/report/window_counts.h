// What the lost window held, by kind: a recovery of a window in which nothing happened proves nothing.
#pragma once
#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

/// Of the archive: what came in between two places of each partition.
struct WindowCounts {
  std::int64_t orders = 0, executed = 0, unknown = 0, not_consumed = 0, commands = 0;
  std::set<std::string> activations, revocations;
  std::map<std::string, int> open_marks;  // by call: marks without an answer
};
boost::json::object counts_object(const WindowCounts& counts);
WindowCounts counts_from(const boost::json::object& object);

/// Adds what the archive holds behind `from`, and before `to` where a partition has one there.
Status count_archive(World& world, const std::vector<database::Position>& from, const std::vector<database::Position>& to,
                     WindowCounts& counts);

/// {"ordersAcknowledged","effectsExecuted","unknownOutcomes","completerNotConsumed","timers","assetChanges",
///  "lateCallbacks","operatorCommands","catalogActivations","grantsRevoked"}: counts of W, from the archive behind the
/// restored positions, the drained queues, the turn mirror and, for late callbacks, the log behind the seals; asset changes were
/// counted by who classified them.
Result<boost::json::object> count_window(World& world, const Journal& journal, std::int64_t asset_changes);

}  // namespace backstitch::recovery
