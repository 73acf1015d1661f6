// standin-rds: a region of Amazon RDS with one instance, whose copies are real: a script restores and serves them.
#include <CLI/CLI.hpp>

#include "standins/common/program.h"
#include "standins/rds/scripted_ground.h"
#include "standins/rds/service.h"

namespace backstitch::standin {
namespace {

struct Options {
  ProgramOptions program;
  RdsSettings rds;
  ScriptedGroundSettings ground;
  std::string model;
};

Status serve(Options& options) {
  auto program = Program::begin("standin-rds", options.program);
  if (!program) return fail(std::move(program.error()));
  auto model = RdsModel::load(options.model);
  if (!model) return fail(std::move(model.error()));
  options.ground.instance = options.rds.instance, options.ground.port = options.rds.endpoint.port;
  options.ground.copies = options.program.data;
  options.rds.endpoint.address = "127.0.0.1";
  ScriptedGround ground(options.ground);
  RdsService service(options.rds, std::move(*model), ground);
  auto server = HttpServer::start({.port = options.program.port, .threads = 8},
                                  [&service](const HttpRequest& request) { return service.handle(request); });
  if (!server) return fail(std::move(server.error()));
  BS_TRY(program->announce((*server)->port()));
  program->wait_for_stop();
  return {};
}

}  // namespace
}  // namespace backstitch::standin

int main(int argc, char** argv) {
  CLI::App app("A region of Amazon RDS for tests: the Query API of point-in-time restores, stricter than the real one.");
  backstitch::standin::Options options;
  backstitch::standin::add_program_options(app, options.program);
  app.add_option("--model", options.model, "service.json: the published model of the service")->required();
  app.add_option("--region", options.rds.keys.region, "that calls are signed for")->default_val("eu-west-1");
  app.add_option("--access-key", options.rds.keys.access_key, "who may call")->default_val("AKIDEXAMPLE");
  app.add_option("--secret-key", options.rds.keys.secret_key, "by which calls are signed")->default_val("secret");
  app.add_option("--instance", options.rds.instance, "identifier of the instance that is there");
  app.add_option("--instance-port", options.rds.endpoint.port, "where its PostgreSQL listens on 127.0.0.1");
  app.add_option("--script", options.ground.script, "postgres.sh, which knows its backups; without it nothing can be restored");
  app.add_option("--folder", options.ground.folder, "that script's folder of the instance");
  app.footer(
      "Examples:\n"
      "  standin-rds --data /tmp/rds --model standins/rds/service.json --instance orders --instance-port 5433\n"
      "  standin-rds --data /tmp/rds --model standins/rds/service.json --instance orders --instance-port 5433 \\\n"
      "    --script scripts/servers/postgres.sh --folder /tmp/pg\n"
      "  standin-rds --data /tmp/rds --model standins/rds/service.json --region us-east-1 --access-key ME --secret-key WORD");
  if (const auto end = backstitch::standin::parse_command_line(app, argc, argv)) return *end;
  const auto served = backstitch::standin::serve(options);
  return served ? 0 : backstitch::standin::exit_with(served.error());
}
