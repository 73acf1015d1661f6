// What goes, and what must not: removing records, and holding them.
#pragma once
#include "stores/queue/kafka/log.h"

namespace backstitch::queue::kafka {

/// Removes the records before `offset`, but keeps those that hold a claim elsewhere first; nothing while retention is held by
/// anybody. Returns how many went.
Result<std::uint64_t> cut(Log& log, const std::string& topic, Partition partition, Offset offset);

/// One topic that cannot be asked holds up none of the others; its error comes back when nothing at all could be done.
Result<std::uint64_t> expire(Log& log, Time now, const Queue::KeepFrom& keep_from);

/// First record at or after a time.
Result<Offset> offset_at(Log& log, const std::string& topic, Partition partition, Time time);

/// Offsets up to `position` are taken by fillers, so that nobody is given them.
Status open_behind(Log& log, const std::string& topic, Partition partition, Offset position);

}  // namespace backstitch::queue::kafka
