// A cache that is wrong on purpose, to see the contract's cases fail. Tests only.
#pragma once
#include <set>
#include <vector>

#include "stores/cache/strict_fake.h"

namespace backstitch::cache {

enum class Wrong {
  never_expires,        // an entry lives for ever
  expires_late,         // a millisecond after its time
  switches_nothing,     // the generation goes on, the entries stay
  takes_old_values,     // what was loaded before a switch is kept after it
  switches_all_spaces,  // one generation for all
  one_space,            // spaces are not apart
  keeps_the_first,      // a second put does nothing
  removes_nothing,      // an entry outlives its removal
};
inline std::vector<Wrong> all_wrongs() {
  std::vector<Wrong> wrongs;
  for (int i = 0; i <= static_cast<int>(Wrong::removes_nothing); ++i) wrongs.push_back(static_cast<Wrong>(i));
  return wrongs;
}

class WrongFake : public StrictFake {
 public:
  explicit WrongFake(std::set<Wrong> wrongs) : wrongs_(std::move(wrongs)) {}

  Result<Generation> generation(const std::string& space) override {
    return StrictFake::generation(space).value() + (is(Wrong::switches_nothing) ? switches_ : 0);
  }
  Result<Generation> switch_generation(const std::string& space) override {
    if (is(Wrong::switches_nothing)) return StrictFake::generation(space).value() + ++switches_;
    if (is(Wrong::switches_all_spaces))
      for (const char* other : {"sessions", "grants"})
        if (other != space) StrictFake::switch_generation(other).value();
    return StrictFake::switch_generation(space);
  }
  Result<bool> put(const std::string& space, Generation made_in, const std::string& key, const std::string& value, Time now,
                   std::int64_t ttl_ms) override {
    if (is(Wrong::keeps_the_first) && StrictFake::get(place(space), key, now).value()) return true;
    if (is(Wrong::takes_old_values)) made_in = StrictFake::generation(space).value();
    if (is(Wrong::switches_nothing)) made_in -= switches_;
    if (is(Wrong::never_expires)) ttl_ms = 1'000'000'000;
    if (is(Wrong::expires_late)) ttl_ms += 1;
    return StrictFake::put(place(space), made_in, key, value, now, ttl_ms);
  }
  Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) override {
    return StrictFake::get(place(space), key, now);
  }
  Status remove(const std::string& space, const std::string& key) override {
    return is(Wrong::removes_nothing) ? Status() : StrictFake::remove(place(space), key);
  }

 private:
  bool is(Wrong wrong) const { return wrongs_.contains(wrong); }
  std::string place(const std::string& space) const { return is(Wrong::one_space) ? "all" : space; }
  const std::set<Wrong> wrongs_;
  Generation switches_ = 0;
};

}  // namespace backstitch::cache
