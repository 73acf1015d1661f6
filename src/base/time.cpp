#include "base/time.h"

#include <charconv>
#include <chrono>
#include <ctime>
#include <limits>

namespace backstitch {

std::string rfc3339(Time time) {
  std::int64_t seconds = time.us / 1'000'000, fraction = time.us % 1'000'000;
  if (fraction < 0) fraction += 1'000'000, --seconds;
  std::time_t t = seconds;
  std::tm tm{};
  gmtime_r(&t, &tm);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                     tm.tm_min, tm.tm_sec, fraction);
}

namespace {
bool number(std::string_view text, std::size_t at, std::size_t length, int& out) {
  if (at + length > text.size()) return false;
  auto [end, ec] = std::from_chars(text.data() + at, text.data() + at + length, out);
  return ec == std::errc() && end == text.data() + at + length && text[at] != '-' && text[at] != '+';
}
}  // namespace

Result<Time> parse_rfc3339(std::string_view text) {
  int year, month, day, hour = 0, minute = 0, second = 0;
  auto bad = [&] { return fail(Code::usage, "\"{}\" is not a time (2026-11-23T05:21:00Z)", text); };
  if (!number(text, 0, 4, year) || !number(text, 5, 2, month) || !number(text, 8, 2, day) || text[4] != '-' || text[7] != '-')
    return bad();
  if (month < 1 || month > 12 || day < 1 || day > 31) return bad();
  std::int64_t fraction = 0, offset = 0;
  if (text.size() > 10) {
    if ((text[10] != 'T' && text[10] != ' ') || !number(text, 11, 2, hour) || !number(text, 14, 2, minute) ||
        !number(text, 17, 2, second) || hour > 23 || minute > 59 || second > 60)
      return bad();
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.') {
      std::int64_t scale = 100'000;
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) fraction += (text[at] - '0') * scale;
    }
    if (at >= text.size()) return bad();
    if (text[at] != 'Z' && text[at] != 'z') {
      int oh, om;
      const std::size_t minutes = text.size() > at + 5 ? at + 4 : at + 3;
      if ((text[at] != '+' && text[at] != '-') || !number(text, at + 1, 2, oh) || !number(text, minutes, 2, om) || oh > 23 ||
          om > 59 || minutes + 2 != text.size() || (minutes == at + 4 && text[at + 3] != ':'))
        return bad();
      offset = (oh * 60 + om) * 60 * (text[at] == '-' ? -1 : 1);
    } else if (at + 1 != text.size()) {
      return bad();
    }
  }
  std::tm tm{};
  tm.tm_year = year - 1900, tm.tm_mon = month - 1, tm.tm_mday = day, tm.tm_hour = hour, tm.tm_min = minute, tm.tm_sec = second;
  const std::int64_t seconds = timegm(&tm) - offset;
  if (tm.tm_mday != day && second < 60) return bad();  // 30 February became 2 March
  return Time{seconds * 1'000'000 + fraction};
}

Result<std::int64_t> parse_duration_ms(std::string_view text) {
  std::int64_t value = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t factor = unit == "ms"  ? 1
                              : unit == "s" ? 1000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                              : unit == "d" ? 86'400'000
                                            : 0;
  if (ec != std::errc() || factor == 0 || value < 0 || value > std::numeric_limits<std::int64_t>::max() / 1000 / factor)
    return fail(Code::usage, "\"{}\" is not a duration (200ms 30s 10m 2h 7d)", text);
  return value * factor;
}

std::string duration_text(std::int64_t ms) {
  if (ms % 86'400'000 == 0 && ms) return fmt::format("{}d", ms / 86'400'000);
  if (ms % 3'600'000 == 0 && ms) return fmt::format("{}h", ms / 3'600'000);
  if (ms % 60'000 == 0 && ms) return fmt::format("{}m", ms / 60'000);
  if (ms % 1000 == 0) return fmt::format("{}s", ms / 1000);
  return fmt::format("{}ms", ms);
}

Time wall_clock() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::int64_t monotonic_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace backstitch
