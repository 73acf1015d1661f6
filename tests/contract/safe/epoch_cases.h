// Contract of the epoch, the fence of every recovery, and of whole objects.
#pragma once
#include <atomic>
#include <thread>

#include "contract/safe/help.h"

namespace backstitch::safe::contract {

inline void the_first_epoch_is_one_and_open(Safe& safe) {
  require(value_of(safe.epoch(), "epoch") == Epoch{1, true, ""}, "the first epoch is another");
}

inline void a_changed_epoch_stands(Safe& safe) {
  const Epoch first = value_of(safe.epoch(), "epoch");
  const Epoch closed{2, false, "rec-\"1\""}, opened{2, true, ""};
  done(safe.change_epoch(first, closed), "close");
  require(value_of(safe.epoch(), "epoch") == closed, "the closed epoch does not stand");
  done(safe.change_epoch(closed, opened), "open");
  require(value_of(safe.epoch(), "epoch") == opened, "the opened epoch does not stand");
}

inline void another_epoch_than_expected_is_a_conflict(Safe& safe) {
  const Epoch first = value_of(safe.epoch(), "epoch");
  done(safe.change_epoch(first, {2, false, "rec-1"}), "close");
  refused(safe.change_epoch(first, {2, false, "rec-2"}), Code::epoch_conflict, "a second operator");
  refused(safe.change_epoch({2, true, ""}, {3, true, ""}), Code::epoch_conflict, "expected open");
  refused(safe.change_epoch({2, false, "rec-2"}, {2, true, ""}), Code::epoch_conflict, "expected another recovery");
  require(value_of(safe.epoch(), "epoch") == Epoch{2, false, "rec-1"}, "a refused change did something");
}

inline void an_epoch_does_not_go_back(Safe& safe) {
  const Epoch third{3, true, ""};
  done(safe.change_epoch(value_of(safe.epoch(), "epoch"), third), "go on");
  refused(safe.change_epoch(third, {2, true, ""}), Code::epoch_conflict, "going back");
  require(value_of(safe.epoch(), "epoch") == third, "a refused change did something");
}

inline void of_many_threads_one_changes_the_epoch(Safe& safe) {
  const Epoch first = value_of(safe.epoch(), "epoch");
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const Epoch mine{2, false, fmt::format("rec-{}", i)};
      winners += safe.change_epoch(first, mine) ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  same(winners.load(), 1, "winners");
}

inline void an_object_comes_back_byte_for_byte(Safe& safe) {
  const std::string content("a\0b\n\xff", 5);
  done(safe.put("catalogs/9f3a", content), "put");
  require(value_of(safe.get("catalogs/9f3a"), "get") == content, "the content changed");
  done(safe.put("evidence/empty", ""), "put");
  require(value_of(safe.get("evidence/empty"), "get").empty(), "the content changed");
}

inline void the_last_put_stands(Safe& safe) {
  done(safe.put("recoveries/rec-1/report.json", "a longer first one"), "put");
  done(safe.put("recoveries/rec-1/report.json", "second"), "put");
  require(value_of(safe.get("recoveries/rec-1/report.json"), "get") == "second", "the first content stands");
}

inline void a_new_object_is_put_once(Safe& safe) {
  require(value_of(safe.put_new("instance/log", "first"), "put_new"), "the name is not taken");
  require(!value_of(safe.put_new("instance/log", "second"), "put_new"), "the name is taken");
  require(value_of(safe.get("instance/log"), "get") == "first", "the first content is gone");
  refused(safe.put_new("epoch", "x"), Code::usage, "a name of the safe's own");
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { winners += value_of(safe.put_new("instance/safe", "x"), "put_new") ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  same(winners.load(), 1, "winners");
}

inline void what_is_not_there_is_not_found(Safe& safe) {
  done(safe.put("evidence/rec-1/a", "x"), "put");
  for (const char* name : {"catalogs/none", "evidence/rec-1", "evidence/rec-1/a/b", "evidence/rec-1/b"})
    refused(safe.get(name), Code::object_not_found, name);
}

inline void objects_are_listed_by_prefix_in_order(Safe& safe) {
  for (const char* name : {"evidence/rec-2/b", "evidence/rec-1/z", "evidence/rec-1/deep/a", "catalogs/1", "evidence/rec-10/a"})
    done(safe.put(name, "x"), "put");
  const auto listed = [&](const std::string& prefix) { return value_of(safe.list(prefix), "list"); };
  const std::vector<std::string> expected = {"evidence/rec-1/deep/a", "evidence/rec-1/z"};
  require(listed("evidence/rec-1/") == expected, "one folder holds something else");
  same(listed("evidence/rec-1").size(), std::size_t{3}, "a prefix is no folder");
  same(listed("").size(), std::size_t{5}, "all");
  require(listed("backups/").empty() && listed("none").empty() && listed("catalogs/12").empty(), "something where nothing is");
}

inline void no_name_leads_out_of_the_safe(Safe& safe) {
  for (const char* name :
       {"", "/etc/passwd", "..", "../x", "evidence/../../x", "evidence//x", "evidence/", "./x", ".hidden", "a b", "a\nb"}) {
    refused(safe.put(name, "x"), Code::usage, std::string("put ") + name);
    refused(safe.get(name), Code::usage, std::string("get ") + name);
  }
}

inline void the_safes_own_parts_are_no_objects(Safe& safe) {
  done(safe.archive("incoming", 0, records(1, 2)), "archive");
  done(safe.mirror_turns(0, turns(1, 1)), "mirror");
  for (const char* name : {"epoch", "incoming/p00/x", "completer/x", "turns/x"}) refused(safe.put(name, "x"), Code::usage, name);
  require(value_of(safe.list(""), "list").empty(), "they are listed");
}

inline void puts_of_many_threads_are_whole(Safe& safe) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) static_cast<void>(safe.put("evidence/one", std::string(10'000, static_cast<char>('a' + i))));
    });
  for (std::thread& thread : threads) thread.join();
  const std::string content = value_of(safe.get("evidence/one"), "get");
  require(content == std::string(10'000, content.at(0)), "contents are mixed");
  same(value_of(safe.list(""), "list").size(), std::size_t{1}, "objects");
}

}  // namespace backstitch::safe::contract
