// What all objects promise (stores/objects/port.h), as cases against the port alone. A case gets a store of its own, new
// and empty.
#pragma once
#include <fmt/ranges.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "contract/words.h"
#include "stores/objects/port.h"

namespace backstitch::objects::contract {

using namespace backstitch::contract;
using ObjectsCase = Case<Objects>;

inline std::string names(Objects& objects, const std::string& prefix) {
  std::vector<std::string> out;
  for (const ObjectInfo& info : value_of(objects.list(prefix), "list")) out.push_back(info.name);
  return fmt::format("{}", fmt::join(out, " "));
}

inline void an_object_comes_back_byte_for_byte(Objects& objects) {
  const std::string content("a\0b\n\xff", 5);
  for (const std::string& one : {content, std::string(), std::string(3 << 20, '\n')}) {
    value_of(objects.put("catalog/9f3a", one), "put");
    require(value_of(objects.get("catalog/9f3a"), "get") == one, "the content changed");
  }
}

inline void put_tells_size_and_checksum(Objects& objects) {
  const ObjectInfo expected{"catalog/1", 7, sha256_hex("content")};
  require(value_of(objects.put("catalog/1", "content"), "put") == expected, "put tells something else");
  require(value_of(objects.list(""), "list") == std::vector{expected}, "list tells something else");
}

inline void the_last_put_stands(Objects& objects) {
  value_of(objects.put("a", "a longer first one"), "put");
  value_of(objects.put("a", "second"), "put");
  same(value_of(objects.get("a"), "get"), std::string("second"), "content");
}

inline void a_new_object_replaces_nothing(Objects& objects) {
  require(value_of(objects.put_new("exports/1", "first"), "put_new"), "a free name was taken");
  require(!value_of(objects.put_new("exports/1", "second"), "put_new"), "a taken name was free");
  require(!value_of(objects.put_new("exports/1", "first"), "put_new"), "a taken name was free for the same content");
  same(value_of(objects.get("exports/1"), "get"), std::string("first"), "content");
  same(names(objects, ""), std::string("exports/1"), "names");
}

inline void of_many_threads_one_makes_it(Objects& objects) {
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] { winners += objects.put_new("one", std::to_string(i)).value_or(false) ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  same(winners.load(), 1, "winners");
}

inline void what_is_not_there_is_not_found(Objects& objects) {
  value_of(objects.put("exports/1/a", "x"), "put");
  for (const char* name : {"none", "exports/1", "exports", "exports/1/b"})
    refused(objects.get(name), Code::object_not_found, name);
}

inline void a_removed_object_is_gone(Objects& objects) {
  value_of(objects.put("a/1", "x"), "put");
  value_of(objects.put("a/2", "x"), "put");
  done(objects.remove("a/1"), "remove");
  refused(objects.get("a/1"), Code::object_not_found, "a removed object");
  same(names(objects, ""), std::string("a/2"), "names");
  require(value_of(objects.put_new("a/1", "y"), "put_new"), "its name is not free");
}

inline void removing_twice_is_removing(Objects& objects) {
  value_of(objects.put("a/1", "x"), "put");
  done(objects.remove("a/1"), "remove");
  done(objects.remove("a/1"), "remove again");
  done(objects.remove("never/there"), "remove what never was");
  value_of(objects.put("b/1", "x"), "put");
  done(objects.remove("b"), "remove what is only a prefix");
  same(names(objects, ""), std::string("b/1"), "names");
}

inline void objects_are_listed_by_prefix_in_order(Objects& objects) {
  for (const char* name : {"e/2/b", "e/1/z", "e/1/deep/a", "c/1", "e/10/a"}) value_of(objects.put(name, "x"), "put");
  same(names(objects, ""), std::string("c/1 e/1/deep/a e/1/z e/10/a e/2/b"), "all");
  same(names(objects, "e/1/"), std::string("e/1/deep/a e/1/z"), "one folder");
  same(names(objects, "e/1"), std::string("e/1/deep/a e/1/z e/10/a"), "a prefix is no folder");
  same(names(objects, "none/"), std::string(), "nothing");
}

inline void no_name_leads_out(Objects& objects) {
  for (const char* name : {"", "/etc/passwd", "..", "../x", "a/../../x", "a//x", "a/", "./x", ".hidden", "a b", "a\nb"}) {
    refused(objects.put(name, "x"), Code::usage, std::string("put ") + name);
    refused(objects.put_new(name, "x"), Code::usage, std::string("put_new ") + name);
    refused(objects.get(name), Code::usage, std::string("get ") + name);
    refused(objects.remove(name), Code::usage, std::string("remove ") + name);
  }
}

inline std::vector<ObjectsCase> cases() {
#define BACKSTITCH_CASE(name) \
  ObjectsCase { #name, name }
  return {BACKSTITCH_CASE(an_object_comes_back_byte_for_byte),
          BACKSTITCH_CASE(put_tells_size_and_checksum),
          BACKSTITCH_CASE(the_last_put_stands),
          BACKSTITCH_CASE(a_new_object_replaces_nothing),
          BACKSTITCH_CASE(of_many_threads_one_makes_it),
          BACKSTITCH_CASE(what_is_not_there_is_not_found),
          BACKSTITCH_CASE(a_removed_object_is_gone),
          BACKSTITCH_CASE(removing_twice_is_removing),
          BACKSTITCH_CASE(objects_are_listed_by_prefix_in_order),
          BACKSTITCH_CASE(no_name_leads_out)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::objects::contract
