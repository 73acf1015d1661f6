// One partition of one topic in memory: its ends, and its newest records.
#pragma once
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>

#include "stores/queue/embedded/record_codec.h"

namespace backstitch::queue::embedded {

class PartitionLog {
 public:
  // Of the writer alone, under its lock: where the next record goes.
  Offset next = 1;
  Time last_at;
  std::vector<Gap> gaps;  // written under mutex_ too

  /// What readers see; thread-safe.
  struct View {
    Offset begin = 1, end = 1;
    Time first_at;
  };
  View view() const;
  void open(const PartitionMeta& meta, const std::optional<Record>& first, Offset end);
  /// Records [from, …) if they are in memory, at most `records_max`; none otherwise.
  std::optional<std::vector<Record>> from_tail(Offset from, std::size_t records_max) const;

  /// Makes the record visible and keeps it in memory, and as many before it as `tail_bytes_max` allows.
  void publish(Record record, std::size_t tail_bytes_max);
  /// Removes what lies before `begin`; `first_at` is the append time of `begin`, not set when nothing is left.
  void cut(Offset begin, Time first_at);
  /// The end moves to `position`; what lies between was lost.
  void open_behind(Offset position);

  /// Thread-safe: what was lost within what readers see.
  std::vector<std::pair<Offset, Offset>> lost() const;

  /// Offsets in [from, to) that hold or held a record.
  Offset count(Offset from, Offset to) const;

 private:
  mutable std::mutex mutex_;
  View view_;
  std::deque<Record> tail_;  // dense, ends at view_.end
  std::size_t tail_bytes_ = 0;
};

struct TopicState {
  TopicState(const TopicMeta& meta, Partition count)
      : id(meta.id),
        name(meta.name),
        durable(meta.settings.durable),
        retention_ms(meta.settings.retention_ms),
        partitions(count) {}
  const TopicId id;
  const std::string name;
  std::atomic<bool> durable;
  std::atomic<std::int64_t> retention_ms;
  std::vector<PartitionLog> partitions;
};

}  // namespace backstitch::queue::embedded
