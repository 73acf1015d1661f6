#include <charconv>

#include "base/net/http_target.h"
#include "stores/cache/redis/redis_cache.h"

namespace backstitch::cache {
namespace {

tl::unexpected<Error> not_an_address() {
  return fail(Code::config_invalid, "the cache's address is not redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]");
}

bool read_number(std::string_view text, int min, int max, int& out) {
  const auto [behind, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc() && behind == text.data() + text.size() && out >= min && out <= max;
}

bool read_word(std::string_view text, std::string& out) {
  HttpTarget target;
  if (text.find('?') != std::string_view::npos || !parse_target("/" + std::string(text), target)) return false;
  out = target.path.substr(1);
  return true;
}

/// What stands before the first `mark`, which is taken away with it; nothing when there is none.
std::string_view cut(std::string_view& text, std::size_t mark) {
  if (mark == std::string_view::npos) return {};
  const std::string_view before = text.substr(0, mark);
  text.remove_prefix(mark + 1);
  return before;
}

}  // namespace

Result<RedisSettings> redis_settings(std::string_view url) {
  RedisSettings settings;
  settings.tls = url.starts_with("rediss://");
  if (!settings.tls && !url.starts_with("redis://")) return not_an_address();
  url.remove_prefix(url.find("//") + 2);
  std::string_view who = cut(url, url.rfind('@'));
  if (!who.empty() && who.find(':') == std::string_view::npos) return not_an_address();
  const std::string_view user = cut(who, who.find(':'));
  if (!read_word(user, settings.user) || !read_word(who, settings.password)) return not_an_address();
  const auto slash = url.find('/');
  if (slash != std::string_view::npos && slash + 1 < url.size() &&
      !read_number(url.substr(slash + 1), 0, 1'000'000, settings.database))
    return not_an_address();
  url = url.substr(0, slash);
  const auto colon = url.rfind(':');
  const bool has_port = colon != std::string_view::npos && url.find(']', colon) == std::string_view::npos;
  if (has_port && !read_number(url.substr(colon + 1), 1, 65535, settings.port)) return not_an_address();
  if (has_port) url = url.substr(0, colon);
  if (url.starts_with('[') && url.ends_with(']')) url = url.substr(1, url.size() - 2);  // an IPv6 address
  if (url.empty()) return not_an_address();
  settings.host = url;
  return settings;
}

}  // namespace backstitch::cache
