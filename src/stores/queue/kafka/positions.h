// How far our readers have come, as committed offsets of consumer groups, so that Kafka's own tools show their lag. Nobody of us
// joins such a group or reads what stands there.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "stores/queue/kafka/client.h"

namespace backstitch::queue::kafka {

/// Thread-safe. A process that shows nothing has no thread and no connection for it.
class Positions {
 public:
  explicit Positions(const KafkaSettings& settings) : settings_(settings) {}
  ~Positions();
  /// Does not wait; what cannot be committed is logged, and committed with what comes next.
  void show(const std::string& group, const std::string& kafka_topic, const std::map<Partition, Offset>& next);

 private:
  using Places = std::map<std::pair<std::string, Partition>, Offset>;
  void run();
  void commit(const std::string& group, const Places& places);
  Result<Handle*> client_of(const std::string& group);

  const KafkaSettings settings_;
  std::mutex mutex_;  // of the next four
  std::condition_variable moved_;
  std::map<std::string, Places> groups_;
  std::set<std::string> changed_;
  bool over_ = false;
  std::map<std::string, std::unique_ptr<Handle>> clients_;  // one a group, of the thread alone, as the next two
  std::set<std::string> failing_;
  std::int64_t all_shown_ms_ = 0;
  std::thread thread_;
};

}  // namespace backstitch::queue::kafka
