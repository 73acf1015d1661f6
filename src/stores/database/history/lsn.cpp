#include <charconv>

#include "stores/database/history/history.h"

namespace backstitch::database {
namespace {

/// All of `text` is digits of this base.
bool read_number(std::string_view text, int base, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string Lsn::place_text() const { return fmt::format("{:X}/{:X}", place >> 32, place & 0xffffffffu); }

std::string Lsn::text() const { return fmt::format("{}:{}", timeline, place_text()); }

Result<Lsn> Lsn::parse(std::string_view text) {
  const auto colon = text.find(':'), slash = text.find('/');
  std::uint32_t timeline = 0, high = 0, low = 0;
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon ||
      !read_number(text.substr(0, colon), 10, timeline) || !read_number(text.substr(colon + 1, slash - colon - 1), 16, high) ||
      !read_number(text.substr(slash + 1), 16, low) || timeline == 0)
    return fail(Code::usage, "\"{}\" is no place in the WAL; one looks like 1:0/3000148", text);
  return Lsn{timeline, (static_cast<std::uint64_t>(high) << 32) | low};
}

}  // namespace backstitch::database
