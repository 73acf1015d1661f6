// The RocksDB under the log, and nothing else that knows RocksDB.
//
//   default  "v" format version, "n" partitions, "i" number of the log, "o" whom it is bound to,
//            "t"+name topics, "p"+topic+partition ends and gaps
//   records  topic, partition, offset -> append time, key, schema, headers, value
//   claims   topic, claim             -> records under the claim, copied, so that retention cannot lose them
//
// Reading is thread-safe. One thread at a time writes (the caller sees to it).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stores/queue/embedded/record_codec.h"

namespace backstitch::queue {
class FaultLayer;
}

namespace backstitch::queue::embedded {

struct StoreSettings {
  std::string folder;
  Partition partitions = 0;
  FaultLayer* faults = nullptr;
  std::int64_t free_bytes_min = 0;
  bool beside_owner = false;
  std::string log;  // the number it must have; empty: any
};

/// Whether a write leaves free_bytes_min on the disk, or may use it, because it makes room.
enum class Reserve { kept, used };

class LogStore {
 public:
  /// One atomic write. Holds on to the store that made it.
  class Write {
   public:
    ~Write();
    void put_record(TopicId topic, Partition partition, const Record& record);
    void put_claim(const std::string& key, const std::string& list);
    void put_owner(const std::string& owner);
    void put_topic(const TopicMeta& meta);
    void put_partition(TopicId topic, Partition partition, const PartitionMeta& meta);
    void remove_records(TopicId topic, Partition partition, Offset from, Offset end);

   private:
    friend class LogStore;
    struct Batch;
    explicit Write(LogStore& store);
    LogStore& store_;
    std::unique_ptr<Batch> batch_;
    std::string key_, value_;  // kept for their memory
  };

  static Result<std::unique_ptr<LogStore>> open(const StoreSettings& settings);
  ~LogStore();

  std::unique_ptr<Write> begin_write();
  /// Call before a write is begun: Code::disk_full with less than `bytes` and the reserve left. After a write that found the disk
  /// full it opens the database again once there is room, and takes back what the failed write may have left.
  Status ready_to_write(std::size_t bytes, Reserve reserve = Reserve::kept);
  /// Code::disk_full: nothing was written. Code::queue_failed: unknown, and no later write is accepted.
  Status commit(Write& write, bool sync);

  /// In order, from the first record at or after `from`, before `end`.
  Result<std::vector<Record>> records(TopicId topic, Partition partition, Offset from, Offset end, std::size_t records_max);
  Result<std::optional<Record>> last_record(TopicId topic, Partition partition);
  /// The list under a claim, as bytes (decode_holders); empty when there is none.
  Result<std::string> holders(const std::string& claim_key);
  Result<std::vector<TopicMeta>> topics();
  Result<LogIdentity> identity();
  Result<PartitionMeta> partition(TopicId topic, Partition partition);

 private:
  struct Database;
  explicit LogStore(StoreSettings settings);
  Status open_again();
  Status check_format();
  Status check_number();

  StoreSettings settings_;
  std::unique_ptr<Database> database_;
};

}  // namespace backstitch::queue::embedded
