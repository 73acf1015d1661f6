// Contract of what goes and what stays: trim, expire, hold, and a log that opens behind a position.
#pragma once
#include "contract/queue/help.h"
#include "stores/queue/tails.h"

namespace backstitch::queue::contract {

inline void trim_moves_the_beginning(Queue& queue) {
  fill(queue, durable, 0, 10);
  done(queue.trim(durable, 0, 5), "trim");
  const auto end = ends(queue, durable, 0);
  same(end.begin, Offset{5}, "begin");
  same(end.end, Offset{11}, "end");
  same(end.first_at.us, all(queue, durable, 0, 5).at(0).appended.us, "first_at");
  done(queue.trim(durable, 0, 2), "trim before the beginning");
  same(ends(queue, durable, 0).begin, Offset{5}, "begin");
  refused(queue.trim(durable, 0, 12), Code::offset_behind_end, "trim behind the end");
}

inline void an_emptied_partition_keeps_its_end(Queue& queue) {
  fill(queue, durable, 0, 3);
  done(queue.trim(durable, 0, 4), "trim");
  const auto end = ends(queue, durable, 0);
  require(end.begin == 4 && end.end == 4 && !end.first_at.is_set(), "an emptied partition");
  require(all(queue, durable, 0, 4).empty(), "records in an emptied partition");
  same(put_one(queue, plain(durable, 0, "x")).offset, Offset{4}, "next offset");
}

inline void expire_removes_what_is_older_than_the_retention(Queue& queue) {
  fill(queue, durable, 0, 6);
  fill(queue, fleeting, 1, 2);
  const auto records = all(queue, durable, 0);
  const Time third = records[2].appended;
  same(value_of(queue.expire(records[0].appended.plus_ms(60'000)), "expire"), std::uint64_t{0}, "removed too early");
  Offset kept = 3;
  while (kept > 1 && records[kept - 2].appended == third) --kept;
  same(value_of(queue.expire(third.plus_ms(60'000)), "expire"), std::uint64_t{kept - 1}, "removed");
  same(ends(queue, durable, 0).begin, kept, "begin");
  same(value_of(queue.expire(records[5].appended.plus_ms(120'000)), "expire"), std::uint64_t{8 - kept + 1}, "removed at last");
  same(put_one(queue, plain(durable, 0, "x")).offset, Offset{7}, "next offset");
}

inline void expire_knows_each_topics_retention(Queue& queue) {
  done(queue.ensure_topic(fleeting, {false, 1'000'000}), "ensure_topic");
  fill(queue, durable, 0, 2);
  fill(queue, fleeting, 0, 2);
  const Time last = all(queue, fleeting, 0).back().appended;
  same(value_of(queue.expire(last.plus_ms(100'000)), "expire"), std::uint64_t{2}, "removed");
  same(values(all(queue, fleeting, 0)), std::string("0,1,"), "records of longer retention");
}

inline void nothing_goes_while_retention_is_held(Queue& queue) {
  fill(queue, durable, 0, 4);
  const Time late = all(queue, durable, 0).back().appended.plus_ms(1'000'000);
  queue.hold_retention(true);
  same(value_of(queue.expire(late), "expire"), std::uint64_t{0}, "removed while held");
  done(queue.trim(durable, 0, 3), "trim while held");
  same(values(all(queue, durable, 0)), std::string("0,1,2,3,"), "records");
  queue.hold_retention(false);
  same(value_of(queue.expire(late), "expire"), std::uint64_t{4}, "removed afterwards");
}

inline void a_log_opens_behind_a_position(Queue& queue) {
  fill(queue, durable, 0, 3);
  done(queue.open_behind(durable, 0, 10), "open_behind");
  same(ends(queue, durable, 0).end, Offset{10}, "end");
  require(ends(queue, durable, 0).lost == std::vector<std::pair<Offset, Offset>>{{4, 10}}, "what was lost");
  require(lost_tails(queue, durable, ends(queue, durable, 0)) == std::vector<std::pair<Offset, Offset>>{{4, 10}},
          "and that something stood there");
  same(values(all(queue, durable, 0)), std::string("0,1,2,"), "records before");
  require(all(queue, durable, 0, 10).empty(), "records at the new end");
  same(put_one(queue, plain(durable, 0, "new")).offset, Offset{10}, "first offset of the new incarnation");
  same(values(all(queue, durable, 0)), std::string("0,1,2,new,"), "all records");
  same(values(all(queue, durable, 0, 6)), std::string("new,"), "records from within the gap");
}

inline void a_position_within_the_log_changes_nothing(Queue& queue) {
  fill(queue, durable, 0, 3);
  for (const Offset position : {Offset{0}, Offset{2}, Offset{4}}) {
    done(queue.open_behind(durable, 0, position), "open_behind");
    same(ends(queue, durable, 0).end, Offset{4}, "end");
  }
}

inline void lost_offsets_are_not_counted_as_removed(Queue& queue) {
  fill(queue, durable, 0, 2);
  done(queue.open_behind(durable, 0, 100), "open_behind");
  fill(queue, durable, 0, 2);
  const Time late = all(queue, durable, 0).back().appended.plus_ms(1'000'000);
  same(value_of(queue.expire(late), "expire"), std::uint64_t{4}, "removed");
  const auto end = ends(queue, durable, 0);
  require(end.begin == 102 && end.end == 102, "ends");
}

inline void a_trim_into_a_gap_ends_at_a_record(Queue& queue) {
  fill(queue, durable, 0, 2);
  done(queue.open_behind(durable, 0, 10), "open_behind");
  put_one(queue, plain(durable, 0, "new"));
  done(queue.trim(durable, 0, 5), "trim");
  same(ends(queue, durable, 0).begin, Offset{10}, "begin");
  require(ends(queue, durable, 0).lost.empty(), "nothing lost in what is left");
  refused(queue.read(durable, 0, 5, 1), Code::offset_expired, "an offset in the gap");
}

}  // namespace backstitch::queue::contract
