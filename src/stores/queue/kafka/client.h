// librdkafka behind plain calls: none of its types leaves client.cpp, producer.cpp, consumer.cpp and asker.cpp. All calls are
// thread-safe unless said otherwise, and every wait has an end.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "stores/queue/kafka/kafka_queue.h"
#include "stores/queue/port.h"

struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_queue_s;
struct rd_kafka_message_s;

namespace backstitch::queue::kafka {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Message {
  std::string topic;
  Partition partition = 0;
  Offset offset = 0;
  Time appended;  // by the clock of the broker, which may step back
  std::string key, value;
  Headers headers;
};

/// The last thing that librdkafka said about the brokers: what a time-out alone does not tell.
struct Trouble {
  std::mutex mutex;
  std::string last;
  bool not_let_in = false;
  bool refused = false;  // by what we say of ourselves: stands until clear()
  void note(int code, const std::string& text);
  void clear();
  /// Code::config_invalid when we were not let in, else `code`.
  tl::unexpected<Error> as_error(Code code, const std::string& what);
};

struct Handle {
  /// Code::config_invalid. `options` come on top of what the settings say.
  static Result<std::unique_ptr<Handle>> make(const KafkaSettings& settings, bool producer,
                                              const std::map<std::string, std::string>& options);
  ~Handle();
  rd_kafka_topic_s* topic(const std::string& name);
  /// Where all topics lie now; without this it is found out once a second.
  void learn(std::int64_t timeout_ms);

  rd_kafka_s* rk = nullptr;
  Trouble trouble;
  std::mutex mutex;
  std::map<std::string, rd_kafka_topic_s*> topics;
};

/// Code::unreachable, config_invalid, topic_replaced (no such topic), queue_failed.
tl::unexpected<Error> kafka_error(Handle& handle, int code, const std::string& what);

class Producer {
 public:
  using Done = std::function<void(Result<Offset>)>;
  /// In place of an offset: it was written, and no answer said where. A reply was lost, and that of something sent later told.
  static constexpr Offset somewhere = ~Offset{0};
  struct Outgoing {
    std::string topic;
    Partition partition = 0;
    std::string key, value;
    Headers headers;
    Done done;  // called once, on a thread of the producer; an error says nothing about whether it was written
  };

  static Result<std::unique_ptr<Producer>> open(const KafkaSettings& settings);
  ~Producer();
  /// In order, and one behind the other in each partition as far as this process goes. A producer that has failed for good is
  /// replaced by a new one first.
  void send(std::vector<Outgoing> messages);
  /// Topics were made.
  void learn();
  /// For tests: what a broker may do to an idempotent producer at any time.
  void fail_for_good();
  int renewals() const { return renewals_; }

 private:
  struct Session;
  explicit Producer(const KafkaSettings& settings) : settings_(settings) {}
  Status renew();

  const KafkaSettings settings_;
  std::mutex mutex_;  // of the session, and of the order of messages
  std::shared_ptr<Session> session_;
  std::atomic<int> renewals_{0};
};

/// Reads many partitions, each from an offset on, as records come. One thread calls it.
class Follower {
 public:
  enum class Lost { out_of_range, no_topic };
  static Result<std::unique_ptr<Follower>> open(const KafkaSettings& settings);
  ~Follower();
  void learn(std::int64_t timeout_ms) { handle_->learn(timeout_ms); }
  Status follow(const std::string& topic, Partition partition, Offset from);
  void leave(const std::string& topic, Partition partition);
  /// Waits for at most `wait_ms` and hands out what has come; partitions that cannot be read any more go to `lost`.
  void poll(int wait_ms, std::vector<Message>& messages, std::vector<std::tuple<std::string, Partition, Lost>>& lost);

 private:
  std::unique_ptr<Handle> handle_;
  rd_kafka_queue_s* queue_ = nullptr;
};

/// Reads a piece of one partition.
class Piece {
 public:
  explicit Piece(const KafkaSettings& settings) : settings_(settings) {}
  /// Messages of [from, until), at most `count_max`. Code::offset_expired when `from` is gone.
  Result<std::vector<Message>> read(const std::string& topic, Partition partition, Offset from, Offset until,
                                    std::size_t count_max);

 private:
  Result<std::vector<Message>> read(Handle& handle, const std::string& topic, Partition partition, Offset from, Offset until,
                                    std::size_t count_max);
  const KafkaSettings settings_;
  std::mutex mutex_;  // of the idle ones; a read holds none
  std::vector<std::unique_ptr<Handle>> idle_;
};

/// Questions and orders to the brokers.
class Asker {
 public:
  static constexpr std::int64_t earliest = -2, latest = -1;
  struct At {
    std::string topic;
    Partition partition = 0;
    std::int64_t time_ms = latest;  // or earliest
    Offset offset = 0;              // answer
    bool none = false;              // answer: nothing that young
    bool no_topic = false;          // answer: no such partition
  };
  struct Made {
    std::string topic;
    Partition partitions = 1;
    std::map<std::string, std::string> options;
  };
  struct Options {  // of a topic
    std::string topic;
    std::map<std::string, std::string> values;
  };

  static Result<std::unique_ptr<Asker>> open(const KafkaSettings& settings);
  Status offsets(std::vector<At>& places);
  /// New topics take a moment to be known everywhere.
  Status await_topics(const std::vector<std::string>& names);
  Result<Offset> offset(const std::string& topic, Partition partition, std::int64_t time_ms);
  /// Names and numbers of partitions.
  Result<std::map<std::string, Partition>> topics();
  /// Those that were made now; one that is there already is none.
  Result<std::vector<std::string>> create(const std::vector<Made>& topics);
  Status remove(const std::vector<std::string>& topics);
  Status remove_records(const std::string& topic, Partition partition, Offset before);
  Result<std::vector<Options>> options(const std::vector<std::string>& topics);
  /// Brokers that hold each topic's first partition.
  Result<std::map<std::string, int>> replicas();

 private:
  int ask_offsets(Handle& with, std::vector<At>& places);  // a code of librdkafka
  std::shared_ptr<Handle> handle();
  Status renew();

  KafkaSettings settings_;
  std::mutex mutex_;  // of the next
  std::shared_ptr<Handle> handle_;
};

}  // namespace backstitch::queue::kafka
