// standin-kubelet: the one node of a cluster that has no real one; runs its Pods as processes of this machine.
#include <CLI/CLI.hpp>

#include "standins/common/program.h"
#include "standins/kubelet/kubelet.h"

namespace backstitch::standin {
namespace {

Status serve(const ProgramOptions& options, KubeletSettings settings) {
  auto program = Program::begin("standin-kubelet", options);
  if (!program) return fail(std::move(program.error()));
  settings.folder = options.data;
  const Kubelet kubelet(std::move(settings));
  BS_TRY(program->announce(options.port));
  program->wait_for_stop();
  return {};
}

}  // namespace
}  // namespace backstitch::standin

int main(int argc, char** argv) {
  CLI::App app(
      "A node of Kubernetes for demos: starts what Pods say as processes, and ends it as a kubelet does. It listens nowhere.");
  backstitch::standin::ProgramOptions options;
  backstitch::standin::KubeletSettings settings;
  backstitch::standin::add_program_options(app, options);
  app.add_option("--server", settings.control_plane.server, "https://HOST:PORT of the API server")->required();
  app.add_option("--ca-file", settings.control_plane.ca_file, "PEM of who signs its certificate")->required();
  app.add_option("--token-file", settings.control_plane.token_file, "of an administrator")->required();
  app.add_option("--namespace", settings.control_plane.namespace_name, "whose Pods are run")->capture_default_str();
  app.add_option("--program", settings.program, "stands for the \"backstitch\" of a Pod's command")->required();
  app.footer(
      "Examples:\n"
      "  standin-kubelet --data /tmp/pods --server https://127.0.0.1:6443 --ca-file ca.crt --token-file token --program "
      "./backstitch\n"
      "  standin-kubelet --data /tmp/pods --server https://127.0.0.1:6443 --ca-file ca.crt --token-file token --program "
      "./backstitch \\\n"
      "    --namespace north");
  if (const auto end = backstitch::standin::parse_command_line(app, argc, argv)) return *end;
  const auto served = backstitch::standin::serve(options, settings);
  return served ? 0 : backstitch::standin::exit_with(served.error());
}
