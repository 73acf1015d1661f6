// standin-system: an external system with four interfaces, faults on demand, and a ledger that judges by business subject.
#include <CLI/CLI.hpp>

#include "base/time.h"
#include "standins/common/program.h"
#include "standins/system/api.h"

namespace backstitch::standin {
namespace {

struct Options {
  ProgramOptions program;
  double refuse = 0, error = 0, lost = 0;
  std::string latency = "0-0", keyed, lookup, blind, later;
  std::string key_lifetime = "24h", look_up_lag = "200ms";
  int threads = 64;
};

void add_options(CLI::App& app, Options& options) {
  add_program_options(app, options.program);
  app.add_option("--refuse-rate", options.refuse, "share of keys refused with 422, decided and remembered");
  app.add_option("--error-rate", options.error, "share of calls answered 503, nothing done");
  app.add_option("--lost-reply-rate", options.lost, "share of calls done whose reply is lost");
  app.add_option("--latency-ms", options.latency, "MIN-MAX");
  app.add_option("--keyed", options.keyed, "faults of /keyed, such as lost=0.02,error=0.03,refuse=0.01,latency=1-10");
  app.add_option("--lookup", options.lookup, "faults of /lookup");
  app.add_option("--blind", options.blind, "faults of /blind");
  app.add_option("--later", options.later, "faults of /later, also callback=20-80,refuse-later=0.01,interim=0.1,repeat=0.1");
  app.add_option("--key-lifetime", options.key_lifetime, "after which /keyed and /later forget a key, such as 30s or 24h");
  app.add_option("--lookup-lag", options.look_up_lag, "after which an execution shows in look-ups of /lookup");
  app.add_option("--threads", options.threads, "calls at work at once")->check(CLI::Range(1, 1024));
  app.footer(
      "Examples:\n"
      "  standin-system --data /tmp/system --port 8490\n"
      "  standin-system --data /tmp/system --keyed lost=0.02,error=0.03,latency=1-10 --lookup lost=0.01\n"
      "  standin-system --data /tmp/system --error-rate 0.05 --key-lifetime 10m --seed 7\n"
      "Faults changed by POST /faults hold until the process ends.");
}

Result<std::map<std::string, Faults>> faults_of(const Options& options) {
  const std::string shared =
      fmt::format("refuse={},error={},lost={},latency={}", options.refuse, options.error, options.lost, options.latency);
  const auto common = parse_faults(shared, {});
  if (!common) return fail(common.error());
  std::map<std::string, Faults> all;
  for (const auto& [name, text] :
       {std::pair("keyed", options.keyed), {"lookup", options.lookup}, {"blind", options.blind}, {"later", options.later}}) {
    const auto faults = parse_faults(text, *common);
    if (!faults) return fail(faults.error());
    all[name] = *faults;
  }
  return all;
}

Status serve(const Options& options) {
  auto program = Program::begin("standin-system", options.program);
  if (!program) return fail(std::move(program.error()));
  const auto key_lifetime_ms = parse_duration_ms(options.key_lifetime), look_up_lag_ms = parse_duration_ms(options.look_up_lag);
  if (!key_lifetime_ms) return fail(key_lifetime_ms.error());
  if (!look_up_lag_ms) return fail(look_up_lag_ms.error());
  const auto faults = faults_of(options);
  if (!faults) return fail(faults.error());
  auto api = SystemApi::open({.data = options.program.data,
                              .seed = options.program.seed,
                              .key_lifetime_ms = *key_lifetime_ms,
                              .look_up_lag_ms = *look_up_lag_ms,
                              .faults = *faults});
  if (!api) return fail(std::move(api.error()));
  auto server = HttpServer::start({.address = options.program.address, .port = options.program.port, .threads = options.threads},
                                  [&api](const HttpRequest& request) { return (*api)->handle(request); });
  if (!server) return fail(std::move(server.error()));
  BS_TRY(program->announce((*server)->port()));
  program->wait_for_stop();
  return {};
}

}  // namespace
}  // namespace backstitch::standin

int main(int argc, char** argv) {
  CLI::App app(
      "An external system for tests and demos: /keyed is idempotent, /lookup can be asked, /blind is neither, "
      "/later calls back.");
  backstitch::standin::Options options;
  backstitch::standin::add_options(app, options);
  if (const auto end = backstitch::standin::parse_command_line(app, argc, argv)) return *end;
  const auto served = backstitch::standin::serve(options);
  return served ? 0 : backstitch::standin::exit_with(served.error());
}
