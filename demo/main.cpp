// backstitch-demo: the main job, watched from outside. Exit status 0 only when everything closes.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>

#include "base/json.h"
#include "base/net/http_server.h"
#include "base/process.h"
#include "demo/incidents.h"
#include "demo/interrupt.h"
#include "demo/run.h"

namespace backstitch::demo {
namespace {

constexpr int exit_usage = 2, exit_not_closed = 1, exit_signal = 128;

void add_options(CLI::App& app, Options& options) {
  app.add_option("--orders", options.orders, "orders of the org; an independent client submits a tenth more")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", options.seed, "of orders, faults and kills");
  app.add_option("--catalog", options.catalog, "folder of a catalog: CSV export or catalog.json");
  app.add_option("--kills", options.kills, "processes killed with -9 on the way; with --hosts incidents, 6 when not given")
      ->check(CLI::Range(0, 1'000));
  app.add_option("--spread", options.spread_s, "seconds over which orders come, at least; more of them where stores are slow")
      ->check(CLI::Range(1, 600));
  app.add_option("--corruption", options.corruption, "what happens to the database: a file of demo/corruptions; none");
  app.add_option("--corruptions", options.corruptions, "folder of the corruptions");
  app.add_option("--html", options.html, "where the page of the recovery goes");
  app.add_option("--policy", options.policy, "of the recovery: settle or fatally-fail")
      ->check(CLI::IsMember({"settle", "fatally-fail"}));
  app.add_option("--stores", options.stores,
                 "where the platform keeps things, instead of in itself: any of kafka, redis or riak, s3, salesforce, kube");
  app.add_flag(
      "--hosts", options.hosts,
      "three hosts in network namespaces, as root, with --stores kafka,redis,s3; hosts, cables and servers fail by plan");
  app.add_option("--scripts", options.scripts, "folder of compare_ledgers.sh and of the servers");
  app.add_option("--check", options.check, "compare again what a demo has kept in this folder, and run nothing else");
  app.add_flag("--json", options.json, "one JSON document on standard output");
  app.add_flag("--keep", options.keep, "leave the folder with ledgers, logs and data");
  app.footer(
      "Exit status: 0 everything closes, 1 it does not (each difference is named), 2 wrong usage, 7 environment.\n"
      "Examples:\n"
      "  backstitch-demo\n"
      "  backstitch-demo --orders 200 --seed 7 --corruption deleted-rows\n"
      "  backstitch-demo --stores kafka,redis,s3 --orders 200\n"
      "  backstitch-demo --stores kafka,riak,s3,salesforce,kube --corruption deleted-rows\n"
      "  backstitch-demo --hosts --orders 200\n"
      "  backstitch-demo --catalog catalogs/mini --keep --json");
}

/// What --hosts needs, and what it brings along.
Status take_hosts(const CLI::App& app, Options& options) {
  constexpr const char* all = "kafka,redis,s3";
  if (!options.hosts) return {};
  if (!options.check.empty()) return fail(Code::usage, "--check compares what one platform has left, not --hosts");
  if (!options.stores.empty() && options.stores != all)
    return fail(Code::usage, "--hosts have --stores {}, not {}", all, options.stores);
  if (::geteuid() != 0) return fail(Code::usage, "--hosts: network namespaces belong to the machine: run it as root");
  options.stores = all;
  if (app.count("--kills") == 0) options.kills = Incidents::kinds;
  if (app.count("--spread") == 0) options.spread_s = 30;  // three platforms on one machine take their time
  return {};
}

int finish_with_error(const Options& options, const Error& error) {
  if (options.json) fmt::print("{{\"ok\":false,\"error\":{}}}\n", problem_json(error));
  fmt::print(stderr, "{}\n", error.text());
  for (const Fault& fault : error.faults) fmt::print(stderr, "  {} {}\n", fault.pointer, fault.detail);
  return info(error.code).exit_status;
}

int finish(const Options& options, const Ended& ended) {
  if (options.json) {
    boost::json::array notices;
    for (const std::string& notice : ended.report.notices) notices.push_back(boost::json::string(notice));
    fmt::print("{}\n",
               write_json(boost::json::object{
                   {"ok", true}, {"schema", "demo/1"}, {"data", report_json(ended.report)}, {"notices", std::move(notices)}}));
  } else {
    fmt::print("{}", report_text(ended.report));
  }
  std::fflush(stdout);
  if (!ended.kept_folder.empty()) fmt::print(stderr, "kept: {}\n", ended.kept_folder);
  return ended.report.closed() ? 0 : exit_not_closed;
}

int run(const Options& options) {
  watch_for_interrupts();
  raise_file_limit();
  Voice voice;
  const auto ended = options.check.empty() ? run_demo(options, voice) : check_again(options, voice);
  if (interrupted()) {
    fmt::print(stderr, "interrupted; everything that was started has ended\n");
    return exit_signal + interrupted();
  }
  return ended ? finish(options, *ended) : finish_with_error(options, ended.error());
}

}  // namespace
}  // namespace backstitch::demo

int main(int argc, char** argv) {
  CLI::App app(
      "Orders go through the whole house, processes are killed with -9 on the way, and the outside ledgers are compared.");
  backstitch::demo::Options options;
  backstitch::demo::add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : backstitch::demo::exit_usage;
  }
  if (const auto taken = backstitch::demo::take_hosts(app, options); !taken)
    return backstitch::demo::finish_with_error(options, taken.error());
  for (std::string* path : {&options.catalog, &options.scripts, &options.check, &options.corruptions, &options.html})
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  return backstitch::demo::run(options);
}
