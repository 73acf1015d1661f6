// recover window: orders and assets of a lost window by class, also with the platform down: PostgreSQL is started for it.
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "base/json.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/window/window_answer.h"
#include "stores/database/postgres/database.h"

namespace backstitch::cli {
namespace {

using boost::json::object;

/// Asks the database of a folder whose platform is down.
Result<object> ask_cluster(const recovery::WindowAsked& asked, const OfflineFolder& folder, queue::Queue& log, safe::Safe& safe) {
  const auto crm = open_crm(folder.config());
  if (!crm) return fail(crm.error());
  Result<object> answer;
  BS_TRY(folder.with_database([&](const std::string& connection) {
    const auto database = database::make_postgres_database({connection});
    answer = recovery::answer_window(asked, {log, safe, *database, crm->get()});
    return Status();
  }));
  return answer;
}

Result<object> window_of_folder(const Invocation& invocation, const Error& because) {
  const auto asked =
      recovery::window_asked(invocation.option("--from"), invocation.option("--to"), invocation.has("--open"), wall_clock());
  if (!asked) return fail(asked.error());
  const auto folder = OfflineFolder::open(invocation, because);  // its lock: no platform may start while we read
  if (!folder) return fail(folder.error());
  const auto safe = open_safe(folder->config());
  if (!safe) return fail(safe.error());
  const auto queue = open_queue(folder->config(), **safe);
  if (!queue) return fail(queue.error());
  return ask_cluster(*asked, *folder, **queue, **safe);
}

Result<object> find_window(const Invocation& invocation, bool& live) {
  auto client = Client::connect(invocation);
  auto answer = client ? client->get(with_query("/recovery/window", {{"from", invocation.option("--from")},
                                                                     {"to", invocation.option("--to")},
                                                                     {"open", invocation.has("--open") ? "true" : ""}}))
                       : Result<boost::json::value>(fail(client.error()));
  if (answer) return std::move(answer->as_object());
  if (!may_go_offline(invocation, answer.error())) return fail(std::move(answer.error()));
  live = false;
  return window_of_folder(invocation, answer.error());
}

Result<Answer> window(const Invocation& invocation) {
  bool live = true;
  const auto found = find_window(invocation, live);
  if (!found) return fail(found.error());
  Answer answer{.schema = "recover.window/1", .data = write_json(*found), .text = recovery::window_text(*found)};
  if (!live) answer.notices.emplace_back("the platform is down: read from the data folder");
  if (!found->at("gaps").as_array().empty()) {
    answer.exit_status = info(Code::evidence_gap).exit_status;
    answer.notices.emplace_back("the evidence is incomplete: the gaps are named");
  }
  return answer;
}

}  // namespace

std::vector<Verb> recover_window_verbs() {
  return {{"recover",
           "window",
           "orders (L1 … L10) and assets (K1 … K7) of a lost window, as CRM, archive, exports and database tell",
           {},
           {{"--from", "TIME", "where the database went back to: 2026-11-23T05:21:00Z, or 30m for that long ago", true},
            {"--to", "TIME", "where the window ends; now when not given"},
            {"--open", "", "only what the database has not settled"}},
           {"recover window --from 30m", "recover window --from 2026-11-23T05:21:00Z --to 2026-11-23T05:41:00Z --json",
            "recover window --from 2h --open"},
           window}};
}

}  // namespace backstitch::cli
