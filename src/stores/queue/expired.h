// How far back a queue tells: what retention may have taken already.
#pragma once
#include "stores/queue/port.h"

namespace backstitch::queue {

/// The moment from which on nothing of this partition has expired; not set when nothing ever has. What went was older than the
/// retention when it went: a partition where little happens has not lost the time before its first record. `now`: when retention
/// last went on.
Time expired_until(const TopicInfo& topic, const TopicInfo::End& end, Time now);

}  // namespace backstitch::queue
