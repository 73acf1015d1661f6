// recover prepare|start|resume|undo|status|report: they stop the platform themselves, so they need it neither up nor down.
#include <boost/json.hpp>
#include <cstdlib>

#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "cli/evidence_left.h"
#include "cli/output.h"
#include "cli/recovery_of.h"
#include "cli/verbs/up_down.h"
#include "cli/verbs/verbs.h"
#include "recovery/capture/time_left.h"
#include "recovery/prepared/prepared.h"
#include "recovery/report/report.h"
#include "recovery/saga/saga.h"

namespace backstitch::cli {
namespace {

using recovery::Journal;
using recovery::Plan;

/// Starts the platform again with the ports that it had.
Result<Answer> bring_up(const Invocation& invocation, RecoveryHost& host, const Journal& journal) {
  for (const auto& [name, value] : host.ports(journal)) ::setenv(name.c_str(), value.c_str(), 1);
  Invocation same = invocation;
  same.options["--config"] = {host.config().data + "/run/effective.yaml"};
  host.release();
  // Killed before it was stopped, or somebody was quicker.
  if (const auto running = read_pid_file(host.config().data + "/run/serve.pid"); running && alive(*running)) return Answer{};
  return up(same);
}

Answer report_answer(const std::string& report, const std::string& text, bool closed) {
  return Answer{.schema = "recovery.report/1", .data = report, .text = text, .exit_status = closed ? 0 : 1};
}

Result<Answer> report_of(RecoveryHost& host, const Plan& plan, const Journal& journal) {
  const auto report = recovery::make_report(host.safe(), plan, journal);
  if (!report) return fail(report.error());
  Answer answer = report_answer(recovery::report_json(*report), recovery::report_text(*report), recovery::report_closed(*report));
  for (const Error& fault : recovery::report_faults(*report)) answer.notices.push_back(fault.text());
  return answer;
}

Result<Answer> run(const Invocation& invocation, bool fresh) {
  auto host = open_recovery_host(invocation);
  if (!host) return fail(std::move(host.error()));
  if (!invocation.dry_run) BS_TRY((*host)->claim());
  auto plan = recovery_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  if (invocation.has("--cause")) plan->cause = invocation.option("--cause");
  auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(std::move(journal.error()));
  if (!fresh && journal->steps().empty()) return fail(Code::step_out_of_order, "{} has not begun: recover start", plan->id);
  if (invocation.dry_run) {
    std::string steps;
    for (const auto& step : recovery::saga_steps())
      if (!journal->is_done(step.name)) steps += fmt::format("  would run {}\n", step.name);
    return Answer{.schema = "dry-run/1", .text = plan->id + "\n" + steps};
  }
  BS_TRY(confirm(invocation, fmt::format("the platform is stopped and goes back to {}.", rfc3339(plan->time))));
  if (!plan->cause.empty()) BS_TRY(recovery::keep_plan((*host)->safe(), *plan));
  recovery::World& world = (*host)->world(*plan);
  if (fresh && invocation.has("--prepare") && journal->steps().empty()) BS_TRY(recovery::prepare_copy(world, *journal));
  if (journal->steps().empty()) {
    (*host)->write_back();
    recovery::read_ahead(world);
  }
  const std::int64_t outage_from_ms = monotonic_ms();
  BS_TRY(recovery::run_saga(world, *journal, invocation.option("--until", "resume")));
  if (!journal->is_done("resume")) return report_of(**host, *plan, *journal);
  if ((*host)->platform_ran(*journal) && !invocation.has("--no-up")) {
    const auto started = bring_up(invocation, **host, *journal);
    if (!started) return fail(started.error());
    BS_TRY(journal->note("outageMs", monotonic_ms() - outage_from_ms));
  }
  return report_of(**host, *plan, *journal);
}

Result<Answer> start(const Invocation& invocation) { return run(invocation, true); }
Result<Answer> resume(const Invocation& invocation) { return run(invocation, false); }

Result<Answer> prepare(const Invocation& invocation) {
  auto host = open_recovery_host(invocation);
  if (!host) return fail(std::move(host.error()));
  if (!invocation.dry_run) BS_TRY((*host)->claim());
  auto plan = recovery_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(std::move(journal.error()));
  if (invocation.dry_run) return Answer{.schema = "dry-run/1", .text = "would restore and fold beside the running platform\n"};
  BS_TRY(recovery::prepare_copy((*host)->world(*plan), *journal));
  return Answer{.schema = "recover.prepare/1", .data = journal->json(), .text = plan->id + " is prepared\n"};
}

Result<Answer> undo(const Invocation& invocation) {
  auto host = open_recovery_host(invocation);
  if (!host) return fail(std::move(host.error()));
  if (!invocation.dry_run) BS_TRY((*host)->claim());
  auto plan = recovery_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(std::move(journal.error()));
  if (invocation.dry_run)
    return Answer{.schema = "dry-run/1", .text = "would remove the copy and open the next epoch on the old database\n"};
  BS_TRY(confirm(invocation, fmt::format("{} is given up; the old database goes on.", plan->id)));
  BS_TRY((*host)->undo(*plan, *journal));
  if ((*host)->platform_ran(*journal) && !invocation.has("--no-up"))
    if (const auto started = bring_up(invocation, **host, *journal); !started) return fail(started.error());
  return Answer{.schema = "recover.undo/1", .data = journal->json(), .text = plan->id + " is undone\n"};
}

Result<Answer> status(const Invocation& invocation) {
  auto host = open_recovery_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto plan = recovery_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  const auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(journal.error());
  auto evidence = recovery::time_left_noted(*journal);
  if (!evidence) evidence = evidence_left(invocation, **host, plan->time);
  std::string text = fmt::format("{}: {}\n", plan->id, plan->asked);
  for (const auto& step : recovery::saga_steps()) {
    const auto record = journal->step(step.name);
    text += fmt::format("  {:<10} {:<6} {:>6} ms  starts {}\n", step.name, to_text(record.state), record.ms, record.starts);
  }
  text += recovery::rewound_text(*plan);
  if (!evidence->empty()) text += "evidence of the window\n" + recovery::time_left_text(*evidence);
  boost::json::object document = journal->object();
  document["evidence"] = std::move(*evidence), document["systemsRewound"] = recovery::rewound_json(*plan);
  return Answer{.schema = "recover.status/1", .data = write_json(document), .text = text};
}

Result<Answer> report(const Invocation& invocation) {
  auto host = open_recovery_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto plan = recovery_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  const auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(journal.error());
  if (invocation.has("--html")) {
    const auto made = recovery::make_report((*host)->safe(), *plan, *journal);
    if (!made) return fail(made.error());
    BS_TRY(write_file_durably(invocation.option("--html"), recovery::report_html(*made)));
  }
  return report_of(**host, *plan, *journal);
}

}  // namespace

std::vector<Verb> recover_verbs() {
  const Argument named{"RECOVERY", "as recover plan printed it; the newest when not given", Argument::Count::optional};
  const Option no_up{"--no-up", "", "leave the platform down"}, cause{"--cause", "TEXT", "how the cause was removed"};
  return {
      {"recover",
       "prepare",
       "restore and fold beside the running platform",
       {named},
       {},
       {"recover prepare", "recover prepare rec-20261127T031500Z", "recover prepare --dry-run"},
       prepare},
      {"recover",
       "start",
       "go back",
       {named},
       {cause,
        no_up,
        {"--prepare", "", "first restore and fold beside the running platform"},
        {"--until", "STEP", "stop behind this step"}},
       {"recover start --cause \"job 4711 is removed\" --yes", "recover start rec-20261127T031500Z --prepare --yes",
        "recover start --dry-run"},
       start},
      {"recover",
       "resume",
       "go on with a recovery that stopped",
       {named},
       {cause, no_up, {"--until", "STEP", "stop behind this step"}},
       {"recover resume --yes", "recover resume rec-20261127T031500Z --yes", "recover resume --dry-run"},
       resume},
      {"recover",
       "undo",
       "point back to the old database",
       {named},
       {no_up},
       {"recover undo --yes", "recover undo rec-20261127T031500Z --yes", "recover undo --dry-run"},
       undo},
      {"recover",
       "status",
       "how far a recovery is",
       {named},
       {},
       {"recover status", "recover status rec-20261127T031500Z", "recover status --json"},
       status},
      {"recover",
       "report",
       "what a recovery did, and what it proves",
       {named},
       {{"--html", "FILE", "also as a page of its own"}},
       {"recover report", "recover report rec-20261127T031500Z --json", "recover report --html report.html"},
       report},
  };
}

}  // namespace backstitch::cli
