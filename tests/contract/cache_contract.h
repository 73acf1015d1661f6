// What every cache promises (stores/cache/port.h), as cases against the port alone. A case gets a cache of its own, new and
// empty. A cache may forget at any time; that an idle one keeps these few entries is asked all the same.
#pragma once
#include <set>
#include <thread>
#include <vector>

#include "contract/words.h"
#include "stores/cache/port.h"

namespace backstitch::cache::contract {

using namespace backstitch::contract;
using CacheCase = Case<Cache>;

constexpr Time start{1'800'000'000'000'000};
constexpr std::int64_t ttl_ms = 60'000;

inline bool put(Cache& cache, const std::string& space, const std::string& key, const std::string& value, Time now = start) {
  return value_of(cache.put(space, value_of(cache.generation(space), "generation"), key, value, now, ttl_ms), "put");
}
inline std::string get(Cache& cache, const std::string& space, const std::string& key, Time now = start) {
  return value_of(cache.get(space, key, now), "get").value_or("nothing");
}
inline void reads(Cache& cache, const std::string& space, const std::string& key, const std::string& expected, Time now = start) {
  same(get(cache, space, key, now), expected, space + "/" + key);
}

inline void an_entry_comes_back_byte_for_byte(Cache& cache) {
  const std::string value("a\0b\n\xff", 5), key("u\0/ser \xc3\xa4", 9);
  require(put(cache, "grants", key, value) && put(cache, "grants", "empty", ""), "put kept nothing");
  require(get(cache, "grants", key) == value, "the value changed");
  reads(cache, "grants", "empty", "");
  reads(cache, "grants", "u", "nothing");
}

inline void the_last_put_stands_with_its_own_time(Cache& cache) {
  put(cache, "grants", "a", "first");
  put(cache, "grants", "a", "second", start.plus_ms(ttl_ms / 2));
  reads(cache, "grants", "a", "second", start.plus_ms(ttl_ms / 2));
  reads(cache, "grants", "a", "second", start.plus_ms(ttl_ms + 1));
}

inline void an_entry_expires_at_its_time(Cache& cache) {
  put(cache, "grants", "a", "x");
  reads(cache, "grants", "a", "x", start.plus_ms(ttl_ms - 1));
  reads(cache, "grants", "a", "nothing", start.plus_ms(ttl_ms));
  reads(cache, "grants", "a", "nothing", start.plus_ms(10 * ttl_ms));
  put(cache, "grants", "a", "y", start.plus_ms(10 * ttl_ms));
  reads(cache, "grants", "a", "y", start.plus_ms(10 * ttl_ms));
}

inline void a_removed_entry_is_gone(Cache& cache) {
  put(cache, "grants", "a", "x"), put(cache, "grants", "b", "y");
  done(cache.remove("grants", "a"), "remove");
  done(cache.remove("grants", "a"), "remove again");
  done(cache.remove("sessions", "b"), "remove from another space");
  reads(cache, "grants", "a", "nothing");
  reads(cache, "grants", "b", "y");
}

inline void spaces_are_apart(Cache& cache) {
  put(cache, "grants", "a", "grant"), put(cache, "sessions", "a", "session");
  reads(cache, "grants", "a", "grant");
  reads(cache, "sessions", "a", "session");
}

inline void a_switch_makes_all_entries_unreadable(Cache& cache) {
  put(cache, "grants", "a", "x"), put(cache, "grants", "b", "x");
  const Generation before = value_of(cache.generation("grants"), "generation");
  const Generation after = value_of(cache.switch_generation("grants"), "switch_generation");
  require(after > before, "the generation did not go on");
  same(value_of(cache.generation("grants"), "generation"), after, "generation");
  reads(cache, "grants", "a", "nothing");
  put(cache, "grants", "a", "y");
  reads(cache, "grants", "a", "y");
  reads(cache, "grants", "b", "nothing");
}

inline void a_switch_is_of_one_space(Cache& cache) {
  put(cache, "grants", "a", "x"), put(cache, "sessions", "a", "x");
  const Generation before = value_of(cache.generation("sessions"), "generation");
  value_of(cache.switch_generation("grants"), "switch_generation");
  reads(cache, "sessions", "a", "x");
  same(value_of(cache.generation("sessions"), "generation"), before, "generation of the other space");
}

inline void what_was_loaded_before_a_switch_is_not_kept(Cache& cache) {
  const Generation before = value_of(cache.generation("grants"), "generation");
  const Generation after = value_of(cache.switch_generation("grants"), "switch_generation");
  require(!value_of(cache.put("grants", before, "a", "revoked", start, ttl_ms), "put"), "an old value was kept");
  reads(cache, "grants", "a", "nothing");
  require(value_of(cache.put("grants", after, "a", "new", start, ttl_ms), "put"), "a new value was not kept");
  require(!value_of(cache.put("grants", before, "a", "revoked", start, ttl_ms), "put"), "an old value was kept");
  reads(cache, "grants", "a", "new");
}

inline void generations_are_never_used_twice(Cache& cache) {
  constexpr std::size_t switchers = 4, times = 25;
  const Generation first = value_of(cache.generation("grants"), "generation");
  std::vector<std::vector<Result<Generation>>> made(switchers);
  std::vector<std::thread> threads;
  for (auto& mine : made)
    threads.emplace_back([&] {
      for (std::size_t n = 0; n < times; ++n) mine.push_back(cache.switch_generation("grants"));
    });
  for (std::thread& thread : threads) thread.join();
  std::set<Generation> all{first};
  for (auto& mine : made)
    for (auto& each : mine) all.insert(value_of(each, "switch_generation"));
  same(all.size(), switchers * times + 1, "generations");
  same(*all.begin(), first, "the lowest");
  same(value_of(cache.generation("grants"), "generation"), *all.rbegin(), "generation");
}

inline std::vector<CacheCase> cases() {
#define BACKSTITCH_CASE(name) \
  CacheCase { #name, name }
  return {BACKSTITCH_CASE(an_entry_comes_back_byte_for_byte),
          BACKSTITCH_CASE(the_last_put_stands_with_its_own_time),
          BACKSTITCH_CASE(an_entry_expires_at_its_time),
          BACKSTITCH_CASE(a_removed_entry_is_gone),
          BACKSTITCH_CASE(spaces_are_apart),
          BACKSTITCH_CASE(a_switch_makes_all_entries_unreadable),
          BACKSTITCH_CASE(a_switch_is_of_one_space),
          BACKSTITCH_CASE(what_was_loaded_before_a_switch_is_not_kept),
          BACKSTITCH_CASE(generations_are_never_used_twice)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::cache::contract
