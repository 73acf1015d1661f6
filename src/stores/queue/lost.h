// Offsets that a reader finds missing: the log must say of each that no record was ever there (TopicInfo::End::lost). What is
// left out without a word would be lost in silence, because a reader's position moves over it.
#pragma once
#include "stores/queue/port.h"

namespace backstitch::queue {

bool is_lost(const TopicInfo::End& end, Offset offset);
/// Of `records` that read() has handed out from `from` on: Code::queue_failed names the first offset that is missing without a
/// word. Asks the log only when one is.
Status check_gaps(Queue& queue, const std::string& topic, Partition partition, Offset from, const std::vector<Record>& records);

}  // namespace backstitch::queue
