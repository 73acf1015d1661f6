// The one loop that turns a log into rows: prefetch, decide, collect. A shard is this fold on live queues; going back is this
// fold on the archive. One thread at a time.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "fold/catalog_library.h"
#include "fold/refusals.h"
#include "stores/database/port.h"

namespace backstitch {

/// What a recovery left out, and why: places in incoming.
using LeftOut = std::map<std::pair<Partition, std::uint64_t>, std::string>;

/// Offsets of one log: from the first to the one behind the last.
struct OffsetRange {
  std::uint64_t from = 1, to = 1;
  bool operator==(const OffsetRange&) const = default;
};
/// Ranges of completer that were replayed under the policy fatally-fail.
using Distrusted = std::map<Partition, std::vector<OffsetRange>>;

/// Cuts what a partition has added to a batch, from `first` on, so that a record that stands alone comes alone, and at once when
/// it is the next one of incoming. What is cut off is gathered again.
void let_stand_alone(std::vector<InputRecord>& records, std::size_t first);

struct FoldedTurn {
  database::TurnWrite write;
  Effects effects;
};

class Fold {
 public:
  /// `before_load` is called before the database is read: turns in flight must be committed first, or the read would be stale.
  Fold(const EngineSettings& settings, CatalogLibrary& library, database::Shard& shard, std::function<Status()> before_load);

  /// Takes the partitions in: their switched systems and all open orders, whole.
  Status open(const std::vector<database::Position>& positions);

  /// Tasks and timers that a crash between commit and publish may have lost.
  Effects rederive() const;

  /// Decides the records: by partition in the order given, which per partition must be completer before incoming, each by offset,
  /// without a gap from its position, and a record that stands alone without another of its partition. On an error nothing may be
  /// written, and the fold is to be dropped.
  Result<FoldedTurn> turn(const std::vector<InputRecord>& records);

  const database::Position& position(Partition partition) const { return positions_.at(partition); }
  std::vector<Partition> partitions() const;
  void note_published(Partition partition, std::uint64_t turn) { positions_.at(partition).published = turn; }
  std::size_t open_orders() const;

  /// These records are decided as refused, in writing, whatever they say: their rows could not be written.
  void refuse(Refusals refusals) { refusals_ = std::move(refusals); }

  /// These records are consumed and decide nothing; a command row with the state "excluded" says so, and the submitter of an
  /// order is told that it is rejected.
  void exclude(LeftOut left_out) { left_out_ = std::move(left_out); }

  /// Marks and answers in these ranges make the item that waits for them Fatally Failed, whatever they say.
  void distrust(Distrusted ranges) { distrusted_ = std::move(ranges); }

  /// After Code::order_key_taken: look every submitted id up in the database from now on.
  void look_up_order_keys(bool on) { look_up_order_keys_ = on; }

 private:
  struct Parsed {
    const InputRecord* record;
    Result<Input> input;
  };
  Result<Input> input_of(const InputRecord& record) const;
  Status prefetch(const std::vector<Parsed>& inputs);
  Status load_catalogs(const std::vector<Parsed>& inputs);
  Status load_missing_orders(const std::vector<Parsed>& inputs);
  Status load_known_keys(const std::vector<Parsed>& inputs);
  Status load_taken_ids(const std::vector<Parsed>& inputs, const std::vector<OrderKeyRow>& known);
  Status load_missing_accounts(const std::vector<Parsed>& inputs);
  Status load_account_digests(const std::vector<Parsed>& inputs);
  Status take_in(const std::vector<database::StoredOrder>& stored);
  Status read_accounts(const std::set<std::string>& ids, const std::map<std::string, Partition>& partition_of_account);
  void collect(const std::vector<Parsed>& inputs, FoldedTurn& turn);

  EngineSettings settings_;
  CatalogLibrary& library_;
  database::Shard& shard_;
  std::function<Status()> before_load_;
  bool look_up_order_keys_ = false;
  Refusals refusals_;
  LeftOut left_out_;
  Distrusted distrusted_;
  std::map<Partition, database::Position> positions_;
  std::map<Partition, PartitionWork> work_;
};

}  // namespace backstitch
