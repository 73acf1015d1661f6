#include "cli/verbs/worker.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "api/platform.h"
#include "api/secret.h"
#include "base/log.h"
#include "base/process.h"
#include "services/worker/worker.h"
#include "stores/workers/port.h"

namespace backstitch::cli {
namespace {

volatile std::sig_atomic_t stop_asked = 0;
void on_signal(int) { stop_asked = 1; }

constexpr auto signal_poll = std::chrono::milliseconds(20);

Result<std::int64_t> number(const Invocation& invocation, const char* option, std::int64_t otherwise) {
  if (!invocation.has(option)) return otherwise;
  const std::int64_t value = std::atoll(invocation.option(option).c_str());
  if (value <= 0) return fail(Code::usage, "{} takes a number above 0, not \"{}\"", option, invocation.option(option));
  return value;
}

/// Commands of auto tasks stand in the configuration that the platform runs by, which it puts beside the endpoints file.
Result<Config> config_beside(const std::string& endpoints_file) {
  const auto file = std::filesystem::absolute(endpoints_file).parent_path() / "effective.yaml";
  return load_config(std::filesystem::exists(file) ? file.string() : std::string());
}

}  // namespace

Result<Answer> worker(const Invocation& invocation) {
  const std::string lane = invocation.option("--lane"), endpoints = invocation.option("--endpoints");
  const auto concurrency = number(invocation, "--concurrency", 32), grace_ms = number(invocation, "--stop-grace-ms", 10'000);
  if (!concurrency) return fail(concurrency.error());
  if (!grace_ms) return fail(grace_ms.error());
  const auto config = config_beside(endpoints);
  if (!config) return fail(config.error());
  const auto token = secret_of("--token", invocation.option("--token", ""));
  if (!token) return fail(token.error());
  raise_file_limit();
  std::signal(SIGTERM, on_signal);
  std::signal(SIGINT, on_signal);

  // Whatever it is called, a name is one life of a worker: a later one must never take its marks for its own.
  const std::string own = workers::own_worker_name(lane), given = invocation.option("--name", "");
  const char* whole = std::getenv(workers::worker_name_variable);
  WorkerSettings settings{.name = whole != nullptr ? whole : given.empty() ? own : given + "-" + own, .lane = lane};
  settings.concurrency = static_cast<std::size_t>(*concurrency);
  const auto link = link_over_http(endpoints, *token);
  const auto systems = systems::open_http_systems();
  TaskCode code(config->implementations);
  Worker runner(settings, *link, *systems, code);
  log_info("worker_started", "name={} lane={} concurrency={}", settings.name, lane, *concurrency);
  std::thread thread([&runner] { runner.run(); });
  while (!stop_asked) std::this_thread::sleep_for(signal_poll);
  runner.stop(*grace_ms);
  thread.join();
  log_info("worker_ended", "name={}", settings.name);
  return Answer{.schema = "worker/1"};
}

}  // namespace backstitch::cli
