// Values of one key that Riak holds side by side, because nobody could say which came last; and what a cache makes of them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace backstitch::cache {

struct Sibling {
  std::string body;
  bool removed = false;  // a tombstone
};

/// The parts of a multipart/mixed body. None when it is not whole.
std::optional<std::vector<Sibling>> read_siblings(std::string_view content_type, std::string_view body);

/// The value of an entry, as of `now`. Siblings are believed when all say the same, until the first of them expires. If one was
/// removed, or they differ, there is none: no choice between them can be shown not to bring back what was revoked, and a miss
/// costs a look at the truth.
std::optional<std::string> agreed_value(const std::vector<Sibling>& siblings, Time now);

}  // namespace backstitch::cache
