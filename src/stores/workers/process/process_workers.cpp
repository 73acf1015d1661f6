// Workers as child processes, one pid file a slot. They outlive us: a worker with a call in the air must be able to bring its answer
// to the platform's next life.
#include <charconv>

#include "base/files.h"
#include "base/process.h"
#include "stores/workers/port.h"

namespace backstitch::workers {
namespace {

constexpr const char* prefix = "worker-";

std::string name_of(const std::string& lane, ProcessId id) { return lane + "-" + std::to_string(id.pid) + "-" + std::to_string(id.started); }

bool parse(const std::string& name, ProcessId& id) {
  const auto last = name.rfind('-');
  const auto before = last == std::string::npos || last == 0 ? std::string::npos : name.rfind('-', last - 1);
  if (before == std::string::npos) return false;
  const char* end = name.data() + name.size();
  return std::from_chars(name.data() + before + 1, name.data() + last, id.pid).ec == std::errc() &&
         std::from_chars(name.data() + last + 1, end, id.started).ec == std::errc();
}

class ProcessWorkers : public Workers {
 public:
  explicit ProcessWorkers(ProcessSettings settings) : settings_(std::move(settings)) {}

  Result<std::vector<Running>> running() override {
    std::vector<Running> found;
    for (const std::string& file : list_folder(settings_.run_folder)) {
      if (!file.starts_with(prefix) || !file.ends_with(".pid")) continue;
      std::string slot = file.substr(std::string_view(prefix).size(), file.size() - std::string_view(prefix).size() - 4);
      const auto dash = slot.rfind('-');
      if (dash == std::string::npos) continue;
      const std::string lane = slot.substr(0, dash);
      slot[dash] = '/';
      const auto id = read_pid_file(settings_.run_folder + "/" + file);
      if (id) (void)reap(id->pid);
      if (id && backstitch::alive(*id)) found.push_back({slot, name_of(lane, *id)});
    }
    return found;
  }

  Result<Running> launch(const Launch& launch) override {
    Command command;
    command.argv = {settings_.executable, "worker", "--lane", launch.lane, "--concurrency", std::to_string(launch.concurrency),
                    "--endpoints", settings_.endpoints_file, "--stop-grace-ms", std::to_string(settings_.stop_grace_ms)};
    command.env = settings_.env;
    command.stdout_path = settings_.log_folder + "/" + prefix + file_slot(launch.slot) + ".log";
    auto child = start(command);
    if (!child) return fail(std::move(child.error()));
    BS_TRY(write_pid_file(pid_file(launch.slot), child->id));
    return Running{launch.slot, name_of(launch.lane, child->id)};
  }

  Status end(const std::string& slot, std::int64_t grace_ms) override {
    if (const auto id = read_pid_file(pid_file(slot))) stop_process(*id, grace_ms);
    return remove_tree(pid_file(slot));
  }

  bool alive(const std::string& name) const override {
    ProcessId id;
    return parse(name, id) && backstitch::alive(id);
  }

 private:
  static std::string file_slot(std::string slot) {
    for (char& c : slot)
      if (c == '/') c = '-';
    return slot;
  }
  std::string pid_file(const std::string& slot) const { return settings_.run_folder + "/" + prefix + file_slot(slot) + ".pid"; }

  ProcessSettings settings_;
};

}  // namespace

std::unique_ptr<Workers> open_process_workers(const ProcessSettings& settings) { return std::make_unique<ProcessWorkers>(settings); }

std::string own_worker_name(const std::string& lane) { return name_of(lane, self()); }

}  // namespace backstitch::workers
