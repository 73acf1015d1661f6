// One thread of a replay: the fold of its partitions, with two turns in flight as a live shard has.
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "recovery/replay/archive_cursor.h"
#include "recovery/replay/replay.h"

namespace backstitch::recovery {

/// What recoveries and the database have settled about single records: the fold is told before it begins.
struct Settled {
  Refusals refusals;
  LeftOut left_out;
  Distrusted distrusted;
};

class ReplayThread {
 public:
  /// `stop`: another thread failed; end after the turns in flight.
  ReplayThread(const ReplaySettings& settings, const Settled& settled, std::vector<Partition> partitions, safe::Safe& safe,
               database::Database& database, CatalogLibrary& library, const std::atomic<bool>& stop);

  Status run();
  std::uint64_t inputs_done() const { return inputs_done_; }  // committed; may be asked for by another thread
  std::uint64_t inputs_all() const { return inputs_all_; }
  std::uint64_t turns() const { return turns_; }
  std::uint64_t decided_again() const { return decided_again_; }

 private:
  Status read_orders();
  Status open();
  Status fold_to_end();
  Result<std::vector<InputRecord>> gather();
  Status send(const std::vector<InputRecord>& records);
  Status await_oldest();
  Status await_all();
  bool looks_up() const;
  bool look_up_what_is_void();

  const ReplaySettings& settings_;
  const Settled& settled_;
  std::vector<Partition> partitions_;
  safe::Safe& safe_;
  database::Database& database_;
  CatalogLibrary& library_;
  const std::atomic<bool>& stop_;

  std::map<Partition, RecordedOrder> recorded_;
  std::map<Partition, ArchiveCursor> cursors_;
  std::unique_ptr<database::Shard> connection_;
  std::unique_ptr<Fold> fold_;
  struct InFlight {
    bool looked_up = false;
    std::uint64_t inputs = 0;
    std::vector<std::pair<Partition, std::uint64_t>> incoming;  // offset behind the last one, per partition
  };
  std::deque<InFlight> in_flight_;
  std::map<Partition, std::uint64_t> look_up_until_;  // offset of incoming up to which order ids are looked up
  std::atomic<std::uint64_t> inputs_done_{0}, inputs_all_{0};
  std::uint64_t turns_ = 0, decided_again_ = 0;
};

}  // namespace backstitch::recovery
