// Workers as child processes, one pid file a slot. They outlive us: a worker with a call in the air must be able to bring its
// answer to the platform's next life.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <sstream>

#include "base/files.h"
#include "base/log.h"
#include "base/process.h"
#include "stores/workers/port.h"
#include "stores/workers/process/survivors.h"

namespace backstitch::workers {
namespace {

constexpr std::string_view prefix = "worker-", suffix = ".pid";

std::string name_of(const std::string& lane, ProcessId id) {
  return fmt::format("{}@{}-{}-{}", lane, own_host(), id.pid, id.started);
}

bool parse(const std::string& name, ProcessId& id) {
  if (!is_of_this_host(name)) return false;
  const auto last = name.rfind('-');
  const auto before = last == std::string::npos || last == 0 ? std::string::npos : name.rfind('-', last - 1);
  if (before == std::string::npos) return false;
  const char *middle = name.data() + last, *end = name.data() + name.size();
  const auto pid = std::from_chars(name.data() + before + 1, middle, id.pid);
  const auto started = std::from_chars(middle + 1, end, id.started);
  return pid.ec == std::errc() && pid.ptr == middle && started.ec == std::errc() && started.ptr == end;
}

/// True only when it is proven. That /proc cannot be read proves nothing: no descriptor may be free, and a worker taken for
/// dead would have its call sent a second time by another.
bool has_ended(ProcessId id) {
  if (backstitch::alive(id)) return false;
  if (::kill(id.pid, 0) != 0 && errno == ESRCH) return true;
  return start_ticks(id.pid) != 0 && !backstitch::alive(id);
}

// A pid that was given to somebody else may be another child of ours, whose status is not for us.
void reap_if_ours(ProcessId id) {
  if (start_ticks(id.pid) == id.started) (void)reap(id.pid);
}

class ProcessWorkers : public Workers {
 public:
  explicit ProcessWorkers(ProcessSettings settings) : settings_(std::move(settings)) {
    std::error_code error;
    const auto folder = std::filesystem::weakly_canonical(settings_.run_folder, error);
    if (!error) settings_.run_folder = folder.string();
  }

  Result<std::vector<Running>> running() override {
    BS_TRY(adopt_survivors());
    const auto slots = recorded_slots();
    if (!slots) return fail(slots.error());
    std::vector<Running> found;
    for (const std::string& slot : *slots) {
      const auto worker = in_slot(slot);
      if (!worker) return fail(worker.error());
      if (*worker) found.push_back({slot, name_of(lane_of(slot), **worker)});
    }
    return found;
  }

  Result<Running> launch(const Launch& launch) override {
    BS_TRY(adopt_survivors());
    const auto before = in_slot(launch.slot);
    if (!before) return fail(before.error());
    if (*before) return fail(Code::process_failed, "{} already holds {}", launch.slot, name_of(launch.lane, **before));
    auto child = start(command_of(launch));
    if (!child) return fail(std::move(child.error()));
    if (Status written = write_pid_file(pid_file(launch.slot), child->id); !written) {
      stop_process(child->id, 0);  // else each further try would leave one that nobody knows of
      return fail(std::move(written.error()));
    }
    return Running{launch.slot, name_of(launch.lane, child->id)};
  }

  Status end(const std::string& slot, std::int64_t grace_ms) override {
    const auto worker = in_slot(slot);
    if (!worker) return fail(worker.error());
    if (*worker) {
      stop_process(**worker, grace_ms);
      if (!has_ended(**worker)) return fail(Code::process_failed, "{} does not end", name_of(lane_of(slot), **worker));
    }
    return remove_tree(pid_file(slot));
  }

  bool alive(const std::string& name) const override {
    ProcessId id;
    return !parse(name, id) || !has_ended(id);
  }

 private:
  static std::string lane_of(const std::string& slot) { return slot.substr(0, slot.rfind('/')); }

  std::string pid_file(std::string slot) const {
    if (const auto slash = slot.rfind('/'); slash != std::string::npos) slot[slash] = '-';
    return fmt::format("{}/{}{}{}", settings_.run_folder, prefix, slot, suffix);
  }

  Command command_of(const Launch& launch) const {
    Command command;
    command.argv = {settings_.executable, "worker", "--lane", launch.lane, "--concurrency", std::to_string(launch.concurrency)};
    command.argv.insert(command.argv.end(), {"--endpoints", settings_.endpoints_file});
    command.argv.insert(command.argv.end(), {"--stop-grace-ms", std::to_string(settings_.stop_grace_ms)});
    if (!settings_.token_place.empty()) command.argv.insert(command.argv.end(), {"--token", settings_.token_place});
    command.env = settings_.env;
    command.env.emplace_back(pid_file_variable, pid_file(launch.slot));
    const std::string name = std::filesystem::path(pid_file(launch.slot)).stem().string();
    command.stdout_path = settings_.log_folder + "/" + name + ".log";
    return command;
  }

  /// Slots with a pid file. A folder that cannot be read is an error: "nothing runs" would be a lie.
  Result<std::vector<std::string>> recorded_slots() const {
    std::vector<std::string> slots;
    std::error_code error;
    std::filesystem::directory_iterator entry(settings_.run_folder, error), end;
    if (error == std::errc::no_such_file_or_directory) return slots;
    for (; !error && entry != end; entry.increment(error)) {
      const std::string file = entry->path().filename().string();
      if (!file.starts_with(prefix) || !file.ends_with(suffix)) continue;
      std::string slot = file.substr(prefix.size(), file.size() - prefix.size() - suffix.size());
      const auto dash = slot.rfind('-');
      if (dash == std::string::npos) continue;
      slot[dash] = '/';
      slots.push_back(std::move(slot));
    }
    if (error) return fail(Code::file_failed, "{}: {}", settings_.run_folder, error.message());
    return slots;
  }

  /// Who stands in the slot; a stale or broken file holds nobody.
  Result<std::optional<ProcessId>> in_slot(const std::string& slot) const {
    const auto text = read_file(pid_file(slot));
    if (!text && file_exists(pid_file(slot))) return fail(text.error());
    ProcessId id;
    if (!text || !(std::istringstream(*text) >> id.pid >> id.started) || id.pid <= 0) return std::nullopt;
    if (!has_ended(id)) return id;
    reap_if_ours(id);
    return std::nullopt;
  }

  /// Once, before anything else is said or done: only an earlier life can have left them.
  Status adopt_survivors() {
    const std::lock_guard lock(adopting_);
    if (adopted_) return {};
    for (const Survivor& survivor : find_survivors(settings_.run_folder)) {
      if (read_pid_file(survivor.pid_file)) continue;
      log_warn("worker_adopted", "file={} pid={}", survivor.pid_file, survivor.id.pid);
      BS_TRY(write_pid_file(survivor.pid_file, survivor.id));
    }
    adopted_ = true;
    return {};
  }

  ProcessSettings settings_;
  std::mutex adopting_;
  bool adopted_ = false;
};

}  // namespace

std::unique_ptr<Workers> open_process_workers(const ProcessSettings& settings) {
  return std::make_unique<ProcessWorkers>(settings);
}

std::string own_host() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

std::string own_process_name() {
  const ProcessId id = self();
  return fmt::format("{}-{}-{}", own_host(), id.pid, id.started);
}

namespace {

std::string host_of(const std::string& worker) {
  const auto at = worker.rfind('@'), started = worker.rfind('-');
  const auto pid = started == std::string::npos || started == 0 ? std::string::npos : worker.rfind('-', started - 1);
  if (at == std::string::npos || pid == std::string::npos || pid < at) return {};
  return worker.substr(at + 1, pid - at - 1);
}

}  // namespace

bool is_of_this_host(const std::string& worker) {
  const std::string host = host_of(worker);
  return host.empty() || host == own_host();
}

std::string own_worker_name(const std::string& lane) { return name_of(lane, self()); }

}  // namespace backstitch::workers
