// Objects of Riak over HTTP, as far as a cache needs them; tests/contract/riak holds what a real node says. Thread-safe.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "base/net/http_client.h"
#include "stores/cache/riak/siblings.h"

namespace backstitch::cache {

struct RiakPlace {
  std::string type, bucket, key;
};

struct RiakFound {
  std::vector<Sibling> siblings;  // none: there is nothing
  std::string clock;              // what a write must bring back; without siblings it is a tombstone's
};

enum class RiakCondition { always, as_read, absent };
struct RiakWrite {
  std::string content_type, body;
  std::string clock;  // of what was read; empty: nothing was there
  RiakCondition condition = RiakCondition::always;
};

class RiakObjects {
 public:
  /// `quorum` empty: what the bucket type says.
  RiakObjects(std::string url, std::string quorum) : url_(std::move(url)), quorum_(std::move(quorum)) {}

  // All of them end before `deadline_ms` (monotonic) with the errors of open_riak_cache.

  /// `for_update` asks for the clock of a tombstone, too.
  Result<RiakFound> read(const RiakPlace& place, bool for_update, std::int64_t deadline_ms);
  /// False when the condition does not hold. Riak looks and then writes: two writers at once may both be told true.
  Result<bool> write(const RiakPlace& place, const RiakWrite& write, std::int64_t deadline_ms);
  /// What is not there is removed.
  Status remove(const RiakPlace& place, const std::string& clock, std::int64_t deadline_ms);

 private:
  HttpAnswer ask(HttpCall call, const RiakPlace& place, const std::vector<std::string>& query, std::int64_t deadline_ms);
  std::vector<std::string> with_quorum(const char* name, std::vector<std::string> query = {}) const;
  tl::unexpected<Error> failed(const HttpAnswer& answer) const;

  const std::string url_, quorum_;
  HttpClient client_;
};

}  // namespace backstitch::cache
