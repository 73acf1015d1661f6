#include "stores/queue/expired.h"

#include <algorithm>

namespace backstitch::queue {

Time expired_until(const TopicInfo& topic, const TopicInfo::End& end, Time now) {
  if (end.begin <= 1) return {};
  const Time youngest = topic.retention_ms > 0 ? now.plus_ms(-topic.retention_ms) : now;
  return end.first_at.is_set() ? std::min(end.first_at, youngest) : youngest;
}

}  // namespace backstitch::queue
