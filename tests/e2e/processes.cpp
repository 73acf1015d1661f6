#include "processes.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>

#include "base/files.h"
#include "base/testing.h"
#include "stores/workers/port.h"

namespace backstitch::e2e {

std::vector<ProcessId> workers_of(const std::string& data_folder) {
  std::vector<ProcessId> found;
  for (const std::string& file : list_folder(data_folder + "/run")) {
    if (!file.starts_with("worker-") || !file.ends_with(".pid")) continue;
    if (const auto id = read_pid_file(data_folder + "/run/" + file)) found.push_back(*id);
  }
  return found;
}

std::string worker_name(const std::string& lane, ProcessId id) {
  return lane + "@" + workers::own_host() + "-" + std::to_string(id.pid) + "-" + std::to_string(id.started);
}

std::optional<ProcessId> postmaster_of(const std::string& data_folder) {
  std::string newest;
  for (const std::string& name : list_folder(data_folder + "/pg"))
    if (name.starts_with('e')) newest = name;
  const auto text = read_file(data_folder + "/pg/" + newest + "/postmaster.pid");
  return text ? identify(std::atoi(text->c_str())) : std::nullopt;
}

bool kill_hard(ProcessId id) {
  if (!alive(id)) return false;
  signal_process(id, SIGKILL);
  return testing::wait_until([id] { return !alive(id); });
}

}  // namespace backstitch::e2e
