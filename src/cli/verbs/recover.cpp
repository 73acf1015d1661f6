// recover plan|prepare|start|resume|undo|status|report|work: they stop the platform themselves, so they need it neither up nor
// down.
#include <boost/json.hpp>
#include <cstdlib>

#include "api/recovery_host.h"
#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "cli/await_archive.h"
#include "cli/input.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/verbs/up_down.h"
#include "cli/verbs/verbs.h"
#include "recovery/planner/make_plan.h"
#include "recovery/planner/resolve.h"
#include "recovery/report/report.h"
#include "recovery/saga/saga.h"
#include "stores/database/private/server.h"

namespace backstitch::cli {
namespace {

using recovery::Journal;
using recovery::Plan;

Result<std::unique_ptr<RecoveryHost>> open_host(const Invocation& invocation) {
  auto config = config_of(invocation);
  if (!config) return fail(std::move(config.error()));
  // What the platform ran with counts, not what a file says now.
  const std::string effective = config->data + "/run/effective.yaml";
  if (file_exists(effective)) {
    auto ran = load_config(effective);
    if (!ran) return fail(std::move(ran.error()));
    ran->data = config->data;
    *config = std::move(*ran);
  }
  return RecoveryHost::open(std::move(*config), [&invocation](const std::string& words) { say(invocation, words); });
}

/// The recovery that was named, else the newest.
Result<Plan> plan_of(RecoveryHost& host, const Invocation& invocation) {
  if (const std::string id = invocation.argument("RECOVERY"); !id.empty()) return recovery::load_plan(host.safe(), id);
  const auto ids = recovery::recoveries(host.safe());
  if (!ids) return fail(ids.error());
  if (ids->empty()) return fail(Code::recovery_not_found, "no recovery was ever planned here");
  return recovery::load_plan(host.safe(), ids->back());
}

Result<std::vector<recovery::Exclusion>> exclusions_of(const Invocation& invocation) {
  if (!invocation.has("--exclude")) return std::vector<recovery::Exclusion>();
  const auto content = read_input(invocation.option("--exclude"));
  if (!content) return fail(content.error());
  return recovery::exclusions_from_json(*content);
}

Result<Time> time_option(const Invocation& invocation, const char* name) {
  if (!invocation.has(name)) return Time();
  return parse_rfc3339(invocation.option(name));
}

Result<Answer> exclusions(const Invocation& invocation) {
  auto host = open_host(invocation);
  if (!host) return fail(std::move(host.error()));
  const auto since = time_option(invocation, "--since"), until = time_option(invocation, "--until");
  if (!since) return fail(since.error());
  if (!until) return fail(until.error());
  const recovery::InputPredicate predicate{.kind = invocation.option("--kind"),
                                           .source = invocation.option("--source"),
                                           .order = invocation.option("--order"),
                                           .account = invocation.option("--account"),
                                           .actor = invocation.option("--by"),
                                           .catalog = invocation.option("--catalog"),
                                           .since = *since,
                                           .until = *until};
  BS_TRY(await_archive(invocation, (*host)->safe()));
  const auto list =
      recovery::resolve_exclusions(predicate, invocation.option("--why"), (*host)->safe(), (*host)->config().partitions);
  if (!list) return fail(list.error());
  const std::string document = recovery::exclusions_json(*list);
  return Answer{
      .schema = "recover.exclusions/1", .data = document, .text = document + "\n", .exit_status = list->empty() ? 1 : 0};
}

Result<Answer> plan(const Invocation& invocation) {
  auto host = open_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto exclusions = exclusions_of(invocation);
  if (!exclusions) return fail(std::move(exclusions.error()));
  const auto policy = recovery::policy_from(invocation.option("--policy", "settle"));
  if (!policy) return fail(policy.error());
  recovery::PlanRequest request{.target = invocation.option("--to"),
                                .exclusions = std::move(*exclusions),
                                .policy = *policy,
                                .cause = invocation.option("--cause"),
                                .actor = invocation.actor,
                                .tainted_catalogs = {}};
  if (invocation.has("--taint")) request.tainted_catalogs = invocation.options.at("--taint");
  const Config& config = (*host)->config();
  const auto cluster = database::PrivateCluster::open({.data_folder = config.data, .safe_folder = config.safe()});
  if (!cluster) return fail(cluster.error());
  say(invocation, "reading the archived WAL");
  const auto planned = recovery::make_plan(
      request, {*cluster, (*host)->safe(), config.partitions, database::takes_connections(cluster->connection()), wall_clock()});
  if (!planned) return fail(planned.error());
  return Answer{.schema = "recover.plan/1", .data = recovery::planned_json(*planned), .text = recovery::planned_text(*planned)};
}

/// Starts the platform again with the ports that it had.
Result<Answer> bring_up(const Invocation& invocation, RecoveryHost& host) {
  for (const auto& [name, value] : host.ports()) ::setenv(name.c_str(), value.c_str(), 1);
  Invocation same = invocation;
  same.options["--config"] = {host.config().data + "/run/effective.yaml"};
  host.release();
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
  auto host = open_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto plan = plan_of(**host, invocation);
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
  const std::int64_t outage_from_ms = monotonic_ms();
  BS_TRY(recovery::run_saga(world, *journal, invocation.option("--until", "resume")));
  if (!journal->is_done("resume")) return report_of(**host, *plan, *journal);
  if ((*host)->platform_ran(*journal) && !invocation.has("--no-up")) {
    const auto started = bring_up(invocation, **host);
    if (!started) return fail(started.error());
    BS_TRY(journal->note("outageMs", monotonic_ms() - outage_from_ms));
  }
  return report_of(**host, *plan, *journal);
}

Result<Answer> start(const Invocation& invocation) { return run(invocation, true); }
Result<Answer> resume(const Invocation& invocation) { return run(invocation, false); }

Result<Answer> prepare(const Invocation& invocation) {
  auto host = open_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto plan = plan_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(std::move(journal.error()));
  if (invocation.dry_run) return Answer{.schema = "dry-run/1", .text = "would restore and fold beside the running platform\n"};
  BS_TRY(recovery::prepare_copy((*host)->world(*plan), *journal));
  return Answer{.schema = "recover.prepare/1", .data = journal->json(), .text = plan->id + " is prepared\n"};
}

Result<Answer> undo(const Invocation& invocation) {
  auto host = open_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto plan = plan_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(std::move(journal.error()));
  if (invocation.dry_run)
    return Answer{.schema = "dry-run/1", .text = "would remove the copy and open the next epoch on the old database\n"};
  BS_TRY(confirm(invocation, fmt::format("{} is given up; the old database goes on.", plan->id)));
  BS_TRY((*host)->undo(*plan, *journal));
  if ((*host)->platform_ran(*journal) && !invocation.has("--no-up"))
    if (const auto started = bring_up(invocation, **host); !started) return fail(started.error());
  return Answer{.schema = "recover.undo/1", .data = journal->json(), .text = plan->id + " is undone\n"};
}

Result<Answer> status(const Invocation& invocation) {
  auto host = open_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto plan = plan_of(**host, invocation);
  if (!plan) return fail(std::move(plan.error()));
  const auto journal = Journal::open((*host)->safe(), plan->id);
  if (!journal) return fail(journal.error());
  std::string text = fmt::format("{}: {}\n", plan->id, plan->asked);
  for (const auto& step : recovery::saga_steps()) {
    const auto record = journal->step(step.name);
    text += fmt::format("  {:<10} {:<6} {:>6} ms  starts {}\n", step.name, to_text(record.state), record.ms, record.starts);
  }
  return Answer{.schema = "recover.status/1", .data = journal->json(), .text = text};
}

Result<Answer> report(const Invocation& invocation) {
  auto host = open_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto plan = plan_of(**host, invocation);
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
       "plan",
       "where to go back to, who wrote past the engine, and what it costs",
       {},
       {{"--to", "TIME|AGO|LSN", "else before the first foreign commit or excluded input"},
        {"--exclude", "FILE", "inputs to leave out: [{\"partition\",\"offset\",\"digest\",\"why\"}]"},
        {"--taint", "DIGEST", "a catalog version that is not loaded again", false, true},
        {"--policy", "POLICY", "settle (default) or fatally-fail"},
        cause},
       {"recover plan", "recover plan --to 2026-11-23T05:21:00Z --json", "recover plan --to 20m --policy fatally-fail"},
       plan},
      {"recover",
       "exclusions",
       "which inputs a predicate means: a list to review, for recover plan --exclude",
       {},
       {{"--kind", "KIND", "submit, catalog-activate, item-command …"},
        {"--source", "SOURCE", "of submits"},
        {"--order", "ID", "source order id of submits; ID* for all that begin so"},
        {"--account", "ACCOUNT", "whose inputs"},
        {"--by", "ACTOR", "who gave them"},
        {"--catalog", "DIGEST", "of activations"},
        {"--since", "TIME", "received at or after"},
        {"--until", "TIME", "received before"},
        {"--why", "TEXT", "told to who submitted them", true}},
       {"recover exclusions --order \"POISON-*\" --why \"nobody placed it\"",
        "recover exclusions --kind catalog-activate --catalog 3f2a --why mistake --json",
        "recover exclusions --source partner --since 2026-11-23T05:21:00Z --why fraud"},
       exclusions},
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
