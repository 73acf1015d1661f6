// Where each account's records stand in the archive, so that the outage reads those of a few accounts and not all of it.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

using EachRecord = std::function<void(const queue::Record& record)>;

/// Offsets, ascending, of the records of some accounts before the positions of a copy.
struct Places {
  std::map<Partition, std::vector<queue::Offset>> incoming, completer;
};

/// Of all accounts, before these positions; kept in the evidence.
Status prepare_places(World& world, const std::vector<database::Position>& positions);
/// Of these accounts; nothing when none were kept, or not for these positions.
Result<std::optional<Places>> load_places(World& world, const std::vector<database::Position>& positions,
                                          const std::set<std::string>& accounts);

/// Calls `each` with every record of an account that does not stand, and perhaps with others, from the part of the archive that
/// was looked at when the copy was prepared; answers where the rest begins, of which nothing was read: 1 when nothing stands.
Result<queue::Offset> read_open(World& world, const std::string& topic, Partition partition, const EachRecord& each);

}  // namespace backstitch::recovery
