// Going back is folding again: the archived completer and incoming of a safe are folded into a database, in the recorded order.
// A closed world: what the turns would have sent out is dropped, and answers come from the archive; nothing is called.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "fold/fold.h"
#include "recovery/replay/exclusions.h"

namespace backstitch::recovery {

struct ReplaySettings {
  std::size_t inputs_max = 256;  // in one transaction; 1 or more
  int threads = 1;
  /// Partitions of each thread; empty: dealt out in turn over `threads`. Together, each partition of the database once.
  std::vector<std::vector<Partition>> owners;
  /// Go on behind the last mirrored turn: the rest of the archived completer, then of incoming. Off: the end is the state of the
  /// last mirrored turn, and equals what was live then.
  bool beyond_mirror = false;
  /// The end is exactly here, in partitions that are named: offsets to read next, (completer, incoming), as a position has them.
  /// Code::replay_misplaced when the recorded order does not pass that place.
  std::map<Partition, std::pair<std::uint64_t, std::uint64_t>> until;
  /// Left out beside those of all recoveries that were resumed (load_exclusions), which every fold leaves out.
  Exclusions exclusions;
  /// Policy fatally-fail: no answer behind the start of this replay is adopted. An item that waits in a call for which a mark or
  /// an answer comes becomes Fatally Failed instead (Code::restored). Later folds come to the same, since the ranges are kept
  /// with the exclusions (distrusted_between, keep_exclusions).
  bool fatally_fail = false;
  /// Called about every 200 ms, and once at the end, by the thread that called replay(): records committed, and records there
  /// are.
  std::function<void(std::uint64_t inputs_done, std::uint64_t inputs_all)> progress;
  EngineSettings engine;  // as it was live: retries are decided with it
};

struct ReplayReport {
  std::uint64_t inputs = 0;         // records folded and committed
  std::uint64_t turns = 0;          // transactions
  std::uint64_t decided_again = 0;  // turns voided because an order id had been seen before
  std::int64_t duration_ms = 0;
  double inputs_per_second() const {
    return duration_ms > 0 ? static_cast<double>(inputs) * 1000 / static_cast<double>(duration_ms) : 0;
  }
};

/// Folds from where the database stands (empty: from the beginning; after a rewind: from its positions) to the end, and may be
/// called again to go on. The database is migrated, has its partitions and an open epoch, and nobody else writes to it:
/// Code::fenced. Code::archive_gap, replay_misplaced, checksum_mismatch, catalog_version_missing, and what the stores answer.
/// After an error everything that was committed stands, and the next call goes on from there.
Result<ReplayReport> replay(const ReplaySettings& settings, safe::Safe& safe, database::Database& database,
                            CatalogLibrary& library);

}  // namespace backstitch::recovery
