// The log as one process has it: its connections, what it knows (state.h), and the two threads that keep it up to date.
#pragma once
#include <deque>
#include <thread>

#include "stores/queue/kafka/positions.h"
#include "stores/queue/kafka/state.h"
#include "stores/queue/subscribers.h"

namespace backstitch::queue::kafka {

/// With which a topic of ours is made.
std::map<std::string, std::string> topic_options(const KafkaSettings& settings, bool compacted);

class Log {
 public:
  static Result<std::unique_ptr<Log>> open(const KafkaSettings& settings);
  ~Log();

  /// Makes the topic where nobody has, notes its settings, and returns once it is read.
  Status ensure_topic(const std::string& name, const TopicSettings& settings);
  /// Waits until everything that stands in `kafka_topic` now was read: _meta or _decisions.
  Status catch_up(const std::string& kafka_topic);
  Status catch_up(const std::string& topic, Partition partition);
  /// Appends a line to _meta and waits until it was read.
  Status note(const Words& words);
  /// Looks whether a topic is still the one that it was: sets `replaced`, or takes back what the log has lost.
  Status look_at(const std::vector<std::pair<std::string, Partition>>& parts);
  /// Sends and waits for the report; perhaps Producer::somewhere.
  Result<Offset> put(const std::string& kafka_topic, const std::string& key, const std::string& value, Headers headers = {});
  /// That a batch counts as never written, unless it was decided already. Does not wait.
  void send_void(BatchId batch);
  /// That the log has lost the records of some claims, where somebody found that.
  void send_lost();
  BatchId next_batch() { return {session_, ++batches_}; }
  std::string kafka_name(const std::string& topic) const { return state.kafka_name(topic); }

  const KafkaSettings settings;
  State state;
  Subscribers subscribers;
  std::unique_ptr<Producer> producer;
  std::unique_ptr<Asker> asker;
  Piece pieces;
  Positions positions;

 private:
  /// Under the mutex of `state`. Whether a look at the brokers found that nobody knows the topic, by name.
  void count_missing(const std::map<std::string, bool>& missing);
  Log(const KafkaSettings& given, std::uint64_t session);
  Status connect();
  Result<std::map<std::string, Partition>> look_for_topics();
  Status check_whole(const std::map<std::string, Partition>& there) const;
  Status make_own_topics(const std::map<std::string, Partition>& there);
  Status read_whole(const std::string& kafka_topic);
  Status read_meta();
  Status start_topics(const std::map<std::string, Partition>& there);
  Status read_to_the_ends();
  Status look_for_losses();
  Status make_topic(const std::string& name);
  Status write_births(const std::string& name, const std::string& incarnation);
  Status follow_topic(const std::string& name);
  void follow_loop();
  void watch_loop();
  void watch_once();
  void tell_lost(const std::string& topic, Partition partition, Offset end, Offset was);
  void void_what_nobody_completed();
  void start(const std::string& kafka_topic, Partition partition, Offset from);

  const std::uint64_t session_;
  std::atomic<std::uint64_t> batches_{0};
  std::unique_ptr<Follower> follower_;
  std::unique_ptr<Asker> watcher_;  // is asked often, and waits less
  std::unique_ptr<Piece> births_;   // the same
  std::mutex ensuring_;
  std::mutex starting_;  // of the next two
  std::deque<std::tuple<std::string, Partition, Offset>> to_start_;
  std::set<std::pair<std::string, Partition>> started_;
  std::size_t births_looked_at_ = 0;
  std::map<std::pair<std::string, Partition>, std::pair<Offset, Offset>>
      told_lost_;  // end and what was expected; under state.mutex
  std::set<BatchId> voiding_;
  std::atomic<bool> over_{false};
  std::thread following_, watching_;
};

}  // namespace backstitch::queue::kafka
