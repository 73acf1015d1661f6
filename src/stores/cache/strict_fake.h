// A cache for tests, stricter than memory: it forgets on demand, as a cache may at any time, and stops the test when time runs
// backwards or a name is empty. Entries of old generations stay in it, so that reading one would be seen. Thread-safe.
#pragma once
#include <map>
#include <mutex>
#include <tuple>

#include "base/assert.h"
#include "stores/cache/port.h"

namespace backstitch::cache {

class StrictFake : public Cache {
 public:
  /// All entries; generations stay, or an old one would come back to life.
  void forget() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
  }

  Result<Generation> generation(const std::string& space) override {
    const std::lock_guard lock(mutex_);
    return current(space);
  }
  Result<Generation> switch_generation(const std::string& space) override {
    const std::lock_guard lock(mutex_);
    return current(space) += 1;
  }
  Result<bool> put(const std::string& space, Generation made_in, const std::string& key, const std::string& value, Time now,
                   std::int64_t ttl_ms) override {
    const std::lock_guard lock(mutex_);
    BS_ASSERT(ttl_ms > 0 && !key.empty(), "an entry has a name and lives for some time");
    look_at(now);
    BS_ASSERT(made_in <= current(space), "a generation that there has not been yet");
    if (made_in != current(space)) return false;
    entries_[{space, made_in, key}] = {value, now.plus_ms(ttl_ms)};
    return true;
  }
  Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) override {
    const std::lock_guard lock(mutex_);
    look_at(now);
    const auto found = entries_.find({space, current(space), key});
    if (found == entries_.end() || found->second.second <= now) return std::nullopt;
    return found->second.first;
  }
  Status remove(const std::string& space, const std::string& key) override {
    const std::lock_guard lock(mutex_);
    entries_.erase({space, current(space), key});
    return {};
  }

 private:
  Generation& current(const std::string& space) {
    BS_ASSERT(!space.empty(), "a space has a name");
    return generations_.try_emplace(space, 1).first->second;
  }
  void look_at(Time now) {
    BS_ASSERT(now >= last_, "time does not run backwards");
    last_ = now;
  }
  std::mutex mutex_;
  Time last_;
  std::map<std::string, Generation> generations_;
  std::map<std::tuple<std::string, Generation, std::string>, std::pair<std::string, Time>> entries_;
};

}  // namespace backstitch::cache
