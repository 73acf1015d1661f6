#include "recovery/window/window_answer.h"

#include <boost/json.hpp>

#include "recovery/assets/asset_changes.h"
#include "recovery/capture/evidence.h"
#include "recovery/replay/exclusions.h"
#include "recovery/window/collect.h"
#include "recovery/window/window_changes.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

/// Where the archive is read from in each partition. Where the log does not reach back so far, from its begin.
Result<std::vector<database::Position>> begin_of(const WindowAsked& asked, queue::Queue& log) {
  const Time from = asked.since.plus_ms(-WindowInput{}.margin_ms);
  const auto topic = log.topic("incoming");
  if (!topic) return fail(topic.error());
  std::vector<database::Position> begin;
  for (const auto& end : topic->partitions) {
    database::Position& at = begin.emplace_back();
    at.partition = end.partition, at.incoming = 1;
    if (!end.first_at.is_set() || end.first_at > from) continue;
    const auto offset = log.offset_at("incoming", end.partition, from);
    if (!offset) return fail(offset.error());
    at.incoming = *offset;
  }
  return begin;
}

json::array list_of(const std::vector<WindowClass>& classes, bool open_only) {
  json::array out;
  for (const WindowClass& one : classes)
    if (!open_only || !one.settled)
      out.push_back(json::object{
          {"class", one.kind}, {"subject", one.subject}, {"settled", one.settled}, {"why", one.why}, {"handling", one.handling}});
  return out;
}

std::string lines_of(const json::array& list) {
  std::string out;
  for (const json::value& one : list)
    out += fmt::format("  {:<4} {:<8} {}: {}\n", std::string_view(one.at("class").as_string()),
                       one.at("settled").as_bool() ? "settled" : "open", std::string_view(one.at("subject").as_string()),
                       std::string_view(one.at("why").as_string()));
  return out;
}

}  // namespace

Result<WindowAsked> window_asked(std::string_view from, std::string_view to, bool open_only, Time now) {
  const auto since = asset_time(from, now), cut = asset_time(to, now);
  if (!since) return fail(since.error());
  if (!cut) return fail(cut.error());
  if (!since->is_set()) return fail(Code::usage, "from when on? a time, or 30m for that long ago");
  const WindowAsked asked{*since, cut->is_set() ? *cut : now, open_only};
  if (asked.cut < asked.since) return fail(Code::usage, "the window ends before it begins");
  return asked;
}

Result<json::object> answer_window(const WindowAsked& asked, const WindowStores& stores) {
  auto begin = begin_of(asked, stores.log);
  if (!begin) return fail(std::move(begin.error()));
  auto exclusions = load_exclusions(stores.safe);
  if (!exclusions) return fail(std::move(exclusions.error()));
  const auto changes = changes_of_window(stores.log, stores.safe, asked.since.plus_ms(-WindowInput{}.margin_ms), wall_clock());
  if (!changes) return fail(changes.error());
  const WindowSources sources{.crm = stores.crm,
                              .crm_since = {},
                              .safe = &stores.safe,
                              .log = &stores.log,
                              .exported = &*changes,
                              .positions = std::move(*begin),
                              .exclusions = std::move(*exclusions)};
  const auto input = collect_window(asked.since, asked.cut, sources, nullptr, stores.database);
  if (!input) return fail(input.error());
  json::array gaps;
  for (const WindowGap& gap : input->gaps) gaps.push_back(gap_object(gap.store, gap.from, gap.to, gap.why));
  return json::object{{"from", rfc3339(asked.since)},
                      {"to", rfc3339(asked.cut)},
                      {"orders", list_of(classify_orders(*input), asked.open_only)},
                      {"assets", list_of(classify_assets(*input), asked.open_only)},
                      {"gaps", std::move(gaps)}};
}

std::string window_text(const json::object& answer) {
  const auto list = [&](const char* name) -> const json::array& { return answer.at(name).as_array(); };
  std::string out = fmt::format("{} orders of the window\n{}{} assets of the window\n{}", list("orders").size(),
                                lines_of(list("orders")), list("assets").size(), lines_of(list("assets")));
  for (const json::value& gap : list("gaps"))
    out +=
        fmt::format("gap  {}: {}\n", std::string_view(gap.at("store").as_string()), std::string_view(gap.at("why").as_string()));
  return out;
}

}  // namespace backstitch::recovery
