#include "api/config_workers.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "api/config_readers.h"
#include "api/secret.h"
#include "stores/workers/kubernetes/objects.h"

namespace backstitch::config {
namespace {

// backstitch-INSTANCE-01234567-LANE is a name of Kubernetes, of which there are 63 letters.
constexpr std::size_t instance_max = 21, lane_max = 21;

Status read_lanes(Config& config, const YAML::Node& node) {
  config.lanes.clear();
  for (const auto& entry : node) {
    LaneConfig lane;
    lane.count = entry.second["count"].as<int>(lane.count),
    lane.concurrency = entry.second["concurrency"].as<int>(lane.concurrency);
    lane.count_max = entry.second["count_max"].as<int>(lane.count_max);
    if (lane.count < 0 || lane.count > 64 || lane.concurrency < 1 || lane.concurrency > 1024)
      return fail(Code::config_invalid, "workers.lanes.{}: count 0 … 64, concurrency 1 … 1024", entry.first.as<std::string>());
    if (lane.count_max != 0 && (lane.count_max < lane.count || lane.count_max > 64))
      return fail(Code::config_invalid, "workers.lanes.{}: count_max between its count and 64, or none",
                  entry.first.as<std::string>());
    config.lanes[entry.first.as<std::string>()] = lane;
  }
  return {};
}

Status read_implementations(Config& config, const YAML::Node& node) {
  for (const auto& entry : node)
    config.implementations[entry.first.as<std::string>()] = entry.second.as<std::vector<std::string>>();
  return {};
}

bool is_of_this_machine(const in_addr& address) { return (ntohl(address.s_addr) >> 24) == 127; }

/// 0.0.0.0 is nobody's address, and 127.0.0.1 means each Pod itself.
bool is_told_to_pods(const std::string& address) { return address != "0.0.0.0" && address != "127.0.0.1"; }

void look_at_port(const Config& config, std::vector<Fault>& faults) {
  in_addr address{};
  const bool known = ::inet_pton(AF_INET, config.workers_address.c_str(), &address) == 1;
  const auto wrong = [&](const char* key, const char* why) { faults.push_back({key, Code::config_invalid, why}); };
  if (!known) wrong("listen.workers_address", "an IPv4 address of this machine, or 0.0.0.0 for all it has");
  if (known && !is_of_this_machine(address) && config.workers_token.empty())
    wrong("listen.workers_address",
          "others than this machine reach it, and could take tasks and answer them: listen.workers_token is wanted, too");
  if (!config.workers_token.empty() && !names_a_place(config.workers_token))
    wrong("listen.workers_token", "a secret is named by env:NAME or file:PATH");
}

void look_at_kubernetes(const Config& config, std::vector<Fault>& faults) {
  const auto want = [&](const char* key, bool there, const char* why) {
    if (!there) faults.push_back({key, Code::config_invalid, why});
  };
  want("workers.token", config.workers_kube_token.empty() || names_a_place(config.workers_kube_token),
       "a secret is named by env:NAME or file:PATH");
  if (config.workers_adapter != "kubernetes") return;
  want("workers.server", config.workers_server.starts_with("https://"), "https://HOST:PORT of the API server");
  want("workers.image", !config.workers_image.empty(), "the image that workers are started from");
  want("workers.token", !config.workers_kube_token.empty(), "file:PATH of a service account's token, or env:NAME");
  const bool several = config.may_be_several();
  want("workers.platform_url",
       config.workers_platform_url.starts_with("http://") || (several && config.workers_platform_url.empty()),
       "http://HOST:PORT where Pods reach listen.workers_port, such as that of a Service");
  want("listen.workers_address", !several || is_told_to_pods(config.workers_address),
       "of several processes each has an address of its own where Pods reach it, and this is what they would be told");
  want("workers.link_secret", config.workers_token.empty() == config.workers_link_secret.empty(),
       "listen.workers_token and the name of the Secret that brings it to the Pods go together");
  want("instance", config.instance.size() <= instance_max,
       "on Kubernetes at most 21 letters: names of Deployments begin with it");
  want("workers.namespace", workers::is_label(config.workers_namespace), "no name of a namespace");
  for (const auto& [lane, settings] : config.lanes)
    want("workers.lanes", workers::is_label(lane, lane_max),
         "on Kubernetes names of lanes are at most 21 small letters, digits, -");
}

std::string lane_text(const LaneConfig& lane) {
  return fmt::format("{{count: {}, concurrency: {}, count_max: {}}}", lane.count, lane.concurrency, lane.count_max);
}

std::string command_text(const std::vector<std::string>& argv) {
  std::string out;
  for (const std::string& word : argv) out += (out.empty() ? "" : ", ") + quoted(word);
  return "[" + out + "]";
}

}  // namespace

std::vector<Reader> worker_readers() {
  return {
      whole("listen.workers_port", &Config::workers_port, 0, 65535),
      text("listen.workers_address", &Config::workers_address),
      text("listen.workers_token", &Config::workers_token),
      one_of("workers.adapter", &Config::workers_adapter, {"process", "kubernetes"}),
      text("workers.server", &Config::workers_server),
      text("workers.namespace", &Config::workers_namespace),
      text("workers.image", &Config::workers_image),
      text("workers.token", &Config::workers_kube_token),
      text("workers.ca_file", &Config::workers_ca_file),
      text("workers.platform_url", &Config::workers_platform_url),
      text("workers.link_secret", &Config::workers_link_secret),
      {"workers.lanes", read_lanes},
      {"workers.implementations", read_implementations},
  };
}

void look_for_worker_faults(const Config& config, std::vector<Fault>& faults) {
  look_at_port(config, faults);
  look_at_kubernetes(config, faults);
}

std::string workers_listen_yaml(const Config& config) {
  return fmt::format("workers_port: {}, workers_address: {}, workers_token: {}", config.workers_port,
                     quoted(config.workers_address), quoted(config.workers_token));
}

std::string workers_yaml(const Config& config) {
  std::string out = fmt::format("workers:\n  adapter: {}\n", config.workers_adapter);
  if (config.workers_adapter == "kubernetes")
    out += fmt::format(
        "  server: {}\n  namespace: {}\n  image: {}\n  token: {}\n  ca_file: {}\n  platform_url: {}\n  link_secret: {}\n",
        quoted(config.workers_server), quoted(config.workers_namespace), quoted(config.workers_image),
        quoted(config.workers_kube_token), quoted(config.workers_ca_file), quoted(config.workers_platform_url),
        quoted(config.workers_link_secret));
  out += "  lanes:" + listed("    ", config.lanes, lane_text);
  return out + "  implementations:" + listed("    ", config.implementations, command_text);
}

}  // namespace backstitch::config

namespace backstitch {

std::string workers_part_yaml(const Config& config) {
  if (config.implementations.empty()) return {};
  return "workers:\n  implementations:" + config::listed("    ", config.implementations, config::command_text);
}

}  // namespace backstitch
