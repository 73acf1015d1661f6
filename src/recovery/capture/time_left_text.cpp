// Time left for people, on a terminal.
#include <array>

#include "base/json.h"
#include "recovery/capture/time_left.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string words(const json::object& row, const char* name) {
  const json::value* value = row.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string expired_text(const json::object& row) {
  const json::value* expired = row.if_contains("expired");
  if (!expired || !expired->is_object()) return {};
  const std::string from = words(expired->get_object(), "from"), to = words(expired->get_object(), "to");
  return from.empty() ? "tells from " + to + " on; " : fmt::format("expired: period {} – {}; ", from, to);
}

std::string state_text(const json::object& row) {
  const std::string state = words(row, "state");
  if (state != "expires") return state;
  const auto left_ms = row.at("leftMs").to_number<std::int64_t>();
  const json::value* expired = row.if_contains("expired");
  const char* what = expired && expired->is_object() ? "the rest expires" : "expires";
  return left_ms > 0 ? fmt::format("{} in {}", what, left_text(left_ms)) : fmt::format("{} now", what);
}

}  // namespace

std::string left_text(std::int64_t ms) {
  struct Unit {
    std::int64_t ms;
    const char* name;
  };
  constexpr std::array units{Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "min"}, Unit{1'000, "s"}};
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (ms < units[i].ms) continue;
    std::string text = fmt::format("{} {}", ms / units[i].ms, units[i].name);
    if (i + 1 < units.size())
      if (const auto rest = ms % units[i].ms / units[i + 1].ms) text += fmt::format(" {} {}", rest, units[i + 1].name);
    return text;
  }
  return fmt::format("{} ms", ms);
}

std::string time_left_text(const json::array& rows) {
  std::string text;
  for (const json::value& one : rows) {
    const json::object& row = one.as_object();
    if (words(row, "state") == "none" && expired_text(row).empty() && words(row, "evidence").empty()) continue;
    const std::string store = words(row, "store"), evidence = words(row, "evidence");
    const bool lane = evidence.starts_with("tasks.");
    text += fmt::format("  {:<24}{}{} ({})\n", lane ? evidence : store, expired_text(row), state_text(row), words(row, "why"));
  }
  return text;
}

}  // namespace backstitch::recovery
