#include "stores/cache/riak/riak_cache.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "base/assert.h"
#include "base/hash.h"
#include "stores/cache/entry.h"
#include "stores/cache/riak/riak_objects.h"

namespace backstitch::cache {
namespace {

constexpr const char* content_type = "application/octet-stream";  // a key may hold any bytes

/// "NUMBER WHO": who made it, so that two that were made at once differ. 0 when it cannot be read.
Generation number_in(const std::string& body) {
  Generation number = 0;
  std::from_chars(body.data(), body.data() + body.size(), number);
  return number;
}
Generation highest(const RiakFound& found) {
  Generation number = 0;
  for (const Sibling& sibling : found.siblings) number = std::max(number, number_in(sibling.body));
  return number;
}

class RiakCache : public Cache {
 public:
  explicit RiakCache(RiakSettings settings) : settings_(std::move(settings)), objects_(settings_.url, settings_.quorum) {}

  Result<Generation> generation(const std::string& space) override { return current(space, deadline()); }
  Result<Generation> switch_generation(const std::string& space) override { return begin_another(space, deadline()); }

  Result<bool> put(const std::string& space, Generation made_in, const std::string& key, const std::string& value, Time now,
                   std::int64_t ttl_ms) override {
    BS_ASSERT(ttl_ms > 0, "an entry lives for some time");
    const auto end = deadline();
    const auto number = current(space, end);
    if (!number) return fail(number.error());
    if (*number != made_in) return false;  // if it is over a moment later, the key's own generation makes it unreadable
    const RiakPlace place = place_of(space, *number, key);
    const auto before = objects_.read(place, true, end);
    if (!before) return fail(before.error());
    return objects_.write(place, {content_type, entry_text({now.plus_ms(ttl_ms), value}), before->clock}, end);
  }
  Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) override {
    auto found = find(space, key, deadline());
    if (!found) return fail(std::move(found.error()));
    return agreed_value(found->second.siblings, now);
  }
  Status remove(const std::string& space, const std::string& key) override {
    const auto end = deadline();
    auto found = find(space, key, end);
    if (!found) return fail(std::move(found.error()));
    const auto& [place, there] = *found;
    return there.siblings.empty() ? Status() : objects_.remove(place, there.clock, end);
  }

 private:
  using Place = std::pair<RiakPlace, RiakFound>;
  std::int64_t deadline() const { return monotonic_ms() + settings_.timeout_ms; }
  RiakPlace place_of(const std::string& space, Generation number, const std::string& key) const {
    return {space, settings_.bucket, std::to_string(number) + ":" + key};
  }
  RiakPlace place_of_generation(const std::string& space) const {
    return {settings_.generations_type, settings_.bucket + "-generations", space};
  }

  Result<Place> find(const std::string& space, const std::string& key, std::int64_t end) {
    const auto number = current(space, end);
    if (!number) return fail(number.error());
    const RiakPlace place = place_of(space, *number, key);
    auto found = objects_.read(place, false, end);
    if (!found) return fail(std::move(found.error()));
    return Place{place, std::move(*found)};
  }

  /// Of generations that were begun at once the highest counts: whoever began another goes on until his own stands alone.
  Result<Generation> current(const std::string& space, std::int64_t end) {
    const auto found = objects_.read(place_of_generation(space), false, end);
    if (!found) return fail(found.error());
    const Generation number = highest(*found);
    // Nothing, or less than there was: Riak has lost it, or has got back what is old.
    if (number == 0 || number < seen(space)) return begin_another(space, end);
    saw(space, number);
    return number;
  }

  /// Higher than all that were there, and than the clock, so also than what was lost. It stands when it is read back alone:
  /// Riak's conditions are looked at before the write and not with it, and of two writers both may have been let through.
  Result<Generation> begin_another(const std::string& space, std::int64_t end) {
    const std::lock_guard one_at_a_time(switching_);
    const RiakPlace place = place_of_generation(space);
    std::minstd_rand random(std::random_device{}());
    for (;; std::this_thread::sleep_for(std::chrono::milliseconds(random() % 16))) {
      const auto before = objects_.read(place, true, end);
      if (!before) return fail(before.error());
      const Generation number = std::max({highest(*before) + 1, seen(space) + 1, static_cast<Generation>(settings_.clock().us)});
      const std::string body = fmt::format("{} {}", number, random_hex(8));
      const RiakCondition condition = before->clock.empty()      ? RiakCondition::absent
                                      : before->siblings.empty() ? RiakCondition::always  // over a tombstone
                                                                 : RiakCondition::as_read;
      const auto written = objects_.write(place, {content_type, body, before->clock, condition}, end);
      if (!written) return fail(written.error());
      const auto after = objects_.read(place, false, end);
      if (!after) return fail(after.error());
      if (after->siblings.size() == 1 && after->siblings.front().body == body) return saw(space, number);
      if (monotonic_ms() >= end) return fail(Code::unreachable, "cache: others change the generation of {}, too", space);
    }
  }

  Generation seen(const std::string& space) {
    const std::lock_guard lock(mutex_);
    return seen_[space];
  }
  Generation saw(const std::string& space, Generation number) {
    const std::lock_guard lock(mutex_);
    seen_[space] = std::max(seen_[space], number);
    return number;
  }

  const RiakSettings settings_;
  RiakObjects objects_;
  std::mutex switching_;  // before mutex_
  std::mutex mutex_;
  std::map<std::string, Generation> seen_;
};

}  // namespace

Result<std::unique_ptr<Cache>> open_riak_cache(const RiakSettings& settings) {
  RiakSettings wanted = settings;
  while (wanted.url.ends_with('/')) wanted.url.pop_back();
  if (!wanted.url.starts_with("http://") && !wanted.url.starts_with("https://"))
    return fail(Code::config_invalid, "the cache's address is not http://HOST:PORT");
  return std::make_unique<RiakCache>(std::move(wanted));
}

}  // namespace backstitch::cache
