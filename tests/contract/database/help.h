// The world of the cases of the shard's contract, and words for it.
#pragma once
#include "contract/words.h"
#include "stores/database/testing/samples.h"

namespace backstitch::database::contract {

using namespace backstitch::contract;
using namespace samples;

/// Where turns go: four partitions, none of them touched, epoch 1 open.
class World {
 public:
  virtual ~World() = default;
  virtual Result<std::unique_ptr<Shard>> open_shard() = 0;
  virtual Result<std::vector<Position>> positions() = 0;
  virtual Status set_epoch(std::uint64_t n, bool open) = 0;
  virtual Result<AccessRows> access(const std::string& user) = 0;
};

inline std::unique_ptr<Shard> shard_of(World& world) { return value_of(world.open_shard(), "open_shard"); }
inline std::vector<Position> claimed(Shard& shard, const std::vector<Partition>& partitions) {
  return value_of(shard.claim(partitions), "claim");
}
inline Position stored(World& world, Partition partition) {
  for (const Position& position : value_of(world.positions(), "positions"))
    if (position.partition == partition) return position;
  throw Broken{fmt::format("partition {} has no position", partition)};
}

/// A turn of one partition; the position moves on.
inline TurnWrite turn_of(Position& position, std::uint64_t incoming = 1, std::uint64_t completer = 0) {
  TurnWrite turn;
  turn.partitions.push_back(next_turn(position, incoming, completer, at(static_cast<std::int64_t>(position.turn) + 1)));
  return turn;
}
inline TurnWrite with_order(TurnWrite turn, int number) {
  append_new(turn.rows, make_sample(number, "A-1"), turn.partitions[0].after.partition, turn.partitions[0].after.turn,
             turn.partitions[0].at);
  return turn;
}
inline Status committed(Shard& shard, const TurnWrite& turn) {
  done(shard.send_turn(turn), "send_turn");
  return shard.await_turn();
}
inline void commit(Shard& shard, const TurnWrite& turn) { done(committed(shard, turn), "a turn"); }
inline std::size_t orders_there(Shard& shard, std::vector<int> numbers) {
  std::vector<OrderId> ids;
  for (int number : numbers) ids.push_back(make_sample(number, "A-1").id);
  return value_of(shard.load_orders(ids), "load_orders").size();
}

}  // namespace backstitch::database::contract
