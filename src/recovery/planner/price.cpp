#include "recovery/planner/price.h"

#include <boost/json.hpp>
#include <set>

#include "base/json.h"
#include "recovery/capture/time_left.h"
#include "recovery/saga/journal.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr double assumed_inputs_per_s = 20'000, assumed_bytes_per_s = 200e6;
constexpr std::int64_t switch_ms = 2'000;  // seal, stop, rename, start

struct Rates {
  double inputs_per_s = assumed_inputs_per_s, bytes_per_s = assumed_bytes_per_s;
  std::string source = "assumed";
};

/// Of the newest recovery that has replayed enough to say something.
Result<Rates> measured_rates(safe::Safe& safe) {
  Rates rates;
  const auto ids = recoveries(safe);
  if (!ids) return fail(ids.error());
  for (const std::string& id : *ids) {
    const auto journal = Journal::open(safe, id);
    if (!journal) return fail(journal.error());
    const json::object result = journal->step("replay").result;
    const json::value *inputs = result.if_contains("inputs"), *ms = result.if_contains("ms");
    if (!inputs || !ms || inputs->to_number<double>() < 1000 || ms->to_number<double>() <= 0) continue;
    rates.inputs_per_s = inputs->to_number<double>() * 1000 / ms->to_number<double>();
    rates.source = "measured by " + id;
  }
  return rates;
}

/// Records of a log that lie behind T, and whose they are.
Status count_behind(const PlanSources& sources, const char* topic, Time since, std::uint64_t& records,
                    std::set<std::string>& accounts) {
  for (Partition partition = 0; partition < sources.partitions; ++partition)
    BS_TRY(sources.safe.read_archive(topic, partition, 1, [&](const queue::Record& record) {
      if (record.appended <= since) return true;
      ++records;
      if (record.key != "*") accounts.insert(record.key);
      return true;
    }));
  return {};
}

}  // namespace

Status price(Planned& planned, const PlanSources& sources) {
  std::set<std::string> accounts;
  for (const char* topic : {"incoming", "completer"})
    BS_TRY(count_behind(sources, topic, planned.plan.time, planned.inputs, accounts));
  planned.accounts = static_cast<std::int64_t>(accounts.size());
  planned.window_ms = (sources.now.us - planned.plan.time.us) / 1000;
  const auto rates = measured_rates(sources.safe);
  if (!rates) return fail(rates.error());
  const double copy_s = static_cast<double>(planned.backup_bytes) / rates->bytes_per_s,
               replay_s = static_cast<double>(planned.inputs) / rates->inputs_per_s;
  planned.switch_ms = static_cast<std::int64_t>((copy_s + replay_s) * 1000) + switch_ms;
  planned.outage_ms = switch_ms;  // of a copy that was prepared while the platform ran
  planned.rate_source = rates->source;
  return {};
}

json::array foreign_json(const std::vector<database::ForeignCommit>& commits) {
  json::array foreign;
  for (const database::ForeignCommit& commit : commits) {
    json::object rows;
    for (const auto& [what, count] : commit.rows) rows[what] = count;
    foreign.push_back(json::object{{"lsn", commit.commit.lsn.text()},
                                   {"time", rfc3339(commit.commit.at)},
                                   {"xid", commit.commit.xid},
                                   {"role", commit.role},
                                   {"statement", commit.statement},
                                   {"rows", std::move(rows)}});
  }
  return foreign;
}

std::string foreign_text(const std::vector<database::ForeignCommit>& commits) {
  std::string text;
  for (const database::ForeignCommit& commit : commits) {
    std::string rows;
    for (const auto& [what, count] : commit.rows) rows += fmt::format("{}{} {}", rows.empty() ? "" : ", ", what, count);
    text += fmt::format("  foreign     {} {} by {}: {}{}\n", rfc3339(commit.commit.at), commit.commit.lsn.text(),
                        commit.role.empty() ? "a role the log does not name" : commit.role, rows,
                        commit.statement.empty() ? "" : "\n              " + commit.statement);
  }
  return text;
}

std::string planned_json(const Planned& planned) {
  const auto plan = parse_json(plan_json(planned.plan));
  return write_json(json::object{{"plan", plan ? *plan : json::value(nullptr)},
                                 {"foreignCommits", foreign_json(planned.foreign)},
                                 {"foreignUnread", planned.foreign_unread},
                                 {"range", planned.range.text()},
                                 {"windowMs", planned.window_ms},
                                 {"inputs", planned.inputs},
                                 {"accounts", planned.accounts},
                                 {"backupBytes", planned.backup_bytes},
                                 {"switchMs", planned.switch_ms},
                                 {"outageMs", planned.outage_ms},
                                 {"evidence", planned.evidence},
                                 {"rates", planned.rate_source}});
}

std::string planned_text(const Planned& planned) {
  const Plan& plan = planned.plan;
  std::string text = fmt::format(
      "{}\n  restorable  {}\n  go back to  {} ({}{}), from backup {}\n  window      {}: {} inputs of {} accounts\n"
      "  switch      about {} in all, of which {} outage when prepared beside the live system; rates {}\n",
      plan.id, planned.range.text(), rfc3339(plan.time),
      plan.until.is_set()    ? "the last commit by then"
      : plan.before.is_set() ? "before "
                             : "the end of the archive",
      plan.before.is_set() ? plan.before.text() : "", plan.backup, duration_text(planned.window_ms), planned.inputs,
      planned.accounts, duration_text(planned.switch_ms), duration_text(planned.outage_ms), planned.rate_source);
  text += foreign_text(planned.foreign);
  if (!planned.foreign_unread.empty()) text += fmt::format("  foreign     not known: {}\n", planned.foreign_unread);
  for (const Exclusion& exclusion : plan.exclusions)
    text += fmt::format("  left out    {} {} {} {}\n", exclusion.partition, exclusion.offset, exclusion.digest, exclusion.why);
  text += rewound_text(plan);
  text += "  evidence of the window\n" + time_left_text(planned.evidence);
  for (const std::string& role : plan.locked_roles) text += fmt::format("  locked out  {}\n", role);
  return text + (plan.cause.empty() ? fmt::format("next: recover start {} --cause \"how the cause was removed\" --yes\n", plan.id)
                                    : fmt::format("next: recover start {} --yes\n", plan.id));
}

}  // namespace backstitch::recovery
