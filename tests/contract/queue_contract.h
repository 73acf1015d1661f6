// What every queue promises (stores/queue/port.h), as cases against the port alone.
//
// A case gets a queue of its own: empty, with the topics of contract/queue/help.h, at least four partitions, and a clock that
// goes on with every record. It returns what does not hold; nothing when all holds. So the cases can also be run on a queue
// that is wrong on purpose, to see them fail.
#pragma once
#include <vector>

#include "contract/queue/append_cases.h"
#include "contract/queue/claim_cases.h"
#include "contract/queue/identity_cases.h"
#include "contract/queue/read_cases.h"
#include "contract/queue/retention_cases.h"

namespace backstitch::queue::contract {

using QueueCase = Case<Queue>;

inline std::vector<QueueCase> cases() {
#define BACKSTITCH_CASE(name) \
  QueueCase {                 \
    #name, [](Queue& queue) { \
      make_topics(queue);     \
      name(queue);            \
    }                         \
  }
  return {BACKSTITCH_CASE(offsets_start_at_one_and_are_dense),
          BACKSTITCH_CASE(partitions_and_topics_count_alone),
          BACKSTITCH_CASE(a_batch_keeps_its_order),
          BACKSTITCH_CASE(a_batch_may_go_to_several_topics),
          BACKSTITCH_CASE(a_bad_record_refuses_the_whole_batch),
          BACKSTITCH_CASE(eight_mebibytes_and_no_more),
          BACKSTITCH_CASE(a_claim_and_its_mode_go_together),
          BACKSTITCH_CASE(append_time_never_decreases),
          BACKSTITCH_CASE(the_answer_tells_the_time_of_the_record),
          BACKSTITCH_CASE(appends_of_many_threads_keep_their_batches),
          BACKSTITCH_CASE(a_subscriber_wakes_until_its_token_ends),
          BACKSTITCH_CASE(a_record_comes_back_byte_for_byte),
          BACKSTITCH_CASE(reading_goes_on_where_it_stopped),
          BACKSTITCH_CASE(the_end_reads_as_empty),
          BACKSTITCH_CASE(behind_the_end_is_refused),
          BACKSTITCH_CASE(before_the_beginning_is_refused),
          BACKSTITCH_CASE(unknown_topics_are_refused),
          BACKSTITCH_CASE(unknown_partitions_are_refused),
          BACKSTITCH_CASE(offset_at_finds_the_first_record_of_a_time),
          BACKSTITCH_CASE(topics_are_listed_with_their_settings),
          BACKSTITCH_CASE(settings_are_replaced_and_records_stay),
          BACKSTITCH_CASE(the_first_claim_wins),
          BACKSTITCH_CASE(a_batch_sees_its_own_claims),
          BACKSTITCH_CASE(joining_is_always_accepted_and_lists_those_before),
          BACKSTITCH_CASE(a_joined_claim_is_taken),
          BACKSTITCH_CASE(claims_are_of_one_topic),
          BACKSTITCH_CASE(a_free_claim_has_no_holders),
          BACKSTITCH_CASE(a_refused_batch_takes_no_claim),
          BACKSTITCH_CASE(holders_outlive_their_records),
          BACKSTITCH_CASE(of_many_threads_one_gets_the_claim),
          BACKSTITCH_CASE(trim_moves_the_beginning),
          BACKSTITCH_CASE(an_emptied_partition_keeps_its_end),
          BACKSTITCH_CASE(expire_removes_what_is_older_than_the_retention),
          BACKSTITCH_CASE(expire_knows_each_topics_retention),
          BACKSTITCH_CASE(nothing_goes_while_retention_is_held),
          BACKSTITCH_CASE(a_log_opens_behind_a_position),
          BACKSTITCH_CASE(a_position_within_the_log_changes_nothing),
          BACKSTITCH_CASE(lost_offsets_are_not_counted_as_removed),
          BACKSTITCH_CASE(a_trim_into_a_gap_ends_at_a_record),
          BACKSTITCH_CASE(a_log_is_bound_once),
          BACKSTITCH_CASE(showing_positions_changes_nothing)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::queue::contract
