// Repairs of single accounts: a plan is made by a process of its own beside this one; applying it is an input for each account.
#include <boost/json.hpp>
#include <map>

#include "api/routes/routes.h"
#include "base/json.h"
#include "base/process.h"
#include "recovery/repair/repair_plan.h"

namespace backstitch {
namespace json = boost::json;
namespace {

using recovery::AccountRepair;

constexpr std::int64_t wait_ms = 20'000, look_again_ms = 200, hand_over_ms = 10'000;

Result<std::vector<std::string>> accounts_of(const json::object& body) {
  std::vector<std::string> out;
  const json::value* list = body.if_contains("accounts");
  if (!list) return out;
  if (!list->is_array()) return fail(Code::usage, "\"accounts\" is a list of account ids");
  for (const json::value& account : list->get_array()) {
    if (!account.is_string()) return fail(Code::usage, "\"accounts\" is a list of account ids");
    out.emplace_back(account.get_string());
  }
  return out;
}

/// A process that nobody waits for: it is handed over to the system at once.
Status start_planning(Platform& platform, const std::string& id, const std::vector<std::string>& accounts,
                      const std::string& actor) {
  const std::string& data = platform.config().data;
  Command command;
  command.argv = {"sh",
                  "-c",
                  R"(log=$1; shift; exec setsid --fork "$@" >>"$log" 2>&1)",
                  "sh",
                  data + "/log/repair.log",
                  own_executable(),
                  "--data",
                  data,
                  "--as=" + actor,
                  "repair",
                  "plan",
                  "--id=" + id};
  if (accounts.empty()) command.argv.emplace_back("--all-damaged");
  for (const std::string& account : accounts) command.argv.push_back("--account=" + account);
  const auto handed_over = run(command, hand_over_ms);
  if (!handed_over) return fail(handed_over.error());
  if (handed_over->exit_status == 0) return {};
  return fail(Code::process_failed, "setsid ended with {}", handed_over->exit_status);
}

HttpResponse plan(Platform& platform, const RouteCall& call) {
  const auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const auto accounts = accounts_of(*body);
  if (!accounts) return problem_response(accounts.error());
  if (accounts->empty() && !body_flag(*body, "allDamaged"))
    return problem_response({Code::usage, "\"accounts\" names them, or \"allDamaged\" is true", {}});
  const std::string id = recovery::repair_id(wall_clock());
  if (const Status started = start_planning(platform, id, *accounts, actor_of(call, *body)); !started)
    return problem_response(started.error());
  HttpResponse response = json_response(202, write_json(json::object{{"id", id}}));
  response.headers = {{"Location", "/api/v1/repairs/" + id}};
  return response;
}

/// All of them, or an error for the first that cannot be put right: nothing half done.
Result<std::vector<AccountRepair>> chosen_of(Platform& platform, const std::string& id, const json::object& body) {
  const auto accounts = accounts_of(body);
  if (!accounts) return fail(accounts.error());
  if (accounts->empty() != body_flag(body, "all")) return fail(Code::usage, "\"accounts\" names them, or \"all\" is true");
  return recovery::load_account_repairs(platform.safe(), id, *accounts);
}

/// Received in pieces, since each may be as large as a record: a result for each, in order.
std::vector<Result<Received>> submit(Platform& platform, const std::string& id, const std::vector<AccountRepair>& chosen,
                                     const std::string& reason, const std::string& actor) {
  constexpr std::size_t piece_bytes_max = 16 << 20;
  std::vector<Result<Received>> out;
  for (std::size_t from = 0; from < chosen.size();) {
    std::vector<Intake::AccountCommand> piece;
    for (std::size_t bytes = 0; from < chosen.size() && bytes < piece_bytes_max; bytes += chosen[from++].members.size())
      piece.push_back({chosen[from].account, json_member("reason", reason) + chosen[from].members,
                       "repair " + id + " " + chosen[from].account});  // who asks again is answered with what came of it
    for (auto& received : platform.intake().command_all("account-repair", piece, actor)) out.push_back(std::move(received));
  }
  return out;
}

/// {"commandId","state","code","detail"} once it is decided; "received" when the time is over.
json::object outcome_of(Platform& platform, const Received& received, std::int64_t end_ms) {
  while (true) {
    const std::uint64_t seen = platform.decisions();
    const std::int64_t left = end_ms - monotonic_ms();
    const auto outcome = platform.database().command(received.command);
    const auto document = outcome ? parse_json(*outcome) : Result<json::value>(json::value());
    if (document && document->is_object()) {
      const json::object& row = document->get_object();
      return {{"commandId", received.command.text()},
              {"state", body_text(row, "state")},
              {"code", body_text(row, "code")},
              {"detail", body_text(row, "detail")}};
    }
    if (left <= 0) return {{"commandId", received.command.text()}, {"state", "received"}};
    platform.await_decision(seen, std::min(left, look_again_ms));
  }
}

HttpResponse send(Platform& platform, const std::string& id, const std::vector<AccountRepair>& chosen, const std::string& reason,
                  const std::string& actor) {
  const std::int64_t end_ms = monotonic_ms() + wait_ms;
  const auto received = submit(platform, id, chosen, reason, actor);
  json::array items;
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < received.size(); ++i) {
    json::object item = received[i] ? outcome_of(platform, *received[i], end_ms)
                                    : json::object{{"state", "failed"},
                                                   {"code", code_text(received[i].error().code)},
                                                   {"detail", received[i].error().detail}};
    item["accountId"] = chosen[i].account;
    ++counts[body_text(item, "state")];
    items.push_back(std::move(item));
  }
  json::object out{{"id", id}, {"ok", counts["applied"] == static_cast<int>(chosen.size())}};
  for (const char* state : {"applied", "refused", "received", "failed"}) out[state] = counts[state];
  out["items"] = std::move(items);
  return json_response(200, write_json(out));
}

HttpResponse apply(Platform& platform, const RouteCall& call) {
  const auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const std::string id(call["id"]), reason = body_text(*body, "reason");
  const auto chosen = chosen_of(platform, id, *body);
  if (!chosen) return problem_response(chosen.error());
  if (body_flag(*body, "dryRun")) {
    json::array items;
    for (const AccountRepair& one : *chosen)
      items.push_back(json::object{{"accountId", one.account}, {"state", "would be repaired"}, {"bytes", one.members.size()}});
    return json_response(200, write_json(json::object{{"id", id}, {"ok", true}, {"items", std::move(items)}}));
  }
  if (reason.empty()) return problem_response({Code::reason_missing, "repair apply", {}});
  return send(platform, id, *chosen, reason, actor_of(call, *body));
}

HttpResponse list(Platform& platform) {
  const auto ids = recovery::repairs(platform.safe());
  if (!ids) return problem_response(ids.error());
  json::array items;
  for (const std::string& id : *ids) items.push_back(json::object{{"id", id}});
  return json_response(200, write_json(json::object{{"items", std::move(items)}, {"next", nullptr}}));
}

}  // namespace

void add_repair_routes(Router& router, Platform& platform) {
  router.add("POST", "/api/v1/repairs", {"recovery", "plan"},
             "Compare accounts with their log: a process of its own; the plan is there once it has ended",
             [&platform](const RouteCall& call) { return plan(platform, call); });
  router.add("GET", "/api/v1/repairs", {"recovery", "read"}, "Plans of repairs",
             [&platform](const RouteCall&) { return list(platform); });
  router.add("GET", "/api/v1/repairs/{id}", {"recovery", "read"},
             "Which rows of which accounts differ, and what can be put right", [&platform](const RouteCall& call) {
               return json_or_problem(recovery::load_repair(platform.safe(), std::string(call["id"])));
             });
  router.add("POST", "/api/v1/repairs/{id}/apply", {"recovery", "repair"}, "Put the chosen accounts right, an input for each",
             [&platform](const RouteCall& call) { return apply(platform, call); });
}

}  // namespace backstitch
