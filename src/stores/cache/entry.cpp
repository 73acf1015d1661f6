#include "stores/cache/entry.h"

#include <fmt/core.h>

#include <charconv>

namespace backstitch::cache {

std::string entry_text(const Entry& entry) { return fmt::format("{} {}", entry.expires.us, entry.value); }

std::optional<Entry> read_entry(std::string_view text) {
  Entry entry;
  const char* const end = text.data() + text.size();
  const auto [behind, failed] = std::from_chars(text.data(), end, entry.expires.us);
  if (failed != std::errc() || behind == end || *behind != ' ') return std::nullopt;
  entry.value.assign(behind + 1, end);
  return entry;
}

}  // namespace backstitch::cache
