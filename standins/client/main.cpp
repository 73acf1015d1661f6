// standin-client: submits orders from a file and keeps its own account of what the platform acknowledged.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "base/json.h"
#include "standins/client/client.h"
#include "standins/common/program.h"
#include "standins/common/routes.h"

namespace backstitch::standin {
namespace {

constexpr std::int64_t look_every_ms = 50;

struct Options {
  ProgramOptions program;
  std::string orders, target, target_file;
  SubmitSettings submit;
};

void add_options(CLI::App& app, Options& options) {
  add_program_options(app, options.program);
  app.add_option("--orders", options.orders, "file of order documents, one a line")->required();
  app.add_option("--target", options.target, "address of the platform, such as http://127.0.0.1:8480");
  app.add_option("--target-file", options.target_file, "endpoints.json of the platform; read again when it does not answer");
  app.add_option("--rate", options.submit.orders_per_second, "orders a second; 0 = as fast as the connections go");
  app.add_option("--concurrency", options.submit.connections, "orders in the air at once")->check(CLI::Range(1, 256));
  app.add_option("--timeout-ms", options.submit.timeout_ms, "of one attempt")->check(CLI::Range(1, 600'000));
  app.footer(
      "Ends with one line of counts when every order was acknowledged or rejected; exit 1 when one was rejected or is open.\n"
      "Examples:\n"
      "  standin-client --data /tmp/client --orders orders.jsonl --target http://127.0.0.1:8480\n"
      "  standin-client --data /tmp/client --orders orders.jsonl --target-file run/endpoints.json --rate 50\n"
      "  standin-client --data /tmp/client --orders orders.jsonl --target http://127.0.0.1:8480 --concurrency 32");
}

Result<int> run(const Options& options) {
  if (options.target.empty() && options.target_file.empty()) return fail(Code::usage, "give --target or --target-file");
  auto program = Program::begin("standin-client", options.program);
  if (!program) return fail(std::move(program.error()));
  auto orders = read_orders(options.orders);
  if (!orders) return fail(std::move(orders.error()));
  auto client = Client::open(options.program.data);
  if (!client) return fail(std::move(client.error()));
  auto server = HttpServer::start(
      {.address = options.program.address, .port = options.program.port, .threads = 1}, [&client](const HttpRequest& request) {
        return request.path == "/ledger/summary" ? json_answer(200, (*client)->summary())
                                                 : error_answer(404, "NO_SUCH_ROUTE", "GET /ledger/summary");
      });
  if (!server) return fail(std::move(server.error()));
  Target target(options.target, options.target_file);
  (*client)->submit(std::move(*orders), options.submit, target);
  BS_TRY(program->announce((*server)->port()));
  while (!(*client)->done() && !program->stop_asked(look_every_ms)) {}
  (*client)->stop();
  const auto summary = (*client)->summary();
  fmt::print("{}\n", write_json(summary));
  return summary.at("rejected").to_number<int>() + summary.at("open").to_number<int>() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace backstitch::standin

int main(int argc, char** argv) {
  CLI::App app("A client for tests and demos that keeps its own file of acknowledged orders (DATA/acknowledged.jsonl).");
  backstitch::standin::Options options;
  backstitch::standin::add_options(app, options);
  if (const auto end = backstitch::standin::parse_command_line(app, argc, argv)) return *end;
  const auto ended = backstitch::standin::run(options);
  return ended ? *ended : backstitch::standin::exit_with(ended.error());
}
