// Reads one partition's archived records in the recorded order, a bounded piece at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "recovery/replay/recorded_order.h"

namespace backstitch::recovery {

/// One thread at a time.
class ArchiveCursor {
 public:
  /// `runs` go on from `position` (RecordedOrder::from).
  ArchiveCursor(safe::Safe& safe, const database::Position& position, std::vector<Run> runs);

  bool at_end() const { return run_ == runs_.size(); }

  /// Appends up to `records_max` records: completer, then incoming, never completer behind incoming, which is what one turn may
  /// hold of a partition (law 3), and a record that stands alone without another. So recorded turns are merged and split at will,
  /// and their order is kept. Code::archive_gap when the archive ends before a record that a turn has consumed.
  Status take(std::size_t records_max, std::vector<InputRecord>& out);

 private:
  struct Reader {
    std::uint64_t next = 1;
    std::deque<InputRecord> buffer;
  };
  Status fill(Log log, Reader& reader);

  safe::Safe& safe_;
  Partition partition_;
  std::vector<Run> runs_;
  std::size_t run_ = 0;
  Reader completer_, incoming_;
};

}  // namespace backstitch::recovery
