#include "api/open_workers.h"

#include <chrono>
#include <set>
#include <thread>

#include "api/config_workers.h"
#include "api/open_stores.h"
#include "api/secret.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/time.h"
#include "stores/workers/kubernetes/kubernetes_workers.h"

namespace backstitch {
namespace {

constexpr const char* identity_object = "instance/workers";
constexpr std::int64_t leave_ms = 10'000;  // a Pod's node is away when it takes longer: its worker is a possible ghost
constexpr std::int64_t reach_ms = 15'000;  // as long as an orchestrator is asked that does not answer
constexpr int rounds_max = 3;              // who was on its way when all others were ended
constexpr auto ask_again = std::chrono::milliseconds(200);

Result<std::string> identity_of(const Config& config) {
  auto safe = open_safe(config);
  if (!safe) return fail(std::move(safe.error()));
  auto kept = (*safe)->get(identity_object);
  if (kept || kept.error().code != Code::object_not_found) return kept;
  if (const auto put = (*safe)->put_new(identity_object, random_hex(4)); !put) return fail(put.error());
  return (*safe)->get(identity_object);  // another process may have been first
}

Result<std::unique_ptr<workers::Workers>> open_kubernetes(const Config& config,
                                                          std::function<std::vector<std::string>()> brokers) {
  workers::KubernetesSettings settings;
  settings.server = config.workers_server, settings.ca_file = config.workers_ca_file;
  if (config.workers_kube_token.starts_with("file:")) {
    settings.token_file = config.workers_kube_token.substr(5);  // read anew each time: it is renewed there
  } else {
    auto token = secret_of("workers.token", config.workers_kube_token);
    if (!token) return fail(std::move(token.error()));
    settings.token = std::move(*token);
  }
  const auto identity = identity_of(config);
  if (!identity) return fail(identity.error());
  settings.namespace_name = config.workers_namespace, settings.image = config.workers_image;
  settings.instance = config.instance + "-" + *identity;
  settings.identity = settings.instance;  // the folder's lock lets one life of it run: nobody has to wait for the one before
  if (config.may_be_several()) {
    settings.identity = workers::own_process_name(), settings.lease_ms = config.member_silent_ms_max;
    settings.brokers = brokers ? std::move(brokers) : [] { return std::vector<std::string>(); };
  }
  settings.endpoints_url = config.workers_platform_url, settings.link_secret = config.workers_link_secret;
  settings.configuration = workers_part_yaml(config), settings.leave_ms = leave_ms;
  return workers::open_kubernetes_workers(settings);
}

/// Who is not of us ends when nobody says for a whole lease that he keeps them.
Status await_nobody_keeps(const Config& config, workers::Workers& workers) {
  const std::int64_t end_ms = monotonic_ms() + config.member_silent_ms_max;
  do {
    if (const auto running = workers.running(); running && running->empty()) return {};
    const auto standing = workers.standing();
    if (standing && standing->others)
      return fail(Code::already_running, "workers are Pods of the whole instance, and another of its processes keeps them");
    std::this_thread::sleep_for(ask_again);
  } while (monotonic_ms() < end_ms);
  return {};
}

/// An orchestrator is asked for a while.
Result<std::vector<workers::Running>> all_running(workers::Workers& workers, std::int64_t end_ms) {
  for (;;) {
    const auto kept = workers.keep({});  // else who is ended would be replaced
    auto running = kept ? workers.running() : Result<std::vector<workers::Running>>(fail(kept.error()));
    if (running || monotonic_ms() >= end_ms) return running;
    std::this_thread::sleep_for(ask_again);
  }
}

}  // namespace

Result<std::unique_ptr<workers::Workers>> open_workers(const Config& config, std::function<std::vector<std::string>()> brokers) {
  if (config.workers_adapter == "kubernetes") return open_kubernetes(config, std::move(brokers));
  workers::ProcessSettings settings;
  settings.executable = own_executable(), settings.run_folder = config.data + "/run", settings.log_folder = config.data + "/log";
  settings.endpoints_file = config.data + "/run/endpoints.json", settings.token_place = config.workers_token;
  return workers::open_process_workers(settings);
}

Status end_workers(const Config& config, std::int64_t grace_ms,
                   const std::function<void(const std::string& name, const Status& ended)>& told) {
  const auto workers = open_workers(config);
  if (!workers) return fail(workers.error());
  if (workers_are_of_all(config)) BS_TRY(await_nobody_keeps(config, **workers));
  const std::int64_t end_ms = monotonic_ms() + (workers_may_be_out_of_reach(config) ? reach_ms : 0);
  std::set<std::string> known;
  for (int round = 0; round < rounds_max; ++round) {
    auto running = all_running(**workers, end_ms);
    if (!running) return fail(running.error());
    std::erase_if(*running, [&](const workers::Running& worker) { return !known.insert(worker.name).second; });
    if (running->empty()) return {};
    workers::end_all(**workers, *running, grace_ms,
                     [&](const workers::Running& worker, const Status& ended) { told(worker.name, ended); });
  }
  return {};
}

bool workers_may_be_out_of_reach(const Config& config) { return config.workers_adapter == "kubernetes"; }

bool workers_are_of_all(const Config& config) { return config.workers_adapter == "kubernetes" && config.may_be_several(); }

std::string workers_url(const Config& config, int port) {
  const std::string& address = config.workers_address;
  return fmt::format("http://{}:{}", address == "0.0.0.0" ? "127.0.0.1" : address, port);
}

}  // namespace backstitch
