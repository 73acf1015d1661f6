// Contract of the archives and of the turn mirror.
#pragma once
#include <thread>

#include "contract/safe/help.h"

namespace backstitch::safe::contract {

inline void an_empty_archive_ends_at_one(Safe& safe) {
  for (const char* topic : {"incoming", "completer"}) holds(safe, topic, 0, 0);
  same(value_of(safe.mirrored_turn(0), "mirrored_turn"), std::uint64_t{0}, "turn");
  require(mirrored(safe, 0).empty(), "turns out of nothing");
}

inline void archived_records_come_back_in_order(Safe& safe) {
  done(safe.archive("incoming", 0, records(1, 3)), "archive");
  done(safe.archive("incoming", 0, {}), "archive nothing");
  done(safe.archive("incoming", 0, records(4, 10)), "archive");
  holds(safe, "incoming", 0, 10);
}

inline void topics_and_partitions_are_archived_apart(Safe& safe) {
  done(safe.archive("incoming", 0, records(1, 3)), "archive");
  done(safe.archive("incoming", 3, records(1, 1)), "archive");
  done(safe.archive("completer", 0, records(1, 2)), "archive");
  holds(safe, "incoming", 0, 3);
  holds(safe, "incoming", 3, 1);
  holds(safe, "completer", 0, 2);
  holds(safe, "completer", 3, 0);
}

inline void an_archived_record_keeps_its_bytes(Safe& safe) {
  queue::Record odd = record(1);
  odd.appended = Time{1'799'999'999'999'999};
  odd.key = "Konto \xc3\xa4\t1";
  odd.headers = R"({"bs-id":"\n\\"})";
  odd.value = std::string("{\"a\":\"\\\\t\xc3\xa4\",\r\n\t\"b\":1}\n\0x", 25);
  queue::Record bare{2, Time{1'800'000'000'000'000}, "A-1", "incoming.submit/1", "", ""};
  done(safe.archive("completer", 1, {odd, bare}), "archive");
  const auto found = archived(safe, "completer", 1);
  same(found.size(), std::size_t{2}, "records");
  require_same(found[0], odd);
  require_same(found[1], bare);
}

inline void eight_mebibytes_are_archived(Safe& safe) {
  queue::Record large = record(1);
  large.value = std::string(8u << 20, '\n');
  done(safe.archive("incoming", 0, {large, record(2)}), "archive");
  const auto found = archived(safe, "incoming", 0);
  same(found.size(), std::size_t{2}, "records");
  require_same(found[0], large);
}

inline void reading_begins_where_it_is_told(Safe& safe) {
  done(safe.archive("incoming", 0, records(1, 10)), "archive");
  const auto found = archived(safe, "incoming", 0, 8);
  same(found.size(), std::size_t{3}, "records");
  require_same(found[0], record(8));
  require(archived(safe, "incoming", 0, 11).empty(), "records at the end");
}

inline void reading_ends_when_the_reader_says_so(Safe& safe) {
  done(safe.archive("incoming", 0, records(1, 10)), "archive");
  done(safe.mirror_turns(0, turns(1, 10)), "mirror");
  int count = 0;
  const auto third = [&] { return ++count < 3; };
  done(safe.read_archive("incoming", 0, 2, [&](const queue::Record&) { return third(); }), "read_archive");
  same(count, 3, "records seen");
  count = 0;
  done(safe.read_turns(0, [&](std::uint64_t, const std::string&) { return third(); }), "read_turns");
  same(count, 3, "turns seen");
}

inline void no_position_outside_the_archive_is_read(Safe& safe) {
  const auto any = [](const queue::Record&) { return true; };
  done(safe.archive("incoming", 0, records(1, 2)), "archive");
  refused(safe.read_archive("incoming", 0, 4, any), Code::offset_behind_end, "behind the end");
  refused(safe.read_archive("incoming", 1, 2, any), Code::offset_behind_end, "behind the end of nothing");
  refused(safe.read_archive("incoming", 0, 0, any), Code::offset_expired, "offset 0");
}

inline void a_gap_is_refused(Safe& safe) {
  refused(safe.archive("incoming", 0, records(2, 3)), Code::offset_behind_end, "a beginning at 2");
  refused(safe.archive("incoming", 0, records(0, 3)), Code::offset_behind_end, "a beginning at 0");
  done(safe.archive("incoming", 0, records(1, 3)), "archive");
  refused(safe.archive("incoming", 0, records(5, 6)), Code::offset_behind_end, "a gap");
  refused(safe.archive("incoming", 0, {record(4), record(6)}), Code::offset_behind_end, "a gap within");
  refused(safe.archive("incoming", 0, {record(5), record(4)}), Code::offset_behind_end, "another order");
  holds(safe, "incoming", 0, 3);
}

inline void archiving_again_changes_nothing(Safe& safe) {
  done(safe.archive("incoming", 0, records(1, 5)), "archive");
  done(safe.archive("incoming", 0, records(1, 5)), "all again");
  done(safe.archive("incoming", 0, records(2, 3)), "some again");
  holds(safe, "incoming", 0, 5);
  done(safe.archive("incoming", 0, records(4, 8)), "some again and some new");
  holds(safe, "incoming", 0, 8);
}

inline void another_content_is_refused(Safe& safe) {
  done(safe.archive("incoming", 0, records(1, 5)), "archive");
  for (int part = 0; part < 5; ++part) {
    auto batch = records(4, 7);
    queue::Record& other = batch[1];
    if (part == 0) other.value += " ";
    if (part == 1) other.appended.us += 1;
    if (part == 2) other.key += "0";
    if (part == 3) other.schema += "0";
    if (part == 4) other.headers = R"({"bs-id":"8"})";
    refused(safe.archive("incoming", 0, batch), Code::checksum_mismatch, fmt::format("another content ({})", part));
  }
  holds(safe, "incoming", 0, 5);
}

inline void only_archived_topics_are_known(Safe& safe) {
  const auto any = [](const queue::Record&) { return true; };
  for (const char* topic : {"schedule", "", "../incoming", "turns"}) {
    refused(safe.archive(topic, 0, records(1, 1)), Code::topic_unknown, topic);
    refused(safe.archived_end(topic, 0), Code::topic_unknown, topic);
    refused(safe.read_archive(topic, 0, 1, any), Code::topic_unknown, topic);
  }
  refused(safe.archive("incoming", -1, records(1, 1)), Code::partition_unknown, "archive");
  refused(safe.archived_end("incoming", -1), Code::partition_unknown, "archived_end");
  refused(safe.mirrored_turn(-1), Code::partition_unknown, "mirrored_turn");
}

inline void turns_come_back_in_order(Safe& safe) {
  done(safe.mirror_turns(2, turns(1, 3)), "mirror");
  done(safe.mirror_turns(2, {}), "mirror nothing");
  const Turns odd = {{4, "{\"turn\":4,\"text\":\"\\\\n\xc3\xa4\",\n\t\"x\":1}"}};
  done(safe.mirror_turns(2, odd), "mirror");
  Turns expected = turns(1, 3);
  expected.push_back(odd[0]);
  require(mirrored(safe, 2) == expected, "the turns are others");
  same(value_of(safe.mirrored_turn(2), "mirrored_turn"), std::uint64_t{4}, "last turn");
  same(value_of(safe.mirrored_turn(1), "mirrored_turn"), std::uint64_t{0}, "last turn of another partition");
}

inline void the_mirror_has_no_gaps_and_no_second_truth(Safe& safe) {
  refused(safe.mirror_turns(0, turns(2, 2)), Code::offset_behind_end, "a beginning at 2");
  done(safe.mirror_turns(0, turns(1, 3)), "mirror");
  refused(safe.mirror_turns(0, turns(5, 5)), Code::offset_behind_end, "a gap");
  refused(safe.mirror_turns(0, {{3, "{}"}, {4, "{}"}}), Code::checksum_mismatch, "another content");
  done(safe.mirror_turns(0, turns(2, 5)), "some again and some new");
  require(mirrored(safe, 0) == turns(1, 5), "the turns are others");
}

inline void many_threads_archive_at_once(Safe& safe) {
  std::vector<std::thread> threads;
  for (const char* topic : {"incoming", "completer"}) {
    for (Partition partition = 0; partition < 2; ++partition) {
      threads.emplace_back([&safe, topic, partition] {  // half of each batch for the second time
        for (queue::Offset first = 1; first <= 36; first += 5)
          static_cast<void>(safe.archive(topic, partition, records(first, first + 9)));
      });
    }
  }
  bool in_order = true;
  Status read;
  for (int i = 0; i < 20 && read; ++i) {
    queue::Offset expected = 1;
    const auto look = [&](const queue::Record& found) { return in_order &= found.offset == expected++; };
    read = safe.read_archive("incoming", 0, 1, look);
  }
  for (std::thread& thread : threads) thread.join();  // before anything may throw
  done(read, "read_archive");
  require(in_order, "a reader saw another order");
  for (const char* topic : {"incoming", "completer"})
    for (Partition partition = 0; partition < 2; ++partition) holds(safe, topic, partition, 45);
}

}  // namespace backstitch::safe::contract
