// What every shard promises (stores/database/port.h), as cases against the port alone. A case gets a world of its own and
// says what does not hold, so it can also be run on one that is wrong on purpose.
#pragma once
#include <vector>

#include "contract/database/access_cases.h"
#include "contract/database/fence_cases.h"
#include "contract/database/row_cases.h"

namespace backstitch::database::contract {

inline std::vector<Case<World>> cases() {
#define BACKSTITCH_CASE(name) \
  Case<World> { #name, name }
  return {BACKSTITCH_CASE(a_claim_raises_the_term),
          BACKSTITCH_CASE(an_unknown_partition_is_not_claimed),
          BACKSTITCH_CASE(an_old_owner_is_fenced),
          BACKSTITCH_CASE(a_wrong_turn_number_is_fenced),
          BACKSTITCH_CASE(the_same_turn_twice_is_fenced),
          BACKSTITCH_CASE(a_foreign_partition_voids_the_turn),
          BACKSTITCH_CASE(a_newer_epoch_fences),
          BACKSTITCH_CASE(a_closed_epoch_fences),
          BACKSTITCH_CASE(an_older_epoch_is_refused),
          BACKSTITCH_CASE(a_turn_behind_a_failed_one_writes_nothing),
          BACKSTITCH_CASE(positions_move_with_the_turn),
          BACKSTITCH_CASE(an_order_comes_back_whole),
          BACKSTITCH_CASE(two_turns_in_flight_commit_in_order),
          BACKSTITCH_CASE(a_closed_order_is_not_open),
          BACKSTITCH_CASE(a_taken_key_voids_the_whole_turn),
          BACKSTITCH_CASE(keys_are_found_as_they_were_given),
          BACKSTITCH_CASE(the_last_state_of_a_system_stands),
          BACKSTITCH_CASE(an_account_without_anything_is_empty),
          BACKSTITCH_CASE(what_is_taken_is_gone_before_anything_is_written),
          BACKSTITCH_CASE(an_account_digest_follows_its_rows),
          BACKSTITCH_CASE(a_grant_stands_until_it_is_taken_away),
          BACKSTITCH_CASE(a_user_who_is_removed_leaves_nothing_assigned),
          BACKSTITCH_CASE(a_user_made_again_in_one_turn_begins_with_nothing),
          BACKSTITCH_CASE(crm_updates_wait_behind_the_mark),
          BACKSTITCH_CASE(turn_lines_are_dense_and_bounded)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::database::contract
