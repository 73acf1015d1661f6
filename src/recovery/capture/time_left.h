// How long each store still tells about a lost window: shown before and during a recovery, so that nobody waits until the
// evidence is gone.
#pragma once
#include <boost/json.hpp>
#include <optional>
#include <string>

#include "recovery/saga/journal.h"
#include "stores/database/backup/provider.h"
#include "stores/database/private/folders.h"
#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct TimeLeftSources {
  Time since;  // T; not set: no window is known yet, and the rows say how far back each store tells
  Time now;
  Time held_since;                // from the freeze on retention stands still; not set: it goes on
  queue::Queue* queue = nullptr;  // null: nobody can ask the log at this moment
  safe::Safe& safe;
  const database::ClusterFolders& folders;
  database::BackupProvider* provider = nullptr;  // null: our own backups, in these folders
};

/// A row per store, those of the registry in their order, the queue of each lane for itself:
/// {"store","evidence","state","expiresAt","leftMs","retentionMs","expired":{"from","to"},"why"}.
/// state: "expires" (at expiresAt, leftMs from now), "held" (a recovery is under way), "kept", "outside" (as long as the other
/// side keeps it), "none", "unknown". expired: the part of the window of which nothing is left, null when there is none.
boost::json::array time_left(const TimeLeftSources& sources);

/// What a recovery that holds retention said when it froze; empty rows when it has ended; not set when it has not begun to hold.
std::optional<boost::json::array> time_left_noted(const Journal& journal);

/// A line per store that has evidence: "queue-order_orderitems  expires in 11 min".
std::string time_left_text(const boost::json::array& rows);

/// "11 min 20 s", "2 h 5 min", "3 d 4 h".
std::string left_text(std::int64_t ms);

/// From which moment on a queue of an incident is whole: what lay before has expired and no earlier recovery has kept it. Not set
/// when nothing is missing.
Result<Time> lost_until(safe::Safe& safe, const std::string& recovery_id, const queue::TopicInfo& topic, Time now);

}  // namespace backstitch::recovery
