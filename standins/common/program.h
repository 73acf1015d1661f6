// What every stand-in does as a program: common options, data folder under a lock, pid file, the ready line, an orderly end.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/files.h"

namespace CLI {
class App;
}

namespace backstitch::standin {

struct ProgramOptions {
  std::string address = "127.0.0.1";
  int port = 0;
  std::string data, pid_file;
  std::uint64_t seed = 1;
};

/// --address, --port, --data, --seed, --pid-file.
void add_program_options(CLI::App& app, ProgramOptions& options);

/// Parses; answers the exit status when the program is to end here (help, or 2 after wrong usage).
std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv);

class Program {
 public:
  /// Must come before the first thread: SIGTERM and SIGINT are blocked here and waited for below. Creates the data folder and
  /// takes its lock. Code::already_running, Code::file_failed.
  static Result<Program> begin(std::string name, const ProgramOptions& options);

  /// Writes the pid file, then prints {"ready":NAME,"port":N,"pid":N} as one line: who reads it may connect.
  Status announce(int port) const;
  /// True when the end was asked for; waits for that at most wait_ms.
  bool stop_asked(std::int64_t wait_ms) const;
  void wait_for_stop() const;

 private:
  Program(std::string name, std::string pid_file, FolderLock lock)
      : name_(std::move(name)), pid_file_(std::move(pid_file)), lock_(std::move(lock)) {}
  std::string name_, pid_file_;
  FolderLock lock_;
};

/// Says it on standard error and gives the exit status of the error.
int exit_with(const Error& error);

}  // namespace backstitch::standin
