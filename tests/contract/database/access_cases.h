// Users, memberships and grants as rows of turns.
#pragma once
#include "contract/database/help.h"

namespace backstitch::database::contract {

inline UserRow a_user(const std::string& name) { return {name, "scrypt$x", "admin", at(1), false, false}; }
inline MembershipRow a_membership(const std::string& user, const std::string& profile, bool remove = false) {
  return {user, profile, "admin", at(1), remove};
}
inline GrantRow a_grant(const std::string& profile, const std::string& action, bool remove = false) {
  return {profile, "items", action, "", "admin", at(1), remove};
}

inline void a_grant_stands_until_it_is_taken_away(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  TurnWrite turn = turn_of(position);
  turn.rows.users = {a_user("ann"), a_user("bob")};
  turn.rows.memberships = {a_membership("ann", "night"), a_membership("bob", "day")};
  turn.rows.grants = {a_grant("night", "retry"), a_grant("night", "fail"), a_grant("day", "read")};
  commit(*shard, turn);
  AccessRows ann = value_of(world.access("ann"), "access");
  same(ann.users.size(), std::size_t{1}, "users named ann");
  same(ann.memberships.size(), std::size_t{1}, "memberships of ann");
  same(ann.grants.size(), std::size_t{2}, "grants of ann");
  turn = turn_of(position);
  turn.rows.grants = {a_grant("night", "retry", true), a_grant("night", "complete", true)};  // one of them never stood
  turn.rows.memberships = {a_membership("bob", "day", true)};
  commit(*shard, turn);
  ann = value_of(world.access("ann"), "access");
  same(ann.grants.size(), std::size_t{1}, "grants of ann after the revocation");
  same(ann.grants.at(0).action, std::string("fail"), "the grant that is left");
  same(value_of(world.access("bob"), "access").grants.size(), std::size_t{0}, "grants of bob");
}

inline void a_user_who_is_removed_leaves_nothing_assigned(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  TurnWrite turn = turn_of(position);
  turn.rows.users = {a_user("ann")};
  turn.rows.memberships = {a_membership("ann", "night"), a_membership("ann", "day")};
  commit(*shard, turn);
  turn = turn_of(position);
  UserRow gone = a_user("ann");
  gone.remove = gone.cleared = true;
  turn.rows.users = {gone};
  commit(*shard, turn);
  const AccessRows ann = value_of(world.access("ann"), "access");
  same(ann.users.size(), std::size_t{0}, "users named ann");
  same(ann.memberships.size(), std::size_t{0}, "memberships of nobody");
}

inline void a_user_made_again_in_one_turn_begins_with_nothing(World& world) {
  auto shard = shard_of(world);
  Position position = claimed(*shard, {0})[0];
  TurnWrite turn = turn_of(position);
  turn.rows.users = {a_user("ann")};
  turn.rows.memberships = {a_membership("ann", "administrator")};
  commit(*shard, turn);
  turn = turn_of(position);
  UserRow again = a_user("ann");
  again.cleared = true;  // removed and added in the same turn
  turn.rows.users = {again};
  turn.rows.memberships = {a_membership("ann", "night")};
  commit(*shard, turn);
  const AccessRows ann = value_of(world.access("ann"), "access");
  same(ann.users.size(), std::size_t{1}, "users named ann");
  same(ann.memberships.size(), std::size_t{1}, "memberships of the new ann");
  same(ann.memberships.at(0).profile, std::string("night"), "profile");
}

}  // namespace backstitch::database::contract
