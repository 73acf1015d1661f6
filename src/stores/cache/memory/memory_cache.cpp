#include "stores/cache/memory/memory_cache.h"

#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "base/assert.h"

namespace backstitch::cache {
namespace {

struct Entry {
  std::string value;
  Time expires;
};

/// Entries of the current generation only: a switch throws the others away.
struct Space {
  Generation generation = 1;
  std::unordered_map<std::string, Entry> entries;
  std::set<std::pair<Time, std::string>> by_expiry;

  void erase(const std::string& key) {
    const auto found = entries.find(key);
    if (found == entries.end()) return;
    by_expiry.erase({found->second.expires, key});
    entries.erase(found);
  }
  void erase_expired(Time now) {
    while (!by_expiry.empty() && by_expiry.begin()->first <= now) erase(std::string(by_expiry.begin()->second));
  }
};

class MemoryCache : public Cache {
 public:
  explicit MemoryCache(std::size_t entries_max) : entries_max_(entries_max) {}

  Result<Generation> generation(const std::string& space) override {
    const std::lock_guard lock(mutex_);
    return spaces_[space].generation;
  }

  Result<Generation> switch_generation(const std::string& space) override {
    const std::lock_guard lock(mutex_);
    Space& there = spaces_[space];
    there.entries.clear();
    there.by_expiry.clear();
    return ++there.generation;
  }

  Result<bool> put(const std::string& space, Generation made_in, const std::string& key, const std::string& value, Time now,
                   std::int64_t ttl_ms) override {
    BS_ASSERT(ttl_ms > 0, "an entry lives for some time");
    const std::lock_guard lock(mutex_);
    Space& there = spaces_[space];
    if (made_in != there.generation) return false;
    there.erase(key);
    there.erase_expired(now);
    while (!there.entries.empty() && there.entries.size() >= entries_max_)
      there.erase(std::string(there.by_expiry.begin()->second));
    const Time expires = now.plus_ms(ttl_ms);
    there.entries[key] = {value, expires};
    there.by_expiry.emplace(expires, key);
    return true;
  }

  Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) override {
    const std::lock_guard lock(mutex_);
    const Space& there = spaces_[space];
    const auto found = there.entries.find(key);
    if (found == there.entries.end() || found->second.expires <= now) return std::nullopt;
    return found->second.value;
  }

  Status remove(const std::string& space, const std::string& key) override {
    const std::lock_guard lock(mutex_);
    spaces_[space].erase(key);
    return {};
  }

 private:
  const std::size_t entries_max_;
  std::mutex mutex_;
  std::map<std::string, Space> spaces_;
};

}  // namespace

std::unique_ptr<Cache> make_memory_cache(std::size_t entries_max) { return std::make_unique<MemoryCache>(entries_max); }

}  // namespace backstitch::cache
