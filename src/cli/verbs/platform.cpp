// status and serve; up and down stand in verbs/up_down.cpp, the worker process in verbs/worker.cpp.
#include <boost/json.hpp>
#include <cstdlib>

#include "api/platform.h"
#include "base/json.h"
#include "base/log.h"
#include "base/process.h"
#include "cli/offline.h"
#include "cli/requests.h"
#include "cli/verbs/up_down.h"
#include "cli/verbs/verbs.h"
#include "cli/verbs/worker.h"

namespace backstitch::cli {
namespace {

Result<Answer> status(const Invocation& invocation) { return fetch_one(invocation, "/status", "status/1"); }

/// How many, which says enough in a table; --json has each with its term.
std::string count_text(const boost::json::value& member, const char* name) {
  const boost::json::value* list = member.is_object() ? member.as_object().if_contains(name) : nullptr;
  return list && list->is_array() ? std::to_string(list->as_array().size()) : "";
}

std::string names_text(const boost::json::value& list) {
  std::string out;
  if (list.is_array())
    for (const auto& one : list.as_array())
      out += (out.empty() ? "" : ",") + (one.is_string() ? std::string(one.as_string()) : text_of(one, "name"));
  return out;
}

Result<Answer> members(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  auto page = client->get("/members");
  if (!page) return fail(std::move(page.error()));
  Answer answer{.schema = "members.list/1", .data = write_json(*page)};
  boost::json::array rows;
  for (const auto& member : items_of(*page))
    rows.push_back(boost::json::object{{"name", text_of(member, "name")},
                                       {"alive", text_of(member, "alive")},
                                       {"partitions", count_text(member, "partitions")},
                                       {"leases", names_text(member.at("leases"))},
                                       {"roles", names_text(member.at("roles"))},
                                       {"api", text_of(member, "api")}});
  answer.text = table_of(rows, {{"MEMBER", "name"},
                                {"ALIVE", "alive"},
                                {"PARTITIONS", "partitions"},
                                {"LEASES", "leases"},
                                {"ROLES", "roles"},
                                {"API", "api"}});
  return answer;
}

Result<Answer> serve(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  PlatformOptions options{.data = config->data, .config_file = invocation.option("--config")};
  if (invocation.has("--port-base")) options.port_base = std::atoi(invocation.option("--port-base").c_str());
  options.roles = invocation.option("--roles", "");
  Answer answer{.schema = "serve/1", .streamed = true};
  answer.exit_status = run_platform(options);  // prints its own words, errors included
  return answer;
}

}  // namespace

std::vector<Verb> platform_verbs() {
  const Option config{"--config", "FILE", "in place of DIR/backstitch.yaml"};
  const Option ports{"--port-base", "N", "API on N, metrics on N+1, workers on N+2; 0 takes free ones"};
  return {
      {"up",
       "",
       "start the platform and leave it running",
       {},
       {config, ports},
       {"up", "up --data /srv/backstitch", "up --port-base 0 --wait 2m"},
       up},
      {"down",
       "",
       "stop it; what it has acknowledged stays",
       {},
       {{"--purge", "", "and remove the data folder with all in it"}},
       {"down", "down --data /srv/backstitch", "down --purge --yes"},
       down},
      {"status",
       "",
       "the platform at a glance",
       {},
       {},
       {"status", "status --json", "status --server http://127.0.0.1:8480"},
       status},
      {"members",
       "list",
       "processes of the instance: roles, partitions, leases",
       {},
       {},
       {"members list", "members list --json", "members list --server http://127.0.0.1:8480"},
       members},
      {"serve",
       "",
       "run the platform in the foreground, until SIGTERM or SIGINT",
       {},
       {config, ports, {"--roles", "ROLE,…", "of several processes: intake, shard, worker, scheduler, crm-sync, api …"}},
       {"serve", "serve --data /srv/backstitch", "serve --config node.yaml --roles intake,api,shard,worker"},
       serve},
      {"worker",
       "",
       "run the tasks of a lane",
       {},
       {{"--lane", "NAME", "whose tasks", true},
        {"--endpoints", "FILE", "where the platform says its addresses", true},
        {"--name", "NAME", "of this worker"},
        {"--concurrency", "N", "calls in the air at once (default 32)"},
        {"--token", "PLACE", "env:NAME or file:PATH of the token that the platform asks workers for"},
        {"--stop-grace-ms", "N", "for calls in the air at the end (default 10000)"}},
       {"worker --lane default --endpoints ./backstitch-data/run/endpoints.json",
        "worker --lane default --endpoints endpoints.json --concurrency 8 --token file:/etc/backstitch-link/token",
        "worker --lane slow --endpoints endpoints.json --stop-grace-ms 60000"},
       worker,
       Verb::Kind::hidden},
  };
}

}  // namespace backstitch::cli
