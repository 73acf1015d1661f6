// A queue in memory for tests, stricter than the real one: what a real queue lets pass today and breaks on tomorrow is refused
// here at once, with Code::append_invalid. Thread-safe.
//
// Stricter: an empty batch, a record without key, a schema without version, headers that are no JSON object, a clock that
// steps back (Code::queue_failed), a subscription to an unknown topic (no token).
#pragma once
#include <map>
#include <mutex>
#include <optional>

#include "stores/queue/port.h"
#include "stores/queue/subscribers.h"

namespace backstitch::queue {

struct StrictSettings {
  Partition partitions = 4;
  std::function<Time()> clock = wall_clock;
};

class StrictFake : public Queue {
 public:
  explicit StrictFake(StrictSettings settings = {});

  /// What a power cut does: records that no sync has covered are gone, and so are their claims. An append to a durable topic
  /// syncs everything before it.
  void lose_unsynced_tail();
  /// The next append answers `code`. With `appended`, it was done all the same: what queue_failed may mean.
  void fail_next_append(Code code, bool appended = false);

  Result<LogIdentity> identity() override;
  Result<std::string> bind(const std::string& owner) override;
  Status ensure_topic(const std::string& topic, const TopicSettings& settings) override;
  Result<std::vector<Appended>> append(std::vector<Append> batch) override;
  Result<std::vector<Record>> read(const std::string& topic, Partition partition, Offset from, std::size_t records_max) override;
  Result<TopicInfo> topic(const std::string& name) override;
  std::vector<std::string> topics() override;
  Result<Offset> offset_at(const std::string& topic, Partition partition, Time time) override;
  Result<std::vector<Record>> holders(const std::string& topic, const std::string& claim) override;
  Status open_behind(const std::string& topic, Partition partition, Offset position) override;
  Status trim(const std::string& topic, Partition partition, Offset offset) override;
  Result<std::uint64_t> expire(Time now, const KeepFrom& keep_from) override;
  void hold_retention(bool hold) override;
  std::shared_ptr<void> subscribe(const std::string& topic, std::function<void()> wake) override;

 private:
  struct Log {
    std::map<Offset, Record> records;
    Offset begin = 1, end = 1, synced_end = 1;
    std::vector<std::pair<Offset, Offset>> lost;
  };
  struct Holder {
    Partition partition;
    Record record;
  };
  struct Topic {
    TopicSettings settings;
    std::vector<Log> logs;
    std::map<std::string, std::vector<Holder>> claims;
  };
  Result<Topic*> find(const std::string& name);
  Result<Log*> find(const std::string& name, Partition partition);
  Status check(const std::vector<Append>& batch);
  Result<Time> tick();
  Appended place(Append append, Time now);
  std::uint64_t cut(Log& log, Offset offset);

  const StrictSettings settings_;
  Subscribers subscribers_;
  std::mutex mutex_;  // of all that follows
  LogIdentity identity_;
  std::map<std::string, Topic> topics_;
  Time last_tick_;
  bool hold_ = false;
  std::optional<Code> failure_;
  bool failure_appends_ = false;
};

}  // namespace backstitch::queue
