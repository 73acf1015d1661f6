// standin-operator: a person who claims and completes manual tasks over HTTP, and writes down what was done.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "standins/common/program.h"
#include "standins/common/routes.h"
#include "standins/operator/person.h"

namespace backstitch::standin {
namespace {

struct Options {
  ProgramOptions program;
  std::string target, target_file, delay = "0-0";
  PersonSettings person;
};

void add_options(CLI::App& app, Options& options) {
  add_program_options(app, options.program);
  app.add_option("--target", options.target, "address of the platform, such as http://127.0.0.1:8480");
  app.add_option("--target-file", options.target_file, "endpoints.json of the platform; read again when it does not answer");
  app.add_option("--actor", options.person.actor, "name to claim under");
  app.add_option("--delay-ms", options.delay, "MIN-MAX, work on one task");
  app.add_option("--parallel", options.person.parallel, "tasks in hand at once")->check(CLI::Range(1, 256));
  app.add_option("--poll-ms", options.person.poll_ms, "between two looks at the list")->check(CLI::Range(1, 60'000));
  app.footer(
      "Examples:\n"
      "  standin-operator --data /tmp/ann --target http://127.0.0.1:8480\n"
      "  standin-operator --data /tmp/ann --target-file run/endpoints.json --delay-ms 10-50 --parallel 16\n"
      "  standin-operator --data /tmp/bob --actor bob --target http://127.0.0.1:8480 --poll-ms 500");
}

Status read_delay(const std::string& text, PersonSettings& settings) {
  char rest = 0;
  long low = 0, high = 0;
  if (std::sscanf(text.c_str(), "%ld-%ld%c", &low, &high, &rest) != 2 || low < 0 || high < low)
    return fail(Code::usage, "--delay-ms {}: give MIN-MAX in milliseconds", text);
  settings.delay_min_ms = low;
  settings.delay_max_ms = high;
  return {};
}

Status serve(Options options) {
  if (options.target.empty() && options.target_file.empty()) return fail(Code::usage, "give --target or --target-file");
  BS_TRY(read_delay(options.delay, options.person));
  options.person.seed = options.program.seed;
  auto program = Program::begin("standin-operator", options.program);
  if (!program) return fail(std::move(program.error()));
  auto desk = Desk::open(options.program.data, options.person.actor);
  if (!desk) return fail(std::move(desk.error()));
  auto server = HttpServer::start(
      {.address = options.program.address, .port = options.program.port, .threads = 1}, [&desk](const HttpRequest& request) {
        return request.path == "/ledger/summary" ? json_answer(200, (*desk)->summary())
                                                 : error_answer(404, "NO_SUCH_ROUTE", "GET /ledger/summary");
      });
  if (!server) return fail(std::move(server.error()));
  Target target(options.target, options.target_file);
  Person person(options.person, target, **desk);
  BS_TRY(program->announce((*server)->port()));
  program->wait_for_stop();
  return {};
}

}  // namespace
}  // namespace backstitch::standin

int main(int argc, char** argv) {
  CLI::App app(
      "A person at the platform's HTTP interface, for tests and demos: claims manual tasks and completes them after a while.");
  backstitch::standin::Options options;
  backstitch::standin::add_options(app, options);
  if (const auto end = backstitch::standin::parse_command_line(app, argc, argv)) return *end;
  const auto served = backstitch::standin::serve(options);
  return served ? 0 : backstitch::standin::exit_with(served.error());
}
