// The report as one page that needs nothing but itself.
#include <algorithm>

#include "base/json.h"
#include "recovery/report/report.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr const char* style =
    "<style>:root{--ink:#1c2733;--soft:#5d6b7a;--line:#d9e0e7;--good:#1f7a4d;--bad:#b3261e;--thread:#2f5d8a}"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);max-width:62rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}"
    "p{color:var(--soft);margin:.3rem 0}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;"
    "border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}td.n{text-align:right;"
    "font-variant-numeric:tabular-nums}.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}"
    ".bar{background:var(--thread);height:.8rem;border-radius:.2rem;min-width:2px}code{font-size:.85em}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--line:#2d3742}body{background:#11161c}}</style>";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string words(const json::value& value) {
  if (value.is_null()) return "";
  return escaped(value.is_string() ? std::string(value.get_string()) : write_json(value));
}

std::string cell(const json::value& value) {
  return fmt::format("<td{}>{}</td>", value.is_number() ? " class=n" : "", words(value));
}

/// A table of these members of each object.
std::string table(const json::array& rows, const std::vector<std::pair<const char*, const char*>>& columns) {
  if (rows.empty()) return "<p>none</p>";
  std::string out = "<table><tr>";
  for (const auto& [head, name] : columns) out += fmt::format("<th>{}</th>", head);
  out += "</tr>";
  for (const json::value& row : rows) {
    out += "<tr>";
    for (const auto& [head, name] : columns) {
      const json::value* value = row.as_object().if_contains(name);
      out += cell(value ? *value : json::value(nullptr));
    }
    out += "</tr>";
  }
  return out + "</table>";
}

/// Names and numbers of one object, side by side.
std::string numbers(const json::object& object) {
  std::string heads, cells;
  for (const auto& [name, value] : object) {
    if (!value.is_number()) continue;
    heads += fmt::format("<th>{}</th>", escaped(name));
    cells += cell(value);
  }
  return "<table><tr>" + heads + "</tr><tr>" + cells + "</tr></table>";
}

std::string timeline(const json::array& steps) {
  double longest = 1;
  for (const json::value& step : steps) longest = std::max(longest, step.at("ms").to_number<double>());
  std::string out = "<table><tr><th>step</th><th>begun</th><th>starts</th><th>ms</th><th style='width:45%'></th></tr>";
  for (const json::value& step : steps) {
    const double ms = step.at("ms").to_number<double>();
    out += fmt::format("<tr><td>{}</td><td><code>{}</code></td>{}{}<td><div class=bar style='width:{:.1f}%'></div></td></tr>",
                       words(step.at("step")), words(step.at("begunAt")), cell(step.at("starts")), cell(step.at("ms")),
                       100 * ms / longest);
  }
  return out + "</table>";
}

std::string settling_table(const json::array& rows) {
  constexpr const char* meanings[] = {"nothing to settle",
                                      "a call's outcome was unknown: asked",
                                      "answer and look-up contradict: listed",
                                      "done, wanted, same request: adopted",
                                      "done, wanted otherwise: amended or a person",
                                      "undone or refused, wanted: called again",
                                      "proven never made, wanted: made",
                                      "undone, not wanted: netted",
                                      "done under another key of the same business: adopted",
                                      "done, not wanted any more: compensated or a person"};
  std::string out = "<table><tr><th>row</th><th>effects</th><th>what it means</th></tr>";
  for (std::size_t row = 0; row < std::min(rows.size(), std::size(meanings)); ++row)
    out += fmt::format("<tr><td>{}</td>{}<td>{}</td></tr>", row, cell(rows[row]), meanings[row]);
  return out + "</table>";
}

std::string violated(const json::array& invariants) {
  json::array broken;
  for (const json::value& one : invariants)
    if (!one.at("ok").as_bool()) broken.push_back(one);
  if (broken.empty()) return fmt::format("<p class=good>all {} hold</p>", invariants.size());
  return table(broken, {{"id", "id"}, {"title", "title"}, {"rows", "count"}});
}

/// Who had decided live, where it was not the engine that folded again.
std::string other_engines(const json::object& accounts) {
  const json::value* others = accounts.if_contains("otherEngines");
  if (!others || others->as_array().empty()) return {};
  return fmt::format("<p>folded again by the engine <code>{}</code>; live, others had decided:</p>",
                     words(accounts.at("engine"))) +
         table(others->as_array(), {{"engine", "engine"}, {"turns of the window", "turns"}});
}

/// What of it is otherwise than with the one that was left.
std::string database_changes(const json::object& database) {
  const json::array& changes = database.at("changes").as_array();
  if (changes.empty()) return {};
  std::string out = "<h2>The database is otherwise</h2><ul>";
  for (const json::value& change : changes) out += "<li>" + words(change) + "</li>";
  return out + "</ul>";
}

std::string head(const Report& report) {
  const json::object& target = report.at("target").as_object();
  const bool closed = report_closed(report);
  return fmt::format(
      "<h1>{} <span class={}>{}</span></h1><p>went back to <code>{}</code> {} ({}); policy {}; cause: {}</p>"
      "<p>outage {} ms, from the first step to the last {} ms, acknowledged and found nowhere: {}</p>",
      words(report.at("recoveryId")), closed ? "good" : "bad", closed ? "everything closes" : "not closed",
      words(target.at("commitTime")), words(target.at("lsn")), words(target.at("asked")), words(report.at("policy")),
      words(report.at("cause")), words(report.at("times").at("outageMs")), words(report.at("times").at("rtoMs")),
      words(report.at("times").at("rpoAcknowledged")));
}

}  // namespace

std::string report_html(const Report& report) {
  const json::object& accounts = report.at("accounts").as_object();
  std::string cannot = "<ul>";
  for (const json::value& one : report.at("cannotProve").as_array()) cannot += "<li>" + words(one) + "</li>";
  return "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>" +
         words(report.at("recoveryId")) + "</title>" + style + "<body>" + head(report) + "<h2>Timeline</h2>" +
         timeline(report.at("times").at("steps").as_array()) + "<h2>Stores</h2>" +
         table(report.at("stores").as_array(),
               {{"", "n"}, {"store", "name"}, {"was", "before"}, {"what was done", "action"}, {"is", "after"}}) +
         "<h2>Sums: what was known outside = what is there or listed</h2>" +
         table(report.at("conservation").as_array(), {{"of", "of"},
                                                      {"known", "known"},
                                                      {"kept", "kept"},
                                                      {"replayed", "replayed"},
                                                      {"repaired", "repaired"},
                                                      {"fatally failed", "fatallyFailed"},
                                                      {"rejected", "rejected"},
                                                      {"open", "open"},
                                                      {"difference", "difference"}}) +
         "<h2>Accounts</h2>" + numbers(accounts) + other_engines(accounts) + "<h2>Effects outside</h2>" +
         settling_table(report.at("effects").at("rows").as_array()) + "<h2>Systems that were restored too</h2>" +
         table(report.at("systemsRewound").as_array(), {{"system", "system"}, {"its answers are unknown from", "since"}}) +
         database_changes(report.at("database").as_object()) + "<h2>Invariants</h2>" +
         violated(report.at("invariants").as_array()) + "<h2>Evidence</h2>" +
         table(report.at("queues").as_array(),
               {{"queue", "name"}, {"records", "records"}, {"file", "file"}, {"SHA-256", "sha256"}}) +
         "<h2>No evidence</h2>" +
         table(report.at("window").at("evidenceGaps").as_array(),
               {{"store", "store"}, {"from", "from"}, {"to", "to"}, {"why", "why"}}) +
         "<h2>For people</h2>" +
         table(report.at("work").as_array(),
               {{"class", "class"}, {"subject", "subject"}, {"why", "why"}, {"proposed", "proposed"}, {"decision", "decision"}}) +
         "<h2>What this cannot prove</h2>" + cannot + "</ul></body></html>\n";
}

}  // namespace backstitch::recovery
