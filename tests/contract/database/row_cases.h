// What a turn leaves behind, and what is read of it.
#pragma once
#include "contract/database/help.h"

namespace backstitch::database::contract {

inline void positions_move_with_the_turn(World& world) {
  auto shard = shard_of(world);
  auto positions = claimed(*shard, {0, 1});
  TurnWrite turn = turn_of(positions[0], 5, 3);
  turn.partitions.push_back(turn_of(positions[1], 2, 0).partitions[0]);
  commit(*shard, turn);
  const Position zero = stored(world, 0), one = stored(world, 1);
  same(zero.turn, std::uint64_t{1}, "turn");
  same(zero.incoming, std::uint64_t{6}, "incoming");
  same(zero.completer, std::uint64_t{4}, "completer");
  same(zero.decision_digest, positions[0].decision_digest, "decision digest");
  same(zero.catalog_digest, std::string(catalog_digest), "catalog digest");
  same(one.incoming, std::uint64_t{3}, "incoming of the second partition");
  same(stored(world, 2).turn, std::uint64_t{0}, "turn of a partition that had none");
}

inline void an_order_comes_back_whole(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {1})[0];
  commit(*shard, with_order(turn_of(position), 1));
  const auto orders = value_of(shard->load_open_orders({1}), "load_open_orders");
  same(orders.size(), std::size_t{1}, "open orders");
  const Sample sample = make_sample(1, "A-1");
  require(orders[0].order.id == sample.id, "another order id");
  require(orders[0].doc.document == sample.document, "another document");
  same(orders[0].items.size(), std::size_t{6}, "items");
  same(orders[0].downstream_items.size(), std::size_t{3}, "downstream items");
  require(orders[0].plan.has_value(), "no plan");
  require(!orders[0].order.insert && !orders[0].items[0].insert, "a row that was read asks to be inserted");
  same(value_of(shard->load_open_orders({0}), "load_open_orders").size(), std::size_t{0}, "open orders of another partition");
}

inline void two_turns_in_flight_commit_in_order(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  const Sample sample = make_sample(1, "A-1");
  const TurnWrite first = with_order(turn_of(position), 1);
  TurnWrite second = turn_of(position, 0, 1);
  append_answer(second.rows, sample, 0, 2, 0, at(2));
  done(shard->send_turn(first), "send_turn");
  done(shard->send_turn(second), "send_turn");
  done(shard->await_turn(), "first");
  done(shard->await_turn(), "second");
  const auto orders = value_of(shard->load_orders({sample.id}), "load_orders");
  same(orders.size(), std::size_t{1}, "orders");
  for (const ItemRow& item : orders[0].items)
    if (item.id == sample.plan.items[1].id) require(item.state == ItemState::running, "the second turn's row did not change");
}

inline void a_closed_order_is_not_open(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  commit(*shard, with_order(turn_of(position), 1));
  for (std::size_t step = 0; step < 6; ++step) {
    TurnWrite turn = turn_of(position, 0, 1);
    append_answer(turn.rows, make_sample(1, "A-1"), 0, position.turn, step, at(9));
    commit(*shard, turn);
  }
  same(value_of(shard->load_open_orders({0}), "load_open_orders").size(), std::size_t{0}, "open orders");
  same(orders_there(*shard, {1}), std::size_t{1}, "orders by id");
}

inline void a_taken_key_voids_the_whole_turn(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  commit(*shard, with_order(turn_of(position), 1));
  TurnWrite turn = with_order(with_order(turn_of(position), 2), 1);
  refused(committed(*shard, turn), Code::order_key_taken, "an order that was there");
  auto again = shard_of(world);
  same(orders_there(*again, {1, 2}), std::size_t{1}, "orders");
}

inline void keys_are_found_as_they_were_given(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  commit(*shard, with_order(turn_of(position), 1));
  const auto found =
      value_of(shard->find_order_keys({{"org1", "O1", 1, {}, 0}, {"org1", "O1", 2, {}, 0}, {"org2", "O1", 1, {}, 0}}), "find");
  same(found.size(), std::size_t{1}, "keys found");
  require(found[0].order == make_sample(1, "A-1").id, "another order id");
}

inline void the_last_state_of_a_system_stands(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  for (bool up : {true, false}) {
    TurnWrite turn = turn_of(position);
    turn.rows.systems.push_back({0, "noc", up, at(1)});
    commit(*shard, turn);
  }
  const auto systems = value_of(shard->load_systems({0, 1}), "load_systems");
  same(systems.size(), std::size_t{1}, "systems");
  require(!systems[0].up, "the system is up");
}

inline void an_account_without_anything_is_empty(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  TurnWrite turn = turn_of(position);
  append_account_things(turn.rows, "A-1", 0, make_sample(1, "A-1").id, at(1));
  commit(*shard, turn);
  const auto accounts = value_of(shard->load_accounts({"A-2", "A-1"}), "load_accounts");
  same(accounts.size(), std::size_t{2}, "accounts");
  same(accounts[0].account_id, std::string("A-2"), "first account");
  same(accounts[0].assets.size(), std::size_t{0}, "assets of A-2");
  same(accounts[1].assets.size(), std::size_t{1}, "assets of A-1");
  same(accounts[1].inventory.size(), std::size_t{1}, "inventory of A-1");
}

inline void what_is_taken_is_gone_before_anything_is_written(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  commit(*shard, with_order(with_order(turn_of(position), 1), 2));
  const Sample kept = make_sample(1, "A-1"), gone = make_sample(2, "A-1");
  TurnWrite turn = with_order(turn_of(position), 1);
  turn.rows.taken.orders = {kept.id, gone.id};
  turn.rows.taken.order_keys = {{"org1", "O1", 1, kept.id, 0}, {"org1", "O2", 1, gone.id, 0}};
  turn.rows.items[1].state = ItemState::skipped;
  commit(*shard, turn);
  const auto orders = value_of(shard->load_orders({kept.id, gone.id}), "load_orders");
  same(orders.size(), std::size_t{1}, "orders that are left");
  require(orders[0].order.id == kept.id, "another order is left");
  same(orders[0].items.size(), std::size_t{6}, "items of the order that was written anew");
  for (const ItemRow& item : orders[0].items)
    if (item.id == kept.plan.items[1].id) require(item.state == ItemState::skipped, "the old row stands");
  same(value_of(shard->find_order_keys({{"org1", "O2", 1, {}, 0}}), "find").size(), std::size_t{0},
       "keys of the order taken away");
  commit(*shard, with_order(turn_of(position), 2));
}

inline void an_account_digest_follows_its_rows(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  const auto digest = [&] { return value_of(shard->account_digest("A-1"), "account_digest"); };
  same(digest(), std::uint64_t{0}, "digest of nothing");
  commit(*shard, with_order(turn_of(position), 1));
  const std::uint64_t one = digest();
  require(one != 0, "an order has no digest");
  TurnWrite turn = turn_of(position);
  append_new(turn.rows, make_sample(2, "A-2"), 0, position.turn, at(3));
  append_account_things(turn.rows, "A-2", 0, make_sample(2, "A-2").id, at(3));
  commit(*shard, turn);
  same(digest(), one, "digest after a turn of another account");
  turn = turn_of(position);
  append_account_things(turn.rows, "A-1", 0, make_sample(1, "A-1").id, at(4));
  commit(*shard, turn);
  require(digest() != one, "an asset more, and the digest is the same");
  turn = turn_of(position);
  turn.rows.taken.inventory = {{derive_account_child("A-1", "inventory", "ref-1")}};
  turn.rows.taken.assets = {{derive_account_child("A-1", "asset", "ref-1")}};
  commit(*shard, turn);
  same(digest(), one, "digest without the asset again");
  turn = turn_of(position);
  turn.rows.taken.orders = {make_sample(1, "A-1").id};
  turn.rows.taken.order_keys = {{"org1", "O1", 1, make_sample(1, "A-1").id, 0}};
  commit(*shard, turn);
  same(digest(), std::uint64_t{0}, "digest of nothing again");
}

inline void crm_updates_wait_behind_the_mark(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  for (const char* crm : {"one\n", "", "three\n"}) {
    TurnWrite turn = turn_of(position);
    turn.partitions[0].crm = crm;
    commit(*shard, turn);
  }
  const auto all = value_of(shard->unpublished(0, 0), "unpublished"), behind = value_of(shard->unpublished(0, 1), "unpublished");
  same(all.size(), std::size_t{2}, "turns with updates");
  same(behind.size(), std::size_t{1}, "turns behind the mark");
  same(behind[0].first, std::uint64_t{3}, "turn");
  same(behind[0].second, std::string("three\n"), "updates");
}

inline void turn_lines_are_dense_and_bounded(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  for (int n = 0; n < 4; ++n) commit(*shard, turn_of(position));
  const auto lines = value_of(shard->turn_lines(0, 1, 2), "turn_lines");
  same(lines.size(), std::size_t{2}, "lines");
  same(lines[0].first, std::uint64_t{2}, "first line's turn");
  same(lines[1].first, std::uint64_t{3}, "second line's turn");
}

}  // namespace backstitch::database::contract
