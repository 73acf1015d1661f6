// The order in which a partition's records were folded, as the turn mirror in the safe tells it: per turn a range of completer,
// then one of incoming. Two logs have no order between them but this one, so a replay has no other source for it.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/input.h"
#include "stores/database/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

/// Records of one log up to `end` (the offset behind the last one), before any record of the other log.
struct Run {
  Log log = Log::completer;
  std::uint64_t end = 1;
  bool operator==(const Run&) const = default;
};

class RecordedOrder {
 public:
  /// Reads the mirror of one partition. `beyond_mirror`: behind the last mirrored turn come the rest of the archived completer,
  /// then the rest of the archived incoming. Turns that consume again what turns before them consumed (the live system goes on
  /// after a recovery) add only what lies behind. Code::checksum_mismatch for a line that is no turn, or leaves a hole.
  static Result<RecordedOrder> read(safe::Safe& safe, Partition partition, bool beyond_mirror);

  /// What is left from a position on; empty when it lies at the end or behind it. Adjacent runs are of different logs. Behind the
  /// mirror any position is good: nobody recorded an order there, and both logs may have grown since they were last folded.
  /// Code::replay_misplaced when no recorded turn passed this position, nor a place inside one: (completer, incoming).
  Result<std::vector<Run>> from(const database::Position& position) const;

  /// Leaves out what lies behind this place. Code::replay_misplaced when the order does not pass it, nor a place inside a run.
  Status end_at(std::uint64_t completer, std::uint64_t incoming);

  const std::vector<Run>& runs() const { return runs_; }

 private:
  void add(Log log, std::uint64_t from, std::uint64_t end);
  /// Behind the mirror: where it ends, and where the archive does; not set when the order ends with it, or before.
  struct Free {
    std::uint64_t completer = 1, incoming = 1, completer_end = 1, incoming_end = 1;
  };
  Partition partition_ = 0;
  std::vector<Run> runs_;
  std::optional<Free> free_;
};

}  // namespace backstitch::recovery
