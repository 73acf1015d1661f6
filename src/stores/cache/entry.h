// What stands in a cache outside of this process under a key: the moment at which the entry expires, and its value. The store's
// own time to live only tidies up; this moment is what counts.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace backstitch::cache {

struct Entry {
  Time expires;
  std::string value;
};

std::string entry_text(const Entry& entry);
/// None when it cannot be read, which counts as a miss.
std::optional<Entry> read_entry(std::string_view text);

}  // namespace backstitch::cache
