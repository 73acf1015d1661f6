#include "stores/queue/lost.h"

#include <algorithm>

namespace backstitch::queue {

bool is_lost(const TopicInfo::End& end, Offset offset) {
  return std::any_of(end.lost.begin(), end.lost.end(),
                     [&](const auto& range) { return range.first <= offset && offset < range.second; });
}

Status check_gaps(Queue& queue, const std::string& topic, Partition partition, Offset from, const std::vector<Record>& records) {
  if (records.empty() || records.back().offset == from + records.size() - 1) return {};
  const auto info = queue.topic(topic);
  if (!info) return fail(info.error());
  const TopicInfo::End& end = info->partitions.at(static_cast<std::size_t>(partition));
  Offset next = from;
  for (const Record& record : records) {
    for (; next < record.offset; ++next)
      if (!is_lost(end, next))
        return fail(Code::queue_failed, "{} of partition {} hands out no offset {}, and does not say that it is lost", topic,
                    partition, next);
    next = record.offset + 1;
  }
  return {};
}

}  // namespace backstitch::queue
