// What every safe promises (stores/safe/port.h), as cases against the port alone. A case gets a safe of its own, new and empty.
#pragma once
#include <vector>

#include "contract/safe/archive_cases.h"
#include "contract/safe/epoch_cases.h"

namespace backstitch::safe::contract {

using SafeCase = Case<Safe>;

inline std::vector<SafeCase> cases() {
#define BACKSTITCH_CASE(name) \
  SafeCase { #name, name }
  return {BACKSTITCH_CASE(the_first_epoch_is_one_and_open),
          BACKSTITCH_CASE(a_changed_epoch_stands),
          BACKSTITCH_CASE(another_epoch_than_expected_is_a_conflict),
          BACKSTITCH_CASE(an_epoch_does_not_go_back),
          BACKSTITCH_CASE(of_many_threads_one_changes_the_epoch),
          BACKSTITCH_CASE(an_object_comes_back_byte_for_byte),
          BACKSTITCH_CASE(the_last_put_stands),
          BACKSTITCH_CASE(a_new_object_is_put_once),
          BACKSTITCH_CASE(what_is_not_there_is_not_found),
          BACKSTITCH_CASE(objects_are_listed_by_prefix_in_order),
          BACKSTITCH_CASE(no_name_leads_out_of_the_safe),
          BACKSTITCH_CASE(the_safes_own_parts_are_no_objects),
          BACKSTITCH_CASE(puts_of_many_threads_are_whole),
          BACKSTITCH_CASE(an_empty_archive_ends_at_one),
          BACKSTITCH_CASE(archived_records_come_back_in_order),
          BACKSTITCH_CASE(topics_and_partitions_are_archived_apart),
          BACKSTITCH_CASE(an_archived_record_keeps_its_bytes),
          BACKSTITCH_CASE(eight_mebibytes_are_archived),
          BACKSTITCH_CASE(reading_begins_where_it_is_told),
          BACKSTITCH_CASE(reading_ends_when_the_reader_says_so),
          BACKSTITCH_CASE(no_position_outside_the_archive_is_read),
          BACKSTITCH_CASE(a_gap_is_refused),
          BACKSTITCH_CASE(archiving_again_changes_nothing),
          BACKSTITCH_CASE(another_content_is_refused),
          BACKSTITCH_CASE(only_archived_topics_are_known),
          BACKSTITCH_CASE(turns_come_back_in_order),
          BACKSTITCH_CASE(the_mirror_has_no_gaps_and_no_second_truth),
          BACKSTITCH_CASE(many_threads_archive_at_once)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::safe::contract
