// Which of the offsets that hold no record had one: a lost tail leaves such, a batch that never counted leaves others.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "stores/queue/port.h"

namespace backstitch::queue {

/// A log that can have both.
class KnowsTails {
 public:
  virtual ~KnowsTails() = default;
  /// Ranges [from, to) that a lost tail has left, in order.
  virtual std::vector<std::pair<Offset, Offset>> tails(const std::string& topic, Partition partition) = 0;
};

/// Those of `end.lost` that something stood in; all of them where the log has no others.
std::vector<std::pair<Offset, Offset>> lost_tails(Queue& queue, const std::string& topic, const TopicInfo::End& end);

}  // namespace backstitch::queue
