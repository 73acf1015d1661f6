// Copying into the safe: what is acknowledged from the log, and the turns that a database has committed. Done all the time by the
// archiver, and once more by a recovery before it touches anything.
#pragma once
#include <functional>

#include "stores/database/port.h"
#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch::safe {

/// Everything of the topic that the archive does not hold yet. `archived` is told how many records were added each time.
Status archive_rest(queue::Queue& queue, Safe& safe, const std::string& topic,
                    const std::function<void(std::uint64_t)>& archived = {});

using TurnLines = std::vector<std::pair<std::uint64_t, std::string>>;
/// Turns of the partition that the mirror does not hold yet, oldest first.
Result<TurnLines> unmirrored_turns(database::Shard& connection, Safe& safe, Partition partition);

}  // namespace backstitch::safe
