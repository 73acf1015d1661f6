// Who may write, and that a turn is all or nothing.
#pragma once
#include "contract/database/help.h"

namespace backstitch::database::contract {

inline void a_claim_raises_the_term(World& world) {
  auto shard = shard_of(world);
  const auto first = claimed(*shard, {0, 2}), second = claimed(*shard, {2});
  same(first.size(), std::size_t{2}, "claimed positions");
  same(first[1].partition, 2, "second partition");
  same(second[0].term, first[1].term + 1, "term of a second claim");
  same(stored(world, 0).term, first[0].term, "term of a partition not claimed again");
  same(first[0].epoch, std::uint64_t{1}, "epoch of a claim");
}

inline void an_unknown_partition_is_not_claimed(World& world) {
  auto shard = shard_of(world);
  refused(shard->claim({1, 77}), Code::partition_unknown, "partition 77");
}

inline void an_old_owner_is_fenced(World& world) {
  auto old_owner = shard_of(world), owner = shard_of(world);
  Position before = claimed(*old_owner, {0})[0], now = claimed(*owner, {0})[0];
  refused(committed(*old_owner, with_order(turn_of(before), 1)), Code::fenced, "the turn of an old owner");
  same(orders_there(*owner, {1}), std::size_t{0}, "orders of the old owner");
  commit(*owner, with_order(turn_of(now), 1));
}

inline void a_wrong_turn_number_is_fenced(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  ++position.turn;
  refused(committed(*shard, with_order(turn_of(position), 1)), Code::fenced, "turn 2 before turn 1");
  same(stored(world, 0).turn, std::uint64_t{0}, "turn of the position");
}

inline void the_same_turn_twice_is_fenced(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  const TurnWrite turn = turn_of(position);
  commit(*shard, turn);
  refused(committed(*shard, turn), Code::fenced, "the same turn again");
}

inline void a_foreign_partition_voids_the_turn(World& world) {
  auto shard = shard_of(world), other = shard_of(world);
  auto positions = claimed(*shard, {0, 1});
  claimed(*other, {1});
  TurnWrite turn = with_order(turn_of(positions[0]), 1);
  turn.partitions.push_back(turn_of(positions[1]).partitions[0]);
  refused(committed(*shard, turn), Code::fenced, "a turn with a partition that was taken over");
  same(stored(world, 0).turn, std::uint64_t{0}, "turn of our own partition");
  same(orders_there(*other, {1}), std::size_t{0}, "orders of the void turn");
}

inline void a_newer_epoch_fences(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  done(world.set_epoch(2, true), "set_epoch");
  refused(committed(*shard, turn_of(position)), Code::fenced, "a turn of an old epoch");
  auto again = shard_of(world);
  Position now = claimed(*again, {0})[0];
  same(now.epoch, std::uint64_t{2}, "epoch of a claim");
  commit(*again, turn_of(now));
}

inline void a_closed_epoch_fences(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  done(world.set_epoch(1, false), "set_epoch");
  refused(committed(*shard, turn_of(position)), Code::fenced, "a turn of a closed epoch");
  auto again = shard_of(world);
  refused(again->claim({0}), Code::fenced, "a claim in a closed epoch");
}

inline void an_older_epoch_is_refused(World& world) {
  done(world.set_epoch(3, true), "set_epoch");
  refused(world.set_epoch(2, true), Code::fenced, "epoch 2 behind 3");
}

inline void a_turn_behind_a_failed_one_writes_nothing(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  commit(*shard, with_order(turn_of(position), 1));
  done(shard->send_turn(with_order(turn_of(position), 1)), "send_turn");
  done(shard->send_turn(with_order(turn_of(position), 2)), "send_turn");
  refused(shard->await_turn(), Code::order_key_taken, "an order that was there");
  refused(shard->await_turn(), Code::fenced, "the turn behind it");
  auto again = shard_of(world);
  same(orders_there(*again, {1, 2}), std::size_t{1}, "orders");
  same(stored(world, 0).turn, std::uint64_t{1}, "turn of the position");
}

}  // namespace backstitch::database::contract
