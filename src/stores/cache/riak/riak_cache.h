// The cache on Riak 3, over HTTP. Riak has neither transactions nor scripts: a generation is an object that is changed on
// condition and read back, and entries carry its number in their key. docs/decisions/0018-cache.md.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "stores/cache/port.h"

namespace backstitch::cache {

struct RiakSettings {
  std::string url = "http://127.0.0.1:8098";  // of a node, or of what stands before the nodes; may hold USER:PASSWORD@
  std::string bucket = "backstitch";          // entries: /types/SPACE/buckets/BUCKET/keys/GENERATION:KEY
  /// A bucket type with allow_mult whose backend never expires; generations: /types/THIS/buckets/BUCKET-generations/keys/SPACE
  std::string generations_type = "grants";
  /// How many of the nodes that own an object must answer (pr, pw). Less than a majority lets a switch or a removal be missed.
  std::string quorum = "quorum";
  std::int64_t timeout_ms = 3'000;  // of a whole call of the cache
  std::function<Time()> clock = wall_clock;
};

/// Asks nothing when it is opened. Calls fail with Code::unreachable (no answer in time, too few nodes, a conflict that did not
/// end: whether it was done is unknown, and the same call may come again) and Code::config_invalid (no such bucket type, a
/// quorum that cannot be, not permitted). Code::config_invalid, too, for a URL that is none.
Result<std::unique_ptr<Cache>> open_riak_cache(const RiakSettings& settings);

}  // namespace backstitch::cache
