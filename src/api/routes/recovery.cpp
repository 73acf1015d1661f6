// Recoveries over HTTP: plans, how far one is, its report, and what people decide. Going back itself is a process of its own,
// since it stops this one.
#include <boost/json.hpp>

#include "api/open_backups.h"
#include "api/open_stores.h"
#include "api/recovery_host.h"
#include "api/routes/routes.h"
#include "base/json.h"
#include "base/process.h"
#include "recovery/capture/time_left.h"
#include "recovery/planner/make_plan.h"
#include "recovery/reconcile/carry_out.h"
#include "recovery/report/report.h"
#include "recovery/window/window_answer.h"

namespace backstitch {
namespace json = boost::json;
namespace {

using recovery::Journal;

/// "systemsRewound": [{"system":"keyed","since":"20m"}].
Result<std::vector<recovery::SaidRewound>> rewound_of(const json::object& body) {
  std::vector<recovery::SaidRewound> said;
  const json::value* list = body.if_contains("systemsRewound");
  if (!list) return said;
  if (!list->is_array()) return fail(Code::json_invalid, "systemsRewound is a list of {{\"system\",\"since\"}}");
  for (const json::value& one : list->get_array()) {
    if (!one.is_object()) return fail(Code::json_invalid, "systemsRewound is a list of {{\"system\",\"since\"}}");
    said.push_back({body_text(one.get_object(), "system"), body_text(one.get_object(), "since")});
  }
  return said;
}

HttpResponse plan(Platform& platform, const RouteCall& call) {
  if (const Status may = need_recovery(platform.config(), "a recovery"); !may) return problem_response(may.error());
  const auto backups = open_backups(platform.config(), platform.safe(), "a recovery");
  if (!backups) return problem_response(backups.error());
  const auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  recovery::PlanRequest request{.target = body_text(*body, "to"),
                                .exclusions = {},
                                .cause = body_text(*body, "cause"),
                                .actor = actor_of(call, *body),
                                .tainted_catalogs = {},
                                .rewound = {}};
  const std::string policy = body_text(*body, "policy");
  const auto chosen = recovery::policy_from(policy.empty() ? "settle" : policy);
  if (!chosen) return problem_response(chosen.error());
  request.policy = *chosen;
  auto rewound = rewound_of(*body);
  if (!rewound) return problem_response(rewound.error());
  request.rewound = std::move(*rewound);
  if (const json::value* list = body->if_contains("exclusions")) {
    auto exclusions = recovery::exclusions_from_json(write_json(*list));
    if (!exclusions) return problem_response(exclusions.error());
    request.exclusions = std::move(*exclusions);
  }
  const bool external = platform.config().external_database();
  const database::ClusterFolders none;
  const auto planned =
      recovery::make_plan(request, {external ? none : platform.cluster().folders(), platform.safe(), platform.config().partitions,
                                    true, false, wall_clock(), &platform.queue(), external ? backups->get() : nullptr});
  return planned ? json_response(201, recovery::planned_json(*planned)) : problem_response(planned.error());
}

/// A process that outlives this one, which it will stop.
HttpResponse start(Platform& platform, const RouteCall& call) {
  if (const Status may = need_recovery(platform.config(), "a recovery"); !may) return problem_response(may.error());
  const auto backups = open_backups(platform.config(), platform.safe(), "a recovery");
  if (!backups) return problem_response(backups.error());
  const auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  auto planned = recovery::load_plan(platform.safe(), body_text(*body, "id"));
  if (!planned) return problem_response(planned.error());
  if (const std::string cause = body_text(*body, "cause"); !cause.empty()) {
    planned->cause = cause;
    if (const Status kept = recovery::keep_plan(platform.safe(), *planned); !kept) return problem_response(kept.error());
  }
  if (planned->cause.empty()) return problem_response({Code::cause_missing, planned->id, {}});
  if (const auto free = FolderLock::take(RecoveryHost::claim_file(platform.config().data)); !free)
    return problem_response({Code::recovery_busy, free.error().detail, {}});
  Command command;
  command.argv = {"setsid",    own_executable(), "--data", platform.config().data, "recover", "start",
                  planned->id, "--prepare",      "--yes"};
  command.stdout_path = platform.config().data + "/log/recover.log";
  const auto child = backstitch::start(command);
  if (!child) return problem_response(child.error());
  return json_response(202, write_json(json::object{{"id", planned->id}, {"pid", child->id.pid}}));
}

struct Named {
  recovery::Plan plan;
  Journal journal;
};
Result<Named> named(Platform& platform, std::string_view id) {
  auto found = recovery::load_plan(platform.safe(), std::string(id));
  if (!found) return fail(std::move(found.error()));
  auto journal = Journal::open(platform.safe(), found->id);
  if (!journal) return fail(std::move(journal.error()));
  return Named{std::move(*found), std::move(*journal)};
}

json::array evidence_since(Platform& platform, Time since) {
  const database::ClusterFolders none;  // no base backup and no WAL of ours
  const auto& folders = platform.config().external_database() ? none : platform.cluster().folders();
  const auto backups = open_backups(platform.config(), platform.safe(), "a recovery");
  return recovery::time_left({.since = since,
                              .now = wall_clock(),
                              .held_since = {},
                              .queue = &platform.queue(),
                              .safe = platform.safe(),
                              .folders = folders,
                              .provider = backups ? backups->get() : nullptr});
}

HttpResponse evidence(Platform& platform, const RouteCall& call) {
  const std::string_view text = call.http.query_value("since");
  const auto since = text.empty() ? Result<Time>(Time()) : parse_rfc3339(text);
  if (!since) return problem_response(since.error());
  return json_response(200, write_json(json::object{{"items", evidence_since(platform, *since)}, {"next", nullptr}}));
}

/// Also for whoever has put the database back himself.
HttpResponse window(Platform& platform, const RouteCall& call) {
  const auto asked = recovery::window_asked(call.http.query_value("from"), call.http.query_value("to"),
                                            call.http.query_value("open") == "true", wall_clock());
  if (!asked) return problem_response(asked.error());
  const auto crm = open_crm(platform.config());
  if (!crm) return problem_response(crm.error());
  const auto answer = recovery::answer_window(*asked, {platform.queue(), platform.safe(), platform.database(), crm->get()});
  if (!answer) return problem_response(answer.error());
  return json_response(200, write_json(*answer));
}

HttpResponse current(Platform& platform) {
  const auto ids = recovery::recoveries(platform.safe());
  if (!ids) return problem_response(ids.error());
  if (ids->empty()) return problem_response({Code::recovery_not_found, "none was ever planned", {}});
  const auto found = named(platform, ids->back());
  if (!found) return problem_response(found.error());
  json::object document = found->journal.object();
  auto noted = recovery::time_left_noted(found->journal);
  document["systemsRewound"] = recovery::rewound_json(found->plan);
  document["evidence"] = noted ? std::move(*noted) : evidence_since(platform, found->plan.time);
  return json_response(200, write_json(document));
}

HttpResponse report(Platform& platform, const RouteCall& call) {
  const auto found = named(platform, call["id"]);
  if (!found) return problem_response(found.error());
  const auto made = recovery::make_report(platform.safe(), found->plan, found->journal);
  return made ? json_response(200, recovery::report_json(*made)) : problem_response(made.error());
}

HttpResponse work(Platform& platform, const RouteCall& call) {
  const auto rows = recovery::load_work(platform.safe(), std::string(call["id"]));
  if (!rows) return problem_response(rows.error());
  return json_response(200, "{\"items\":" + recovery::work_json(*rows) + ",\"next\":null}");
}

HttpResponse decide(Platform& platform, const RouteCall& call) {
  const auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const Status decided =
      recovery::decide_work(platform.safe(), body_text(*body, "recovery"), std::string(call["id"]), body_text(*body, "decision"),
                            body_text(*body, "note"), actor_of(call, *body), wall_clock());
  return decided ? json_response(200, "{}") : problem_response(decided.error());
}

queue::Append settlement(const recovery::Decision& decision, const std::string& recovery_id) {
  queue::Append append;
  append.topic = "incoming", append.partition = decision.partition, append.key = decision.account;
  append.schema = "incoming.settlement/1", append.value = decision.value;
  append.headers = fmt::format("{{\"bs-actor\":\"recovery {}\"}}", recovery_id);
  return append;
}

/// What people have decided is done: systems take back, items take over, each row once.
HttpResponse carry_out(Platform& platform, const RouteCall& call) {
  const std::string id(call["id"]);
  const auto systems = systems::open_http_systems();
  const auto carried =
      recovery::carry_out({.recovery_id = id, .bases = platform.config().systems, .now = {}}, platform.safe(),
                          platform.catalog_library(), systems.get(), [&](const recovery::Decision& decision) -> Status {
                            const auto appended = platform.queue().append({settlement(decision, id)});
                            return appended ? Status() : fail(appended.error());
                          });
  if (!carried) return problem_response(carried.error());
  json::array failures;
  for (const auto& failure : carried->failures)
    failures.push_back(json::object{{"row", failure.row}, {"error", failure.error.text()}});
  return json_response(200, write_json(json::object{{"cancelled", carried->cancelled},
                                                    {"settled", carried->settled},
                                                    {"closed", carried->closed},
                                                    {"failures", std::move(failures)}}));
}

}  // namespace

void add_recovery_routes(Router& router, Platform& platform) {
  router.add("POST", "/api/v1/recovery/plans", {"recovery", "plan"},
             "Where to go back to, who wrote past the engine, what it costs",
             [&platform](const RouteCall& call) { return plan(platform, call); });
  router.add("POST", "/api/v1/recoveries", {"recovery", "start"}, "Go back: a process of its own, which stops this one",
             [&platform](const RouteCall& call) { return start(platform, call); });
  router.add("GET", "/api/v1/recovery/current", {"recovery", "read"}, "How far the newest recovery is",
             [&platform](const RouteCall&) { return current(platform); });
  router.add("GET", "/api/v1/recovery/evidence", {"recovery", "read"},
             "How long each store still tells about a window, from ?since=TIME on",
             [&platform](const RouteCall& call) { return evidence(platform, call); });
  router.add("GET", "/api/v1/recovery/window", {"recovery", "read"},
             "Orders and assets of a window by class, from ?from=TIME to &to=TIME, with &open=true what is not settled",
             [&platform](const RouteCall& call) { return window(platform, call); });
  router.add("GET", "/api/v1/recoveries/{id}/report", {"recovery", "read"}, "What a recovery did and what it proves",
             [&platform](const RouteCall& call) { return report(platform, call); });
  router.add("GET", "/api/v1/recoveries/{id}/work", {"recovery", "read"}, "What no policy could decide",
             [&platform](const RouteCall& call) { return work(platform, call); });
  router.add("POST", "/api/v1/work/{id}/decision", {"recovery", "settle"},
             "A person decides one row; an empty decision takes it back",
             [&platform](const RouteCall& call) { return decide(platform, call); });
  router.add("POST", "/api/v1/recoveries/{id}/carry-out", {"recovery", "settle"}, "Do what was decided, each row once",
             [&platform](const RouteCall& call) { return carry_out(platform, call); });
}

}  // namespace backstitch
