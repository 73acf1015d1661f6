#include "demo/report.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace backstitch::demo {
namespace {

namespace json = boost::json;

constexpr std::size_t differences_shown = 20;

std::int64_t number_of(const json::value& from, const char* name) {
  const auto* value = from.is_object() ? from.get_object().if_contains(name) : nullptr;
  return value && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::map<std::string, std::int64_t> states_of(const Collected& collected) {
  std::map<std::string, std::int64_t> states;
  for (const auto& [name, order] : collected.inside) ++states[order.state];
  return states;
}

std::string orders_line(const Report& report) {
  std::string text = fmt::format("orders       {} acknowledged, {} present", report.collected.outside.acknowledged.size(),
                                 report.collected.inside.size());
  for (const auto& [state, count] : states_of(report.collected)) text += fmt::format(", {} {}", count, state);
  return text + "\n";
}

std::string stores_line(const Report& report) {
  return report.stores.empty() ? "" : fmt::format("stores       {}\n", fmt::join(report.stores, ", "));
}

/// Nothing where nothing ran: the ledgers of an earlier demo were only compared again.
std::string kills_line(const Report& report) {
  if (report.census.orders == 0 || !report.incidents.empty()) return {};
  std::string text;
  int total = 0;
  for (const auto& [name, count] : report.kills) {
    text += fmt::format("{}{} {}", total ? ", " : ": ", count, name);
    total += count;
  }
  return fmt::format("kill -9      {}{}\n", total, text);
}

std::string seconds(std::int64_t ms) { return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000); }

/// Instead of kills, on three hosts.
std::string incidents_text(const Report& report) {
  std::string text;
  for (const Incident& one : report.incidents) {
    text += fmt::format("{:<13}at {}, {} long: {}", text.empty() ? "incidents" : "", seconds(one.at_ms), seconds(one.took_ms),
                        one.what);
    if (one.first_order_ms)
      text += fmt::format("; the first order of a moved partition was decided after {}", seconds(one.first_order_ms));
    text += "\n";
  }
  return text;
}

json::array incidents_json(const Report& report) {
  json::array incidents;
  for (const Incident& one : report.incidents) {
    json::object told{{"what", one.what}, {"atMs", one.at_ms}, {"tookMs", one.took_ms}};
    if (one.first_order_ms) told["firstOrderMs"] = one.first_order_ms;
    incidents.push_back(std::move(told));
  }
  return incidents;
}

std::string interfaces_text(const Report& report) {
  std::string text = "interface    calls  executions  subjects  replies lost\n";
  for (const auto& entry : report.interfaces)
    text += fmt::format("  {:<9}{:>7}{:>12}{:>10}{:>14}\n", std::string_view(entry.key()), number_of(entry.value(), "calls"),
                        number_of(entry.value(), "executions"), number_of(entry.value(), "subjects"),
                        number_of(entry.value(), "repliesLost"));
  return text;
}

std::string unknown_text(const Report& report) {
  std::string text = fmt::format("unknown      {} outcomes on blind\n", report.collected.unknown.size());
  for (const UnknownItem& item : report.collected.unknown) {
    const auto executed = report.collected.executed.find("blind");
    const bool was_done = executed != report.collected.executed.end() && executed->second.contains(item.subject);
    text += fmt::format("  {} {}: {}\n", item.id, item.subject, was_done ? "was executed" : "never arrived");
  }
  return text;
}

/// What the recovery's settling table counted, by row.
json::array rows_of(const Report& report) {
  const auto* effects = report.story.report.if_contains("effects");
  const auto* rows = effects && effects->is_object() ? effects->get_object().if_contains("rows") : nullptr;
  return rows && rows->is_array() ? rows->get_array() : json::array();
}

json::array window_json(const Report& report) {
  json::array window;
  for (const Held& held : report.story.held)
    window.push_back(json::object{{"of", held.of}, {"held", held.count}, {"atLeast", held.least}});
  return window;
}

std::string sums_text(const Report& report) {
  std::string text;
  for (const std::string& sum : report.sums) text += fmt::format("{:<13}{}\n", text.empty() ? "conserved" : "", sum);
  return text;
}

std::string checks_text(const Report& report) {
  std::string text = "check                                                              compared  differences\n";
  for (const Check& check : report.checks)
    text += fmt::format("  {:<64}{:>9}{:>13}\n", check.title, check.compared, check.differences.size());
  for (const Check& check : report.checks) {
    for (std::size_t i = 0; i < std::min(check.differences.size(), differences_shown); ++i)
      text += fmt::format("DIFFERS {}: {}\n", check.id, check.differences[i]);
    if (check.differences.size() > differences_shown)
      text += fmt::format("DIFFERS {}: and {} more\n", check.id, check.differences.size() - differences_shown);
  }
  return text;
}

json::object census_json(const Census& census) {
  json::object calls;
  for (const auto& [name, count] : census.callouts_by_interface) calls[name] = count;
  return {{"orders", census.orders},
          {"accounts", census.accounts},
          {"lines", census.lines},
          {"decomposing", census.decomposing},
          {"items", census.items},
          {"manual", census.manual},
          {"callouts", census.callouts},
          {"withCallout", census.with_callout},
          {"calloutsByInterface", std::move(calls)}};
}

json::object check_json(const Check& check) {
  json::array differences;
  for (const std::string& difference : check.differences) differences.push_back(json::string(difference));
  return {{"id", check.id},
          {"title", check.title},
          {"ok", check.holds()},
          {"compared", check.compared},
          {"differences", std::move(differences)}};
}

/// Law 10: what was known is kept, rejected or open, and nothing is left over.
json::object conservation_json(const Report& report) {
  const auto known = static_cast<std::int64_t>(report.collected.outside.acknowledged.size());
  const auto states = states_of(report.collected);
  const auto activated = states.find("Activated");
  const std::int64_t kept = activated == states.end() ? 0 : activated->second;
  const auto open = static_cast<std::int64_t>(report.collected.inside.size()) - kept;
  return {{"of", "orders"}, {"known", known},
          {"kept", kept},   {"rejected", report.collected.outside.rejected.size()},
          {"open", open},   {"difference", known - kept - open}};
}

json::array work_json(const Report& report) {
  json::array work;
  for (const UnknownItem& item : report.collected.unknown)
    work.push_back({{"class", "unknown-outcome"},
                    {"subject", item.subject},
                    {"why", item.id + " " + item.name + " on " + item.interface},
                    {"proposed", "ask the system's people, then item complete or item retry"}});
  return work;
}

}  // namespace

bool Report::closed() const {
  return !checks.empty() && std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.holds(); });
}

namespace {

/// Each kind beside its least, then what each row of the settling table had to settle.
std::string window_text(const Report& report) {
  std::string text = "window       held  at least\n";
  for (const Held& held : report.story.held) text += fmt::format("  {:<22}{:>6}{:>10}\n", held.of, held.count, held.least);
  text += "settled     ";
  std::size_t row = 0;
  for (const auto& count : rows_of(report)) text += fmt::format(" row {}: {}", row++, count.to_number<std::int64_t>());
  return text + "\n";
}

std::string story_text(const Report& report) {
  const Story& story = report.story;
  if (!story.told()) return {};
  const auto number = [&](const char* group, const char* name) { return number_of(story.report.at(group), name); };
  const std::string text = fmt::format(
      "corruption   {}: {}\nrecovery     {} inputs folded again; accounts {} exact, {} repaired, {} unexplained; effects {} "
      "adopted, {} "
      "open\n             outage {:.1f} s, page {}\n",
      story.kind, story.title, number("window", "inputs"), number("accounts", "exact"), number("accounts", "damaged"),
      number("accounts", "unexplained"), number("effects", "adopted"), number("effects", "open"),
      static_cast<double>(story.outage_ms) / 1000, story.html);
  const std::string cut_off =
      story.cut_off_ms ? fmt::format("             {} of it one host was cut off\n", seconds(story.cut_off_ms)) : "";
  return text + cut_off + window_text(report);
}

}  // namespace

std::string report_text(const Report& report) {
  const Times& t = report.times;
  return stores_line(report) + orders_line(report) + kills_line(report) + incidents_text(report) + story_text(report) +
         interfaces_text(report) + unknown_text(report) + sums_text(report) + checks_text(report) +
         fmt::format("closed: {}   prepare {:.1f} s, start {:.1f} s, run {:.1f} s, compare {:.1f} s\n",
                     report.closed() ? "yes" : "no", static_cast<double>(t.prepare_ms) / 1000,
                     static_cast<double>(t.start_ms) / 1000, static_cast<double>(t.run_ms) / 1000,
                     static_cast<double>(t.check_ms) / 1000);
}

json::object report_json(const Report& report) {
  json::object kills, states;
  for (const auto& [name, count] : report.kills) kills[name] = count;
  for (const auto& [state, count] : states_of(report.collected)) states[state] = count;
  json::array checks;
  for (const Check& check : report.checks) checks.push_back(check_json(check));
  json::object effects{{"interfaces", report.interfaces},
                       {"unknown", report.collected.unknown.size()},
                       {"fatallyFailed", report.collected.unknown.size()}};
  json::array conservation;
  conservation.push_back(conservation_json(report));
  return {{"seed", report.seed},
          {"stores", json::array(report.stores.begin(), report.stores.end())},
          {"closed", report.closed()},
          {"census", census_json(report.census)},
          {"kills", std::move(kills)},
          {"incidents", incidents_json(report)},
          {"orders", std::move(states)},
          {"effects", std::move(effects)},
          {"conservation", std::move(conservation)},
          {"sums", json::array(report.sums.begin(), report.sums.end())},
          {"checks", std::move(checks)},
          {"work", work_json(report)},
          {"corruption", report.story.kind},
          {"recovery", report.story.report},
          {"cutOffMs", report.story.cut_off_ms},
          {"window", window_json(report)},
          {"rows", rows_of(report)},
          {"times",
           {{"prepareMs", report.times.prepare_ms},
            {"startMs", report.times.start_ms},
            {"runMs", report.times.run_ms},
            {"checkMs", report.times.check_ms}}}};
}

}  // namespace backstitch::demo
