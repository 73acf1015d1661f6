#include "stores/database/private/server.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "base/files.h"
#include "base/time.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t socket_wait_ms = 10'000, stopping_wait_ms = 120'000;

bool works_in(int pid, const std::string& folder) {
  std::error_code error;
  const auto cwd = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", pid), error);
  return !error && cwd == std::filesystem::weakly_canonical(folder, error);
}

/// Every process of a server works in its data folder, also the backends that outlive a killed postmaster.
std::vector<int> processes_in(const std::string& folder) {
  std::vector<int> pids;
  for (const std::string& name : list_folder("/proc"))
    if (const int pid = std::atoi(name.c_str()); pid > 0 && works_in(pid, folder)) pids.push_back(pid);
  return pids;
}

/// PostgreSQL takes a lock file for valid while any process has the pid in it: one that was used again, or a zombie that
/// nobody reaps (pid 1 of a container often does not). Called when nothing works in `folder` any more, so the file in it
/// protects nothing; a socket's file stays when the server that it names lives.
void remove_stale_locks(const std::string& folder, const std::string& socket_folder) {
  ::unlink((folder + "/postmaster.pid").c_str());
  for (const std::string& name : list_folder(socket_folder)) {
    if (!name.starts_with(".s.PGSQL.") || !name.ends_with(".lock")) continue;
    const std::string lock = socket_folder + "/" + name, text = read_file(lock).value_or("");
    const auto line_2 = text.find('\n') + 1;
    if (postmaster_of(text.substr(line_2, text.find('\n', line_2) - line_2)) == 0) ::unlink(lock.c_str());
  }
}

/// Of postmaster.pid: pid, folder, begin, port, socket folder, address, shared memory, state. Empty when it is not there yet.
std::string lock_line(const std::string& folder, int wanted) {
  std::istringstream lines(read_file(folder + "/postmaster.pid").value_or(""));
  std::string line;
  for (int number = 1; number <= wanted; ++number)
    if (!std::getline(lines, line)) return {};
  return line;
}

std::string last_words(const std::string& log_file) {
  const std::string text = read_file(log_file).value_or("");
  return text.substr(text.size() > 600 ? text.size() - 600 : 0);
}

}  // namespace

Status await_leaving(const std::string& folder) {
  const std::int64_t begun_ms = monotonic_ms();
  for (;;) {
    const std::vector<int> left = processes_in(folder);
    if (left.empty()) return {};
    const std::int64_t waited_ms = monotonic_ms() - begun_ms;
    if (waited_ms > 5'000)
      for (int pid : left) ::kill(pid, waited_ms > 10'000 ? SIGKILL : SIGQUIT);
    if (waited_ms > 20'000)
      return fail(Code::database_start, "process {} of a dead server or a killed run still works in {}", left.front(), folder);
    ::poll(nullptr, 0, 20);
  }
}

Status make_cluster(const std::string& folder) {
  const std::filesystem::path path(folder);
  const std::string half = (path.parent_path() / (".new-" + path.filename().string())).string();
  BS_TRY(remove_tree(half));
  const auto initdb = postgres_program("initdb");
  if (!initdb) return fail(initdb.error());
  // LANG may be unset on a bare machine: locale and encoding are named.
  if (auto made = run_as_server(
          {*initdb, "-D", half, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"}, 300'000);
      !made)
    return fail(Code::database_start, "initdb: {}", made.error().detail);
  std::error_code error;
  std::filesystem::rename(half, folder, error);
  if (error) return fail(Code::database_start, "cannot rename {} to {}: {}", half, folder, error.message());
  return sync_folder(path.parent_path().string());
}

Status write_configuration(const std::string& folder, const std::string& text) {
  constexpr const char* line = "include 'backstitch.conf'\n";
  BS_TRY(write_file_durably(folder + "/backstitch.conf", text));
  auto own = read_file(folder + "/postgresql.conf");
  if (!own) return fail(std::move(own.error()));
  if (own->find(line) != std::string::npos) return {};
  return write_file_durably(folder + "/postgresql.conf", *own + line);
}

int postmaster_of(const std::string& folder) {
  const auto text = read_file(folder + "/postmaster.pid");
  const int pid = text ? std::atoi(text->c_str()) : 0;
  return pid > 0 && ::kill(pid, 0) == 0 && works_in(pid, folder) ? pid : 0;
}

bool is_served(const std::string& folder) {
  const std::int64_t begun_ms = monotonic_ms();
  while (postmaster_of(folder) != 0) {
    if (!lock_line(folder, 8).starts_with("stopping") || monotonic_ms() - begun_ms > stopping_wait_ms) return true;
    ::poll(nullptr, 0, 20);
  }
  return false;
}

std::string socket_folder_of(const std::string& folder) {
  const std::int64_t begun_ms = monotonic_ms();
  while (postmaster_of(folder) != 0 && monotonic_ms() - begun_ms < socket_wait_ms) {
    const std::string line = lock_line(folder, 5);
    if (!line.empty()) return line;
    ::poll(nullptr, 0, 20);  // it has only just begun
  }
  return {};
}

Status start_server(const std::string& folder, const std::string& socket_folder, const std::string& log_file,
                    std::int64_t timeout_s, const std::string& options) {
  if (is_served(folder)) return {};
  BS_TRY(await_leaving(folder));
  remove_stale_locks(folder, socket_folder);
  const auto pg_ctl = postgres_program_for("pg_ctl", folder);
  if (!pg_ctl) return fail(pg_ctl.error());
  // pg_ctl and not our own start(): the server gets its own session, so that Ctrl-C on our terminal does not reach it.
  const auto started =
      run_as_server({*pg_ctl, "-D", folder, "-l", log_file, "-t", std::to_string(timeout_s), "-w", "-s", "-o", options, "start"},
                    (timeout_s + 10) * 1000);
  if (!started) return fail(Code::database_start, "{}; {} ends with: {}", started.error().detail, log_file, last_words(log_file));
  return {};
}

Status stop_server(const std::string& folder, const std::string& mode) {
  if (postmaster_of(folder) == 0) return {};
  const auto pg_ctl = postgres_program_for("pg_ctl", folder);
  if (!pg_ctl) return fail(pg_ctl.error());
  auto stopped = run_as_server({*pg_ctl, "-D", folder, "-m", mode, "-t", "120", "-w", "-s", "stop"}, 130'000);
  if (!stopped && postmaster_of(folder) != 0) return fail(std::move(stopped.error()));
  return {};
}

}  // namespace backstitch::database
