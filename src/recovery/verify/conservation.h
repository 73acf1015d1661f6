// Sums that must close (recovery, section 6): what sources know that were not rewound = what the recovered database and the lists
// hold. A difference is named, never rounded away.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

struct Sum {
  std::string of;  // "orders" "inputs" "effects"
  std::int64_t known = 0, kept = 0, replayed = 0, repaired = 0, fatally_failed = 0, rejected = 0, open = 0;
  std::vector<std::string> missing;  // the first 100 names
  std::int64_t difference() const { return known - kept - replayed - repaired - fatally_failed - rejected - open; }
};
boost::json::object sum_object(const Sum& sum);

/// Orders of one partition, of accounts of which nothing is prepared.
Result<std::map<std::string, Sum>> orders_by_account(World& world, const database::Position& position);
/// Effects that were marked since T, of accounts of which nothing is prepared.
Result<std::map<std::string, std::set<std::string>>> marked_by_account(World& world, Partition partition);

/// Every order that was ever acknowledged (a submit in the archived `incoming`): in the database, excluded, refused in writing,
/// or still behind the position. `since` tells kept from replayed.
Result<Sum> conserve_orders(World& world);
/// Every record of `incoming`: decided, or still behind the position.
Result<Sum> conserve_inputs(World& world);
/// Every call that was ever marked: settled by its row, by a decision, or on the work list.
Result<Sum> conserve_effects(World& world, const boost::json::object& reconciled);

}  // namespace backstitch::recovery
