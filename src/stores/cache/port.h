// The cache role: sessions, grants and whatever can be made again. Everything in it may be gone at any time; nothing in it may be
// old. So entries belong to a generation of their space, and switching the generation makes all of them unreadable at once.
// All calls are thread-safe. Time is a parameter.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace backstitch::cache {

using Generation = std::uint64_t;

/// Spaces ("sessions", "grants") know nothing of each other. A space begins empty, at any generation. A cache that has lost its
/// data, or has got back older ones, begins anew: empty, at a generation above all that it ever had.
class Cache {
 public:
  virtual ~Cache() = default;

  virtual Result<Generation> generation(const std::string& space) = 0;
  /// Returns the new generation, higher than every one before. No entry of an older one is readable from now on.
  virtual Result<Generation> switch_generation(const std::string& space) = 0;

  /// `made_in` is the generation that was read before the value was loaded; false, and nothing kept, when it is over: the value
  /// may be from before the switch. Expires at now + ttl_ms; ttl_ms > 0. Replaces the entry of the same key.
  virtual Result<bool> put(const std::string& space, Generation made_in, const std::string& key, const std::string& value,
                           Time now, std::int64_t ttl_ms) = 0;
  /// Nothing when it is not there, or no more.
  virtual Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) = 0;
  /// A missing entry is a success.
  virtual Status remove(const std::string& space, const std::string& key) = 0;
};

}  // namespace backstitch::cache
