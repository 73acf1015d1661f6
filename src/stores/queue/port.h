// The queue role: partitioned logs with offsets, append time, retention and claims (architecture 1, laws 1, 3 and 5).
//
// Topics: incoming, completer (durable before visible, archived), schedule, order_orderitems, tasks.<lane> (may lose their tail).
// Offsets start at 1 and are never used twice, also not after a power cut. All calls are thread-safe.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/time.h"

namespace backstitch::queue {

using Offset = std::uint64_t;

struct Record {
  Offset offset = 0;
  Time appended;        // given by the log; never decreases within a partition
  std::string key;      // account
  std::string schema;   // "incoming.submit/1"
  std::string headers;  // JSON object: bs-id, bs-epoch, bs-cause …; may be empty
  std::string value;    // JSON, at most 8 MiB
};

/// A claim names something that may happen once: an order id in incoming, an effect key + call in completer.
enum class ClaimMode : std::uint8_t {
  none,
  first_only,  // append only if no record holds the claim; else the answer lists what does
  join,        // append in any case, and be listed under the claim from now on
};

struct Append {
  std::string topic;
  Partition partition = 0;
  std::string key, schema, headers, value;
  std::string claim;  // empty with ClaimMode::none
  ClaimMode mode = ClaimMode::none;
};

struct Appended {
  Offset offset = 0;  // 0 when a first_only claim was taken already
  Time at;
  bool accepted() const { return offset != 0; }
  std::vector<Record> holders;  // records under the claim before this one, oldest first
};

struct TopicInfo {
  std::string name;
  bool durable = false;
  std::int64_t retention_ms = 0;
  struct End {
    Partition partition = 0;
    Offset begin = 1;  // first offset still there
    Offset end = 1;    // offset of the next record; end - 1 is the last durable one that readers see
    Time first_at;     // append time of `begin`, not set when empty
    /// Ranges [from, to) of [begin, end) that hold no record: a tail was lost and the partition opened behind it, or a claim lost
    /// its race in the log. In order.
    std::vector<std::pair<Offset, Offset>> lost;
    /// Behind the last record that is there: what nobody can read is not waited for.
    Offset readable_end() const { return !lost.empty() && lost.back().second >= end ? lost.back().first : end; }
  };
  std::vector<End> partitions;
};

struct TopicSettings {
  bool durable = false;                       // answers and becomes visible only after the sync
  std::int64_t retention_ms = 2 * 3'600'000;  // 0: kept until trimmed
};

/// Which log this is, and whose.
struct LogIdentity {
  std::string log;    // drawn when the log was made; empty for one of an older version that is only read here
  std::string owner;  // whom it is bound to; empty: to nobody yet
};

class Queue {
 public:
  virtual ~Queue() = default;

  virtual Result<LogIdentity> identity() = 0;
  /// Binds the log for good. The answer is who it is bound to: the first one that asked, whoever that was.
  virtual Result<std::string> bind(const std::string& owner) = 0;

  /// Creates it if missing; the settings of an existing topic are replaced.
  virtual Status ensure_topic(const std::string& topic, const TopicSettings& settings) = 0;

  /// Appends in order, as one atomic batch, group-committed with other callers' batches. Returns when durable topics are
  /// synced. Code::topic_unknown, partition_unknown, record_too_large, append_invalid (a claim without a mode or the other way
  /// round), disk_full, queue_failed: then nothing was appended (after queue_failed: unknown, look the claim up).
  virtual Result<std::vector<Appended>> append(std::vector<Append> batch) = 0;

  /// Up to `records_max` records from `from` on, in order. Empty at the end. Code::offset_expired when `from` lies before
  /// the first offset still there, Code::offset_behind_end when it lies behind the end: a position is never silently reset.
  /// Offsets that were lost (open_behind) are passed over.
  virtual Result<std::vector<Record>> read(const std::string& topic, Partition partition, Offset from,
                                           std::size_t records_max) = 0;

  virtual Result<TopicInfo> topic(const std::string& name) = 0;
  virtual std::vector<std::string> topics() = 0;

  /// First offset whose append time is at or after `time`; the end when there is none.
  virtual Result<Offset> offset_at(const std::string& topic, Partition partition, Time time) = 0;

  /// All records under the claim, oldest first; empty when none. Survives retention of the records themselves.
  virtual Result<std::vector<Record>> holders(const std::string& topic, const std::string& claim) = 0;

  /// Opens the partition behind `position` as a new incarnation when its end lies before it (a log that lost its tail must
  /// not hand out offsets that a commit has seen). No effect otherwise. A position is the offset to read next.
  virtual Status open_behind(const std::string& topic, Partition partition, Offset position) = 0;

  /// Removes records before `offset`; Code::offset_behind_end beyond the end. Records held by retention stay when `hold` is on.
  virtual Status trim(const std::string& topic, Partition partition, Offset offset) = 0;
  /// Offset of a partition from which on nothing may go, however old it is: somebody has not read it yet.
  using KeepFrom = std::function<Offset(const std::string& topic, Partition partition)>;
  /// Applies retention by time as of `now`; returns the number of records removed. Without `keep_from` age alone decides.
  virtual Result<std::uint64_t> expire(Time now, const KeepFrom& keep_from = {}) = 0;
  virtual void hold_retention(bool hold) = 0;

  /// Calls back (on a thread of the queue, must not block) whenever records of the topic became visible. One per topic and
  /// subscriber; the returned token ends it when destroyed.
  virtual std::shared_ptr<void> subscribe(const std::string& topic, std::function<void()> wake) = 0;

  /// How far a reader has come, for the tools of whoever runs the log: nothing here ever reads it back. Does not wait, and
  /// promises nothing; a log without such tools does nothing.
  virtual void show_positions(const std::string& /*reader*/, const std::string& /*topic*/,
                              const std::map<Partition, Offset>& /*next*/) {}
};

}  // namespace backstitch::queue
