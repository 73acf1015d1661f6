#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <sstream>

#include "base/files.h"
#include "base/time.h"

namespace backstitch {
namespace {

constexpr int status_unknown = 255;

struct Stat {
  char state = '?';
  std::uint64_t started = 0;
  std::int64_t cpu_ticks = 0;  // user + system
};

// proc(5): the name in parentheses may hold anything, so fields are counted behind its last ')'.
std::optional<Stat> read_stat(int pid) {
  const auto text = read_file(fmt::format("/proc/{}/stat", pid));
  if (!text) return std::nullopt;
  const auto behind_name = text->rfind(')');
  if (behind_name == std::string::npos) return std::nullopt;
  std::istringstream fields(text->substr(behind_name + 1));
  Stat stat;
  fields >> stat.state;  // field 3
  std::string field;
  for (int number = 4; number <= 22 && fields >> field; ++number) {
    std::uint64_t value = 0;
    std::from_chars(field.data(), field.data() + field.size(), value);
    if (number == 14 || number == 15) stat.cpu_ticks += static_cast<std::int64_t>(value);
    if (number == 22) stat.started = value;
  }
  return stat;
}

int status_of(int wait_status) { return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status); }

int open_pidfd(int pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// Until the process has ended or `ms` are over; readable pidfd = ended. Without pidfd (old kernels) a short nap.
void wait_for_end(int pidfd, std::int64_t ms) {
  pollfd entry{pidfd, POLLIN, 0};
  ::poll(&entry, pidfd >= 0 ? 1u : 0u, static_cast<int>(pidfd >= 0 ? ms : std::min<std::int64_t>(ms, 5)));
}

}  // namespace

ProcessId self() { return {::getpid(), start_ticks(::getpid())}; }

std::optional<ProcessId> identify(int pid) {
  if (pid <= 0) return std::nullopt;
  const auto stat = read_stat(pid);
  if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
  return ProcessId{pid, stat->started};
}

std::uint64_t start_ticks(int pid) {
  const auto stat = read_stat(pid);
  return stat ? stat->started : 0;
}

bool alive(ProcessId id) { return identify(id.pid) == id; }

int reap(int pid) {
  int wait_status = 0;
  const int answer = ::waitpid(pid, &wait_status, WNOHANG);
  if (answer == pid) return status_of(wait_status);
  if (answer == 0) return -1;
  return identify(pid) ? -1 : status_unknown;  // not our child
}

void signal_process(ProcessId id, int signal) {
  // The descriptor pins the process: what identify() says about the pid afterwards is true of the signalled one.
  const int pidfd = open_pidfd(id.pid);
  if (alive(id)) {
    if (pidfd < 0 || ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) != 0) ::kill(id.pid, signal);
  }
  if (pidfd >= 0) ::close(pidfd);
}

void stop_process(ProcessId id, std::int64_t grace_ms) {
  const int pidfd = open_pidfd(id.pid);
  signal_process(id, SIGTERM);
  const std::int64_t deadline_ms = monotonic_ms() + grace_ms;
  for (std::int64_t left_ms = grace_ms; alive(id) && left_ms > 0; left_ms = deadline_ms - monotonic_ms())
    wait_for_end(pidfd, left_ms);
  while (alive(id)) {
    signal_process(id, SIGKILL);
    wait_for_end(pidfd, 50);
  }
  if (pidfd >= 0) ::close(pidfd);
  if (const auto stat = read_stat(id.pid); stat && stat->started == id.started) reap(id.pid);  // a zombie of ours
}

Status write_pid_file(const std::string& path, ProcessId id) {
  return write_file_durably(path, fmt::format("{} {}\n", id.pid, id.started));
}

std::optional<ProcessId> read_pid_file(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::nullopt;
  ProcessId id;
  std::istringstream(*text) >> id.pid >> id.started;
  if (!alive(id)) return std::nullopt;
  return id;
}

std::string own_executable() {
  char path[4096];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  return n > 0 ? std::string(path, static_cast<std::size_t>(n)) : std::string();
}

int cpu_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
}

std::int64_t cpu_ms(ProcessId id) {
  const auto stat = read_stat(id.pid);
  if (!stat || stat->started != id.started) return 0;
  return stat->cpu_ticks * 1000 / ::sysconf(_SC_CLK_TCK);
}

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace backstitch
