// The report for people, on a terminal.
#include "base/json.h"
#include "recovery/report/report.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string words(const json::value& value) { return value.is_string() ? std::string(value.get_string()) : write_json(value); }

std::string numbers(const json::object& object) {
  std::string out;
  for (const auto& [name, value] : object)
    if (value.is_number()) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", std::string_view(name), words(value));
  return out;
}

/// Who had decided live, where it was not the engine that folded again.
std::string other_engines(const json::object& accounts) {
  std::string text;
  if (const json::value* others = accounts.if_contains("otherEngines"))
    for (const json::value& other : others->as_array())
      text += fmt::format("  engine     {} had decided {} turns of the window; folded again by {}\n", words(other.at("engine")),
                          words(other.at("turns")), words(accounts.at("engine")));
  return text;
}

}  // namespace

std::string report_text(const Report& report) {
  const json::object& target = report.at("target").as_object();
  std::string text = fmt::format("{}: {}\n  went back to {} ({}), policy {}\n", words(report.at("recoveryId")),
                                 report_closed(report) ? "everything closes" : "NOT CLOSED", words(target.at("commitTime")),
                                 words(target.at("asked")), words(report.at("policy")));
  for (const json::value& system : report.at("systemsRewound").as_array())
    text += fmt::format("  rewound    {} was restored to {}: what it answered from then on was asked again\n",
                        words(system.at("system")), words(system.at("since")));
  for (const json::value& change : report.at("database").at("changes").as_array())
    text += fmt::format("  database   {}\n", words(change));
  text += fmt::format("  accounts   {}\n  effects    {}\n", numbers(report.at("accounts").as_object()),
                      numbers(report.at("effects").as_object()));
  text += other_engines(report.at("accounts").as_object());
  for (const json::value& sum : report.at("conservation").as_array())
    text += fmt::format("  {:<10} {}\n", words(sum.at("of")), numbers(sum.as_object()));
  for (const json::value& invariant : report.at("invariants").as_array())
    if (!invariant.at("ok").as_bool())
      text += fmt::format("  VIOLATED   {} {}: {} rows\n", words(invariant.at("id")), words(invariant.at("title")),
                          words(invariant.at("count")));
  for (const json::value& gap : report.at("window").at("evidenceGaps").as_array())
    text += fmt::format("  NO EVIDENCE {} from {} to {}: {}\n", words(gap.at("store")), words(gap.at("from")),
                        words(gap.at("to")), words(gap.at("why")));
  text += fmt::format("  work       {} rows for people: recover work {}\n", report.at("work").as_array().size(),
                      words(report.at("recoveryId")));
  const json::object& times = report.at("times").as_object();
  return text + fmt::format("  outage {} ms, from the first step to the last {} ms\n", words(times.at("outageMs")),
                            words(times.at("rtoMs")));
}

}  // namespace backstitch::recovery
