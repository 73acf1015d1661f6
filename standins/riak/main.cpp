// standin-riak: a strict node of Riak for demos. What it holds it holds in memory: who kills it has an empty one.
#include <CLI/CLI.hpp>

#include "standins/common/program.h"
#include "standins/riak/node.h"

namespace backstitch::standin {
namespace {

Status serve(const ProgramOptions& options) {
  auto program = Program::begin("standin-riak", options);
  if (!program) return fail(std::move(program.error()));
  RiakNode::Settings settings;
  settings.keep_requests = false;
  RiakNode node(std::move(settings));
  const Wire wire([&node](const WireRequest& request) { return node.handle(request); }, options.port);
  if (!wire.is_open()) return fail(Code::port_taken, "127.0.0.1:{}", options.port);
  BS_TRY(program->announce(wire.port()));
  program->wait_for_stop();
  return {};
}

}  // namespace
}  // namespace backstitch::standin

int main(int argc, char** argv) {
  CLI::App app("A node of Riak for demos, with the bucket types sessions and grants: stricter than a real one, and in memory.");
  backstitch::standin::ProgramOptions options;
  backstitch::standin::add_program_options(app, options);
  app.footer(
      "Examples:\n"
      "  standin-riak --data /tmp/riak\n"
      "  standin-riak --data /tmp/riak --port 8098\n"
      "  curl http://127.0.0.1:8098/types/grants/props");
  if (const auto end = backstitch::standin::parse_command_line(app, argc, argv)) return *end;
  const auto served = backstitch::standin::serve(options);
  return served ? 0 : backstitch::standin::exit_with(served.error());
}
