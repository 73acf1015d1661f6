#include "stores/queue/embedded/topic_table.h"

#include <algorithm>
#include <mutex>

namespace backstitch::queue::embedded {

Status TopicTable::load() {
  auto topics = store_.topics();
  if (!topics) return fail(std::move(topics.error()));
  for (const TopicMeta& meta : *topics) {
    auto& topic = topics_[meta.name];
    topic = std::make_unique<TopicState>(meta, partitions_);
    for (Partition partition = 0; partition < partitions_; ++partition) BS_TRY(load_partition(*topic, partition));
  }
  return {};
}

// An emptied partition ends where its meta says; one that was written since then ends behind its last record.
Status TopicTable::load_partition(TopicState& topic, Partition partition) {
  const auto meta = store_.partition(topic.id, partition);
  if (!meta) return fail(meta.error());
  const auto last = store_.last_record(topic.id, partition);
  if (!last) return fail(last.error());
  const Offset end = *last ? std::max(meta->end, (*last)->offset + 1) : meta->end;
  const auto first = store_.records(topic.id, partition, meta->begin, end, 1);
  if (!first) return fail(first.error());
  PartitionLog& log = topic.partitions[static_cast<std::size_t>(partition)];
  log.open(*meta, first->empty() ? std::nullopt : std::optional(first->front()), end);
  log.last_at = *last ? std::max(meta->last_at, (*last)->appended) : meta->last_at;
  return {};
}

Status TopicTable::ensure(const std::string& name, const TopicSettings& settings) {
  auto found = find(name);
  TopicMeta meta{1, name, settings};
  if (found) {
    meta.id = (*found)->id;
  } else {
    for (const TopicState* topic : all()) meta.id = std::max(meta.id, topic->id + 1);
  }
  BS_TRY(store_.ready_to_write(name.size()));
  const auto write = store_.begin_write();
  write->put_topic(meta);
  BS_TRY(store_.commit(*write, true));
  if (found) {
    (*found)->durable = settings.durable;
    (*found)->retention_ms = settings.retention_ms;
    return {};
  }
  const std::unique_lock lock(mutex_);
  topics_[name] = std::make_unique<TopicState>(meta, partitions_);
  return {};
}

Result<TopicState*> TopicTable::find(const std::string& name) const {
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(name);
  if (found == topics_.end()) return fail(Code::topic_unknown, "queue {}", name);
  return found->second.get();
}

std::vector<TopicState*> TopicTable::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<TopicState*> topics;
  for (const auto& [name, topic] : topics_) topics.push_back(topic.get());
  return topics;
}

}  // namespace backstitch::queue::embedded
