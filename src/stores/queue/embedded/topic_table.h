// The topics of a log, by name. A topic is never removed, so a pointer to one stays good.
#pragma once
#include <map>
#include <memory>
#include <shared_mutex>

#include "stores/queue/embedded/log_store.h"
#include "stores/queue/embedded/partition_log.h"

namespace backstitch::queue::embedded {

class TopicTable {
 public:
  TopicTable(LogStore& store, Partition partitions) : store_(store), partitions_(partitions) {}

  /// Reads all topics and their ends from disk.
  Status load();
  /// Creates the topic, or replaces its settings. The caller has paused the writer.
  Status ensure(const std::string& name, const TopicSettings& settings);
  /// Code::topic_unknown.
  Result<TopicState*> find(const std::string& name) const;
  std::vector<TopicState*> all() const;

 private:
  Status load_partition(TopicState& topic, Partition partition);

  LogStore& store_;
  const Partition partitions_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<TopicState>> topics_;
};

}  // namespace backstitch::queue::embedded
