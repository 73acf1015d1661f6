// status and serve; up and down stand in verbs/up_down.cpp, the worker process in verbs/worker.cpp.
#include <boost/json.hpp>
#include <cstdlib>

#include "api/platform.h"
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

Result<Answer> serve(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  PlatformOptions options{.data = config->data, .config_file = invocation.option("--config")};
  if (invocation.has("--port-base")) options.port_base = std::atoi(invocation.option("--port-base").c_str());
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
      {"serve",
       "",
       "run the platform in the foreground, until SIGTERM or SIGINT",
       {},
       {config, ports},
       {"serve", "serve --data /srv/backstitch", "serve --port-base 0"},
       serve},
      {"worker",
       "",
       "run the tasks of a lane",
       {},
       {{"--lane", "NAME", "whose tasks", true},
        {"--endpoints", "FILE", "where the platform says its addresses", true},
        {"--name", "NAME", "of this worker"},
        {"--concurrency", "N", "calls in the air at once (default 32)"},
        {"--stop-grace-ms", "N", "for calls in the air at the end (default 10000)"}},
       {"worker --lane default --endpoints ./backstitch-data/run/endpoints.json",
        "worker --lane default --endpoints endpoints.json --concurrency 8",
        "worker --lane slow --endpoints endpoints.json --stop-grace-ms 60000"},
       worker,
       Verb::Kind::hidden},
  };
}

}  // namespace backstitch::cli
