// Contract of reading: records, positions, times, topics.
#pragma once
#include "contract/queue/help.h"

namespace backstitch::queue::contract {

inline void a_record_comes_back_byte_for_byte(Queue& queue) {
  for (const char* topic : {durable, fleeting}) {
    Append append = plain(topic, 2, std::string("{\"a\":\"\0\xc3\xa4\n\"}", 13));
    append.key = "Konto \xc3\xa4/1";
    append.headers = R"({"bs-id":"7","bs-epoch":3})";
    put_one(queue, append);
    const auto record = all(queue, topic, 2).at(0);
    require(record.key == append.key, "key changed");
    require(record.schema == append.schema, "schema changed");
    require(record.headers == append.headers, "headers changed");
    require(record.value == append.value, "value changed");
  }
}

inline void reading_goes_on_where_it_stopped(Queue& queue) {
  fill(queue, durable, 0, 10);
  std::string seen;
  Offset next = 1;
  for (auto records = value_of(queue.read(durable, 0, next, 3), "read"); !records.empty();
       records = value_of(queue.read(durable, 0, next, 3), "read")) {
    require(records.size() <= 3, "more records than asked for");
    same(records.front().offset, next, "first offset");
    seen += values(records);
    next = records.back().offset + 1;
  }
  same(seen, std::string("0,1,2,3,4,5,6,7,8,9,"), "records");
}

inline void the_end_reads_as_empty(Queue& queue) {
  require(all(queue, durable, 0, 1).empty(), "records in an empty partition");
  fill(queue, durable, 0, 2);
  require(all(queue, durable, 0, 3).empty(), "records at the end");
}

inline void behind_the_end_is_refused(Queue& queue) {
  refused(queue.read(durable, 0, 2, 10), Code::offset_behind_end, "offset 2 of an empty partition");
  fill(queue, durable, 0, 2);
  refused(queue.read(durable, 0, 4, 10), Code::offset_behind_end, "offset 4 of two records");
}

inline void before_the_beginning_is_refused(Queue& queue) {
  fill(queue, durable, 0, 5);
  refused(queue.read(durable, 0, 0, 10), Code::offset_expired, "offset 0");
  done(queue.trim(durable, 0, 4), "trim");
  refused(queue.read(durable, 0, 3, 10), Code::offset_expired, "a trimmed offset");
  same(values(all(queue, durable, 0, 4)), std::string("3,4,"), "what is left");
}

inline void unknown_topics_are_refused(Queue& queue) {
  const std::string topic = "no-such-topic";
  refused(queue.append({plain(topic, 0, "x")}), Code::topic_unknown, "append");
  refused(queue.read(topic, 0, 1, 1), Code::topic_unknown, "read");
  refused(queue.topic(topic), Code::topic_unknown, "topic");
  refused(queue.offset_at(topic, 0, Time{1}), Code::topic_unknown, "offset_at");
  refused(queue.holders(topic, "claim"), Code::topic_unknown, "holders");
  refused(queue.open_behind(topic, 0, 5), Code::topic_unknown, "open_behind");
  refused(queue.trim(topic, 0, 1), Code::topic_unknown, "trim");
}

inline void unknown_partitions_are_refused(Queue& queue) {
  for (const Partition partition : {-1, 1'000'000}) {
    refused(queue.read(durable, partition, 1, 1), Code::partition_unknown, "read");
    refused(queue.offset_at(durable, partition, Time{1}), Code::partition_unknown, "offset_at");
    refused(queue.open_behind(durable, partition, 5), Code::partition_unknown, "open_behind");
    refused(queue.trim(durable, partition, 1), Code::partition_unknown, "trim");
  }
}

inline void offset_at_finds_the_first_record_of_a_time(Queue& queue) {
  same(value_of(queue.offset_at(durable, 0, Time{1}), "offset_at"), Offset{1}, "offset in an empty partition");
  fill(queue, durable, 0, 30);
  const auto records = all(queue, durable, 0);
  for (const Record& record : records) {
    Offset expected = record.offset;
    while (expected > 1 && records[expected - 2].appended == record.appended) --expected;
    same(value_of(queue.offset_at(durable, 0, record.appended), "offset_at"), expected, "offset at a record's time");
  }
  same(value_of(queue.offset_at(durable, 0, Time{1}), "offset_at"), Offset{1}, "offset before the first record");
  const Time later{records.back().appended.us + 1};
  same(value_of(queue.offset_at(durable, 0, later), "offset_at"), Offset{31}, "offset behind the last record");
}

inline void topics_are_listed_with_their_settings(Queue& queue) {
  const auto names = queue.topics();
  same(names.size(), std::size_t{2}, "topics");
  const auto info = value_of(queue.topic(durable), "topic");
  require(info.name == durable && info.durable && info.retention_ms == 60'000, "settings of a topic");
  require(!value_of(queue.topic(fleeting), "topic").durable, "durable without having been asked");
  for (std::size_t i = 0; i < info.partitions.size(); ++i) {
    const auto& end = info.partitions[i];
    require(end.partition == static_cast<Partition>(i) && end.begin == 1 && end.end == 1 && !end.first_at.is_set(),
            "a new partition");
  }
}

inline void settings_are_replaced_and_records_stay(Queue& queue) {
  fill(queue, fleeting, 0, 2);
  done(queue.ensure_topic(fleeting, {true, 5'000}), "ensure_topic");
  const auto info = value_of(queue.topic(fleeting), "topic");
  require(info.durable && info.retention_ms == 5'000, "settings were not replaced");
  same(values(all(queue, fleeting, 0)), std::string("0,1,"), "records");
}

}  // namespace backstitch::queue::contract
