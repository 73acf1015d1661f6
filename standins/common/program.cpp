#include "standins/common/program.h"

#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/log.h"
#include "base/process.h"

namespace backstitch::standin {
namespace {

constexpr int exit_usage = 2;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void add_program_options(CLI::App& app, ProgramOptions& options) {
  app.add_option("--address", options.address, "where it listens; 127.0.0.1 unless said otherwise");
  app.add_option("--port", options.port, "port there; 0 takes a free one")->check(CLI::Range(0, 65535));
  app.add_option("--data", options.data, "folder of the ledger")->required();
  app.add_option("--seed", options.seed, "seed of the faults");
  app.add_option("--pid-file", options.pid_file, "file to write the process id to");
}

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  return std::nullopt;
}

Result<Program> Program::begin(std::string name, const ProgramOptions& options) {
  open_log("", LogLevel::info, name);
  const sigset_t set = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error of its call, not our end
  raise_file_limit();
  BS_TRY(make_folders(options.data));
  auto lock = FolderLock::take(options.data);
  if (!lock) return fail(std::move(lock.error()));
  return Program(std::move(name), options.pid_file, std::move(*lock));
}

Status Program::announce(int port) const {
  if (!pid_file_.empty()) BS_TRY(write_pid_file(pid_file_, self()));
  fmt::print("{{\"ready\":\"{}\",\"port\":{},\"pid\":{}}}\n", name_, port, self().pid);
  std::fflush(stdout);
  return {};
}

bool Program::stop_asked(std::int64_t wait_ms) const {
  const sigset_t set = stop_signals();
  const timespec wait{wait_ms / 1000, wait_ms % 1000 * 1'000'000};
  return ::sigtimedwait(&set, nullptr, &wait) > 0;
}

void Program::wait_for_stop() const {
  const sigset_t set = stop_signals();
  int received = 0;
  ::sigwait(&set, &received);
}

int exit_with(const Error& error) {
  fmt::print(stderr, "{}\n", error.text());
  return info(error.code).exit_status;
}

}  // namespace backstitch::standin
