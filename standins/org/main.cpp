// standin-org: a CRM org that submits orders, takes updates in the manner of Salesforce, and keeps a ledger of both.
#include <CLI/CLI.hpp>

#include "base/files.h"
#include "standins/common/program.h"
#include "standins/org/org.h"

namespace backstitch::standin {
namespace {

struct Options {
  ProgramOptions program;
  std::string orders, target, target_file;
  SubmitSettings submit;
  FaultSettings faults;
  LoginSettings login;
  std::string public_key_file;
  std::int64_t requests_max = 1'000'000;
};

void add_options(CLI::App& app, Options& options) {
  add_program_options(app, options.program);
  app.add_option("--orders", options.orders, "file of order documents, one a line; without it only updates are taken");
  app.add_option("--target", options.target, "address of the platform, such as http://127.0.0.1:8480");
  app.add_option("--target-file", options.target_file, "endpoints.json of the platform; read again when it does not answer");
  app.add_option("--rate", options.submit.orders_per_second, "orders a second; 0 = as fast as the connections go");
  app.add_option("--concurrency", options.submit.connections, "orders in the air at once")->check(CLI::Range(1, 256));
  app.add_option("--timeout-ms", options.submit.timeout_ms, "of one attempt")->check(CLI::Range(1, 600'000));
  app.add_option("--lock-rate", options.faults.lock_rate, "share of records answered UNABLE_TO_LOCK_ROW")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--limit-rate", options.faults.limit_rate, "share of requests answered 403 REQUEST_LIMIT_EXCEEDED")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--away-rate", options.faults.away_rate, "share of requests answered 503")->check(CLI::Range(0.0, 1.0));
  app.add_option("--api-limit", options.requests_max, "requests until everything is answered REQUEST_LIMIT_EXCEEDED");
  app.add_option("--user", options.login.user, "who may log in; without it the org lets everyone in");
  app.add_option("--password", options.login.password, "of that user, for the login by SOAP");
  app.add_option("--client-id", options.login.client_id, "of the connected app, for the login by JWT");
  app.add_option("--public-key", options.public_key_file, "PEM file that verifies a JWT");
  app.add_option("--token-requests", options.login.token_requests, "a token ends after so many requests; 0 = never");
  app.footer(
      "Examples:\n"
      "  standin-org --data /tmp/org --port 8491\n"
      "  standin-org --data /tmp/org --orders orders.jsonl --target http://127.0.0.1:8480 --rate 200\n"
      "  standin-org --data /tmp/org --user sync@example.com --client-id app --public-key public.pem --token-requests 50\n"
      "  standin-org --data /tmp/org --orders orders.jsonl --target-file run/endpoints.json --concurrency 16 --lock-rate 0.01");
}

Status serve(const Options& options) {
  auto program = Program::begin("standin-org", options.program);
  if (!program) return fail(std::move(program.error()));
  std::vector<OrderText> orders;
  if (!options.orders.empty()) {
    if (options.target.empty() && options.target_file.empty())
      return fail(Code::usage, "--orders needs --target or --target-file");
    auto read = read_orders(options.orders);
    if (!read) return fail(std::move(read.error()));
    orders = std::move(*read);
  }
  OrgSettings settings{.data = options.program.data, .faults = options.faults, .login = options.login};
  settings.faults.seed = options.program.seed, settings.requests_max = options.requests_max;
  if (!options.public_key_file.empty()) {
    auto key = read_file(options.public_key_file);
    if (!key) return fail(std::move(key.error()));
    settings.login.public_key_pem = std::move(*key);
  }
  auto org = Org::open(settings);
  if (!org) return fail(std::move(org.error()));
  auto server = HttpServer::start({.address = options.program.address, .port = options.program.port, .threads = 8},
                                  [&org](const HttpRequest& request) { return (*org)->handle(request); });
  if (!server) return fail(std::move(server.error()));
  Target target(options.target, options.target_file);
  (*org)->submit(std::move(orders), options.submit, target);
  BS_TRY(program->announce((*server)->port()));
  program->wait_for_stop();
  (*org)->stop();
  return {};
}

}  // namespace
}  // namespace backstitch::standin

int main(int argc, char** argv) {
  CLI::App app("A CRM org for tests and demos: submits orders until they are acknowledged, and takes what the CRM sync brings.");
  backstitch::standin::Options options;
  backstitch::standin::add_options(app, options);
  if (const auto end = backstitch::standin::parse_command_line(app, argc, argv)) return *end;
  const auto served = backstitch::standin::serve(options);
  return served ? 0 : backstitch::standin::exit_with(served.error());
}
