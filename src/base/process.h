// Child processes. A pid is used only together with its start time, so that a reused pid is never signalled.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace backstitch {

struct ProcessId {
  int pid = 0;
  std::uint64_t started = 0;  // clock ticks since boot, /proc/PID/stat field 22
  bool operator==(const ProcessId&) const = default;
};

struct Command {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> env;  // added to ours
  std::string user;                                      // drop to this user when we are root; empty = stay
  std::string stdout_path;                               // appended to; empty = /dev/null
  std::string stderr_path;                               // empty = same as stdout, also when that is a pipe
  std::string folder;                                    // working folder; empty = ours
  bool die_with_parent = false;                          // PR_SET_PDEATHSIG SIGKILL
  bool pipe_stdin = false, pipe_stdout = false;          // descriptors in Child
};

/// A started child; does not kill it when destroyed. Descriptors above 2 are never inherited.
struct Child {
  ProcessId id;
  int stdin_fd = -1, stdout_fd = -1;
};

/// argv[0] is looked up in PATH. Fails with Code::process_failed when the program cannot be executed, not only later.
Result<Child> start(const Command& command);
struct Finished {
  int exit_status = 0;  // 128+N when signal N ended it
  std::string out, err;
};
/// Runs to the end of the program itself, not of daemons it leaves behind; out and err are captured (at most 16 MiB each).
/// Code::timed_out kills it first.
Result<Finished> run(const Command& command, std::int64_t timeout_ms);

ProcessId self();
std::optional<ProcessId> identify(int pid);  // none when there is no such process or it is a zombie
std::uint64_t start_ticks(int pid);          // also of a zombie; 0 when there is none
bool alive(ProcessId id);
/// Reaps it when it is our child; -1 while it runs, else its exit status (128+N for a signal; 255 when it is gone and was not
/// our child or was reaped before).
int reap(int pid);
void signal_process(ProcessId id, int signal);
/// SIGTERM, then SIGKILL after grace_ms; returns when it is gone, and reaps it when it was our child.
void stop_process(ProcessId id, std::int64_t grace_ms);

Status write_pid_file(const std::string& path, ProcessId id);
std::optional<ProcessId> read_pid_file(const std::string& path);  // none when stale

std::string own_executable();  // /proc/self/exe
int cpu_count();
/// CPU time used so far, user + system, in ms; 0 when it is gone.
std::int64_t cpu_ms(ProcessId id);
void raise_file_limit();  // soft limit of open files to the hard one

}  // namespace backstitch
