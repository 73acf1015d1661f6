#include "recovery/report/report.h"

#include <algorithm>

#include "base/json.h"
#include "recovery/reconcile/work.h"
#include "recovery/report/store_lines.h"
#include "recovery/saga/saga.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

json::array steps_of(const Journal& journal) {
  json::array out;
  for (const Step& step : saga_steps()) {
    const StepRecord record = journal.step(step.name);
    out.push_back(json::object{{"step", step.name},
                               {"state", to_text(record.state)},
                               {"ms", record.ms},
                               {"starts", record.starts},
                               {"begunAt", record.begun_at.is_set() ? rfc3339(record.begun_at) : ""},
                               {"digestBefore", record.digest_before},
                               {"digestAfter", record.digest_after}});
  }
  return out;
}

/// Acknowledged inputs that are found nowhere, orders or others; not known before verify. An order is an input too.
json::value lost_of(const json::object& verified) {
  const json::value* sums = verified.if_contains("conservation");
  if (!sums) return nullptr;
  std::int64_t lost = 0;
  for (const json::value& sum : sums->as_array())
    if (sum.at("of").as_string() != "effects") lost = std::max(lost, sum.at("difference").to_number<std::int64_t>());
  return lost;
}

json::object times_of(const Journal& journal) {
  const Time begun = journal.step("freeze").begun_at, ended = journal.step("resume").ended_at;
  const json::value outage = member(journal.notes(), "outageMs", 0);
  return {{"outageMs", outage},
          {"rtoMs", ended.is_set() ? (ended.us - begun.us) / 1000 : 0},
          {"rpoAcknowledged", lost_of(journal.step("verify").result)},
          {"steps", steps_of(journal)}};
}

/// Effects by what became of them; zeros while nothing is reconciled.
json::object effects_of(const json::object& reconciled) {
  json::object out;
  for (const char* name : {"adopted", "amended", "compensated", "asked", "resent", "run", "fatallyFailed", "open"})
    out[name] = member(reconciled, name, 0);
  out["rows"] = member(reconciled, "rows", json::array());
  return out;
}

Result<json::array> work_of(safe::Safe& safe, const std::string& id, json::object& orders, json::object& assets) {
  const auto rows = load_work(safe, id);
  if (!rows) return fail(rows.error());
  json::array out;
  for (const WorkRow& row : *rows) {
    out.push_back(json::object{{"id", row.id},
                               {"class", row.kind},
                               {"subject", row.subject},
                               {"why", row.evidence},
                               {"proposed", row.proposal},
                               {"decision", row.decision}});
    json::object* counts = row.kind.starts_with("L") ? &orders : row.kind.starts_with("K") ? &assets : nullptr;
    if (counts) (*counts)[row.kind] = member(*counts, row.kind.c_str(), 0).to_number<std::int64_t>() + 1;
  }
  return out;
}

}  // namespace

Result<Report> make_report(safe::Safe& safe, const Plan& plan, const Journal& journal) {
  const json::object sealed = journal.step("seal").result, captured = journal.step("capture").result,
                     rewound = journal.step("rewind").result, replayed = journal.step("replay").result,
                     reconciled = journal.step("reconcile").result, verified = journal.step("verify").result;
  json::object orders, assets;
  if (const json::value* classes = verified.if_contains("orders")) orders = classes->as_object();
  if (const json::value* classes = verified.if_contains("assets")) assets = classes->as_object();
  json::object none;
  auto work = work_of(safe, plan.id, orders.empty() ? orders : none, assets.empty() ? assets : none);
  if (!work) return fail(std::move(work.error()));
  const json::value cut = member(captured, "cut");
  const std::int64_t cut_us = cut.is_object() ? cut.at("timeUs").to_number<std::int64_t>() : 0;
  Report report{{"schema", "recovery.report/1"},
                {"recoveryId", plan.id},
                {"policy", to_text(plan.policy)},
                {"closed", member(verified, "closed", false)},
                {"epoch", json::object{{"from", member(sealed, "from", 0)}, {"to", member(sealed, "to", 0)}}},
                {"target", json::object{{"asked", plan.asked},
                                        {"lsn", plan.before.is_set() ? plan.before.text() : ""},
                                        {"commitTime", plan.time.is_set() ? rfc3339(plan.time) : ""}}},
                {"cut", cut},
                {"cause", plan.cause}};
  report["window"] = json::object{{"ms", cut_us > plan.time.us ? (cut_us - plan.time.us) / 1000 : 0},
                                  {"inputs", inputs_of(journal)},
                                  {"held", member(verified, "window", json::object())},
                                  {"evidenceGaps", member(verified, "gaps", member(captured, "gaps", json::array()))}};
  report["times"] = times_of(journal);
  report["stores"] = stores_of(journal, *work);
  report["queues"] = member(captured, "queues", json::array());
  report["accounts"] = member(replayed, "accounts", json::object());
  report["effects"] = effects_of(reconciled);
  report["orders"] = std::move(orders), report["assets"] = std::move(assets);
  report["conservation"] = member(verified, "conservation", json::array());
  report["invariants"] = member(verified, "invariants", json::array());
  report["work"] = std::move(*work);
  report["exclusions"] = plan.exclusions.size();
  report["systemsRewound"] = rewound_json(plan);
  report["database"] =
      json::object{{"copy", member(rewound, "folder", "")}, {"changes", member(rewound, "changes", json::array())}};
  report["undone"] = journal.notes().contains("undone");
  report["cannotProve"] = json::array{"the right content of an order that was kept wrongly", "what left no trace before the seal",
                                      "a system that lies", "that the excluded inputs were the right ones"};
  return report;
}

bool report_closed(const Report& report) {
  if (report.at("undone").as_bool()) return true;  // nothing was changed, so nothing is to be proven
  const json::value* closed = report.if_contains("closed");
  const json::value* gaps = report.at("window").as_object().if_contains("evidenceGaps");
  return closed && closed->is_bool() && closed->get_bool() && (!gaps || gaps->as_array().empty());
}

std::string report_json(const Report& report) { return write_json(report); }

}  // namespace backstitch::recovery
