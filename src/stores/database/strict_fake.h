// Shards in memory, stricter than PostgreSQL: a row that is inserted twice, or changed and not there, is refused before
// anything is written. For tests of what stands above the port. Flaws make it wrong on purpose, to see a test notice.
#pragma once
#include <memory>

#include "stores/database/port.h"

namespace backstitch::database {

enum class Flaw {
  none,
  forgets_terms,    // an old owner may go on
  any_turn_number,  // a turn that does not follow the last one is taken
  deaf_to_epochs,
  half_turns,       // positions stay where a turn failed behind them, rows before the fault stay
  last_write_wins,  // a taken order key is written over
  loses_positions,  // offsets are not stored with the rows
  keeps_grants,     // what is taken away stays
  keeps_taken,      // so do rows that a repair writes anew, or that should not be
};

/// What all shards of a fake database share. One thread at a time.
class FakeTruth {
 public:
  explicit FakeTruth(int partitions, std::vector<Flaw> flaws = {});
  ~FakeTruth();
  std::unique_ptr<Shard> open_shard();
  std::vector<Position> positions() const;
  AccessRows access(const std::string& user) const;  // as Database::access
  Status set_epoch(std::uint64_t n, bool open);

 private:
  friend class FakeShard;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace backstitch::database
