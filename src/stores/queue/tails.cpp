#include "stores/queue/tails.h"

namespace backstitch::queue {

std::vector<std::pair<Offset, Offset>> lost_tails(Queue& queue, const std::string& topic, const TopicInfo::End& end) {
  auto* knows = dynamic_cast<KnowsTails*>(&queue);
  return knows ? knows->tails(topic, end.partition) : end.lost;
}

}  // namespace backstitch::queue
