// recover plan|exclusions: where to go back to, and which inputs are left out. Nothing is touched.
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "base/json.h"
#include "cli/await_archive.h"
#include "cli/evidence_left.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/recovery_of.h"
#include "cli/verbs/verbs.h"
#include "recovery/planner/make_plan.h"
#include "recovery/planner/resolve.h"
#include "stores/database/private/server.h"

namespace backstitch::cli {
namespace {

Result<std::vector<recovery::Exclusion>> exclusions_of(const Invocation& invocation) {
  if (!invocation.has("--exclude")) return std::vector<recovery::Exclusion>();
  const auto content = read_input(invocation.option("--exclude"));
  if (!content) return fail(content.error());
  return recovery::exclusions_from_json(*content);
}

Result<std::vector<recovery::SaidRewound>> rewound_of(const Invocation& invocation) {
  std::vector<recovery::SaidRewound> said;
  if (!invocation.has("--system-rewound")) return said;
  for (const std::string& words : invocation.options.at("--system-rewound")) {
    auto one = recovery::said_rewound(words);
    if (!one) return fail(std::move(one.error()));
    said.push_back(std::move(*one));
  }
  return said;
}

Result<Time> time_option(const Invocation& invocation, const char* name) {
  if (!invocation.has(name)) return Time();
  return parse_rfc3339(invocation.option(name));
}

Result<Answer> exclusions(const Invocation& invocation) {
  auto host = open_recovery_host(invocation);
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
  auto host = open_recovery_host(invocation);
  if (!host) return fail(std::move(host.error()));
  auto exclusions = exclusions_of(invocation);
  if (!exclusions) return fail(std::move(exclusions.error()));
  const auto policy = recovery::policy_from(invocation.option("--policy", "settle"));
  if (!policy) return fail(policy.error());
  auto rewound = rewound_of(invocation);
  if (!rewound) return fail(std::move(rewound.error()));
  recovery::PlanRequest request{.target = invocation.option("--to"),
                                .exclusions = std::move(*exclusions),
                                .policy = *policy,
                                .cause = invocation.option("--cause"),
                                .actor = invocation.actor,
                                .tainted_catalogs = {},
                                .rewound = std::move(*rewound)};
  if (invocation.has("--taint")) request.tainted_catalogs = invocation.options.at("--taint");
  const Config& config = (*host)->config();
  // With the platform down nobody may start one while its folder is read, and no other plan may serve it.
  const auto lock = FolderLock::take(config.data + "/LOCK");
  std::unique_ptr<queue::Queue> log;
  if (lock) {
    auto opened = open_queue(config, (*host)->safe());
    if (opened) log = std::move(*opened);
    if (!opened && is_not_ours(opened.error())) return fail(std::move(opened.error()));
  }
  say(invocation, config.external_database() ? "asking for the backups and their WAL" : "reading the archived WAL");
  auto planned =
      recovery::make_plan(request, {.folders = (*host)->folders(),
                                    .safe = (*host)->safe(),
                                    .partitions = config.partitions,
                                    .live = database::takes_connections(database::socket_connection((*host)->folders().sockets)),
                                    .alone = lock.has_value(),
                                    .now = wall_clock(),
                                    .queue = log.get(),
                                    .provider = config.external_database() ? &(*host)->backups() : nullptr,
                                    .say = [&](const std::string& words) { say(invocation, words); }});
  if (!planned) return fail(planned.error());
  if (!lock) planned->evidence = evidence_left(invocation, **host, planned->plan.time);
  return Answer{.schema = "recover.plan/1", .data = recovery::planned_json(*planned), .text = recovery::planned_text(*planned)};
}

}  // namespace

std::vector<Verb> recover_plan_verbs() {
  return {
      {"recover",
       "plan",
       "where to go back to, who wrote past the engine, and what it costs",
       {},
       {{"--to", "TIME|AGO|LSN|latest", "else before the first foreign commit or excluded input"},
        {"--exclude", "FILE", "inputs to leave out: [{\"partition\",\"offset\",\"digest\",\"why\"}]"},
        {"--taint", "DIGEST", "a catalog version that is not loaded again", false, true},
        {"--system-rewound", "NAME=TIME|AGO", "this external system was restored, too: what it answered since is asked again",
         false, true},
        {"--policy", "POLICY", "settle (default) or fatally-fail"},
        {"--cause", "TEXT", "how the cause was removed"}},
       {"recover plan", "recover plan --to 2026-11-23T05:21:00Z --system-rewound inventory=2026-11-23T05:00:00Z --json",
        "recover plan --to latest --cause \"the disk was lost\""},
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
  };
}

}  // namespace backstitch::cli
