// Objects of a Riak bucket type: versions side by side, and clocks that say which writes a writer has seen.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace backstitch::standin {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct RiakVersion {
  std::string etag, content_type, body;
  Headers meta;     // X-Riak-Meta-…, as they came
  Headers indexes;  // x-riak-index-…, as they came
  bool deleted = false;
  Time modified;
  int event = 0;  // which write it was
};

struct RiakObject {
  std::vector<RiakVersion> versions;  // oldest first
  std::string clock;
  std::string etag;  // of all versions together, when there are several

  bool is_gone() const;  // nothing but tombstones
};

struct RiakType {
  std::string name, backend;
  bool allow_mult = true;
  std::int64_t expiry_ms = 0;                                              // of its backend; 0: none
  std::map<std::pair<std::string, std::string>, RiakObject> objects = {};  // by bucket and key

  /// None when it is not there or its backend's expiry is over; a tombstone is there.
  RiakObject* find(const std::string& bucket, const std::string& key, Time now);
};

/// Which writes each clock covers. Clocks are opaque to whoever gets one.
class RiakClocks {
 public:
  bool knows(const std::string& clock) const { return seen_.contains(clock); }
  /// A write on top of what `context` covers (empty: nothing). Versions that it covers are replaced, others stay beside it, or
  /// give way where there can be one alone.
  void write(RiakObject& object, RiakVersion version, const std::string& context, std::string new_clock, bool allow_mult);

 private:
  std::map<std::string, std::set<int>> seen_;
  int events_ = 0;
};

}  // namespace backstitch::standin
