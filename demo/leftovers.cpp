#include "demo/leftovers.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <set>

#include "base/files.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t grace_ms = 3'000;
constexpr int rounds_max = 5;

bool names(const std::string& text, const std::string& folder) {
  const auto at = text.find(folder);
  if (at == std::string::npos) return false;
  // "/tmp/x-1" is not "/tmp/x-12".
  const auto behind = at + folder.size();
  return behind == text.size() || text[behind] == '/' || text[behind] == '\0';
}

/// What a demo starts, by the name in /proc/PID/comm (15 bytes): a shell or an editor in the folder is none of ours.
bool is_ours(const std::string& place) {
  static const std::set<std::string> programs = {"backstitch",     "standin-system", "standin-org",     "standin-operato",
                                                 "standin-client", "standin-riak",   "standin-kubelet", "postgres",
                                                 "initdb",         "pg_ctl"};
  std::string name = read_file(place + "/comm").value_or("");
  while (name.ends_with('\n')) name.pop_back();
  return programs.contains(name);
}

bool works_on(int pid, const std::string& folder) {
  const std::string place = "/proc/" + std::to_string(pid);
  if (!is_ours(place)) return false;
  if (names(read_file(place + "/cmdline").value_or(""), folder)) return true;
  std::error_code error;
  return names(std::filesystem::read_symlink(place + "/cwd", error).string(), folder);
}

}  // namespace

std::vector<ProcessId> processes_on(const std::string& folder) {
  std::vector<ProcessId> found;
  for (const std::string& name : list_folder("/proc")) {
    int pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc() || pid == ::getpid()) continue;
    const auto id = identify(pid);
    if (id && works_on(pid, folder) && alive(*id)) found.push_back(*id);
  }
  return found;
}

int end_processes_on(const std::string& folder) {
  int ended = 0;
  // In rounds: what we end may have started something meanwhile.
  for (int round = 0; round < rounds_max; ++round) {
    const auto found = processes_on(folder);
    if (found.empty()) break;
    for (const ProcessId id : found) stop_process(id, grace_ms);
    ended += static_cast<int>(found.size());
  }
  return ended;
}

}  // namespace backstitch::demo
