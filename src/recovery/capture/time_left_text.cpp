// Time left for people, on a terminal.
#include <array>

#include "base/json.h"
#include "base/json_member.h"
#include "recovery/capture/time_left.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string expired_text(const json::object& row) {
  const json::value* expired = row.if_contains("expired");
  if (!expired || !expired->is_object()) return {};
  const std::string from = text_in(expired->get_object(), "from"), to = text_in(expired->get_object(), "to");
  return from.empty() ? "tells from " + to + " on; " : fmt::format("expired: period {} – {}; ", from, to);
}

std::string state_text(const json::object& row) {
  const std::string state = text_in(row, "state");
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
    if (text_in(row, "state") == "none" && expired_text(row).empty() && text_in(row, "evidence").empty()) continue;
    const std::string store = text_in(row, "store"), evidence = text_in(row, "evidence");
    const bool lane = evidence.starts_with("tasks.");
    text += fmt::format("  {:<24}{}{} ({})\n", lane ? evidence : store, expired_text(row), state_text(row), text_in(row, "why"));
  }
  return text;
}

}  // namespace backstitch::recovery
