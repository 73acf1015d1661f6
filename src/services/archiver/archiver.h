// Copies incoming and completer into the safe, and mirrors turn rows there; applies retention. What is not archived yet is never
// expired. One thread; its lag is displayed.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "stores/database/port.h"
#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch {

struct ArchiverSettings {
  int partitions = 64;
  std::int64_t every_ms = 1'000;
  std::int64_t expire_every_ms = 10'000;
  bool crm_reads = false;  // somebody delivers order_orderitems
};

class Archiver {
 public:
  Archiver(ArchiverSettings settings, queue::Queue& queue, database::Database& database, safe::Safe& safe);
  ~Archiver();  // archives what there is, then stops
  /// Everything durable in the logs, and every committed turn, is in the safe when it returns.
  Status flush();
  std::uint64_t lag() const { return lag_; }  // records not archived yet, as of the last round

 private:
  void run();
  Status round();
  Status measure_lag();
  Result<std::uint64_t> expire();
  Status archive_topic(const std::string& topic);
  using TurnLines = std::vector<std::pair<std::uint64_t, std::string>>;
  Result<std::map<Partition, TurnLines>> read_turns();

  ArchiverSettings settings_;
  queue::Queue& queue_;
  database::Database& database_;
  safe::Safe& safe_;
  std::unique_ptr<database::Shard> connection_;
  std::mutex round_mutex_, mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::int64_t expired_at_ms_ = 0;
  std::atomic<std::uint64_t> lag_{0};
  std::thread thread_;
};

}  // namespace backstitch
