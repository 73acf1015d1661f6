// A platform as a process: its configuration, signals, and how a member of several stands still and begins again.
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "api/platform.h"
#include "base/log.h"
#include "base/process.h"

namespace backstitch {
namespace {

constexpr auto signal_poll = std::chrono::milliseconds(20);
constexpr auto stands_still_for = std::chrono::seconds(1);

// A handler may not take a lock; wait() looks at this by the clock.
std::atomic<bool> told_to_stop{false};
void on_signal(int) { told_to_stop = true; }

/// A member waits out a recovery that another one carries out, and with it the time in which there is no database.
bool waits(const Config& config, const Error& error, bool stood_still) {
  if (!config.may_be_several() || !config.external_database()) return false;
  return error.code == Code::epoch_closed || (stood_still && info(error.code).retryable);
}

int run_once(const Config& config, bool stood_still) {
  auto platform = Platform::start(config);
  if (!platform) {
    if (!waits(config, platform.error(), stood_still))
      return fmt::print(stderr, "{}\n", platform.error().text()), info(platform.error().code).exit_status;
    if (!stood_still) log_warn("stands_still", "reason=\"{}\"", platform.error().text());
    return Platform::stands_still;
  }
  std::signal(SIGTERM, on_signal);
  std::signal(SIGINT, on_signal);
  fmt::print("{}\n", (*platform)->endpoints_json());
  std::fflush(stdout);
  const int status = (*platform)->wait();
  (*platform)->stop();
  return status;
}

}  // namespace

int Platform::wait() {
  std::unique_lock lock(mutex_);
  while (!stop_ && !told_to_stop) wake_.wait_for(lock, signal_poll, [this] { return stop_; });
  return exit_status_;
}

Result<Config> effective_config(const PlatformOptions& options) {
  std::string file = options.config_file;
  if (file.empty() && !options.data.empty() && file_exists(options.data + "/backstitch.yaml"))
    file = options.data + "/backstitch.yaml";
  auto config = load_config(file);
  if (!config) return fail(std::move(config.error()));
  if (!options.data.empty()) config->data = options.data;
  if (options.port_base >= 0) {
    const int base = options.port_base;
    config->port = base, config->metrics_port = base ? base + 1 : 0, config->workers_port = base ? base + 2 : 0;
  }
  if (!options.roles.empty()) BS_TRY(take_roles(*config, options.roles));
  return config;
}

int run_platform(const PlatformOptions& options) {
  auto config = effective_config(options);
  if (!config) return fmt::print(stderr, "{}\n", config.error().text()), info(config.error().code).exit_status;
  raise_file_limit();
  int status = run_once(*config, false);
  while (status == Platform::stands_still && !told_to_stop) {
    std::this_thread::sleep_for(stands_still_for);
    status = run_once(*config, true);
  }
  return status == Platform::stands_still ? 0 : status;
}

}  // namespace backstitch
