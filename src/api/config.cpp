#include "api/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "api/config_members.h"
#include "api/config_readers.h"
#include "api/config_stores.h"
#include "api/config_workers.h"
#include "base/files.h"
#include "base/time.h"
#include "rules/nearest.h"

extern char** environ;

namespace backstitch {
namespace {

using namespace config;  // the readers

constexpr std::int64_t retention_least_ms = 30 * 60'000;

Status read_texts(std::map<std::string, std::string>& out, const YAML::Node& node) {
  for (const auto& entry : node) out[entry.first.as<std::string>()] = entry.second.as<std::string>();
  return {};
}

const std::vector<Reader>& readers() {
  static const std::vector<Reader> table = [] {
    std::vector<Reader> all = {
        text("instance", &Config::instance),
        text("data", &Config::data),
        whole("listen.port", &Config::port, 0, 65535),
        whole("listen.metrics_port", &Config::metrics_port, 0, 65535),
        whole("listen.threads", &Config::http_threads, 1, 512),
        whole("partitions", &Config::partitions, 1, 1024),
        whole("shards.threads", &Config::shard_threads, 1, 64),
        whole("shards.turn_inputs_max", &Config::turn_inputs_max, 1, 4096),
        {"systems", [](Config& config, const YAML::Node& node) { return read_texts(config.systems, node); }},
        text("callbacks.url", &Config::callbacks_url),
        whole("retry.default_retries", &Config::default_retries, 0, 1'000'000),
        duration("retry.default_interval", &Config::default_retry_interval_ms),
        flag("access.local_administrator", &Config::access_local_administrator),
        duration("access.grants_ttl", &Config::access_grants_ttl_ms),
        duration("access.session_ttl", &Config::access_session_ttl_ms),
        duration("verify.every", &Config::verify_every_ms),
        duration("backup.full_every", &Config::backup_every_ms),
        duration("audit.every", &Config::audit_every_ms),
    };
    for (auto readers : {store_readers, member_readers, worker_readers})
      for (Reader& reader : readers()) all.push_back(std::move(reader));
    return all;
  }();
  return table;
}

const Reader* find_reader(const std::string& key) {
  for (const Reader& reader : readers())
    if (reader.key == key) return &reader;
  return nullptr;
}

void read_value(Config& config, const std::string& key, const YAML::Node& node, std::vector<Fault>& faults) {
  try {
    if (const Reader* reader = find_reader(key)) {
      if (const Status done = reader->read(config, node); !done)
        faults.push_back({key, Code::config_invalid, done.error().detail});
      return;
    }
    const bool is_group =
        std::any_of(readers().begin(), readers().end(), [&](const Reader& reader) { return reader.key.starts_with(key + "."); });
    if (is_group && node.IsMap()) {
      for (const auto& entry : node) read_value(config, key + "." + entry.first.as<std::string>(), entry.second, faults);
      return;
    }
    std::vector<std::string> names;
    for (const Reader& reader : readers()) names.push_back(reader.key);
    const std::string near = nearest(key, names);
    faults.push_back({key, Code::config_invalid, near.empty() ? "no such key" : "no such key; did you mean " + near + "?"});
  } catch (const YAML::Exception& error) {
    faults.push_back({key, Code::config_invalid, error.what()});
  }
}

// BACKSTITCH_QUEUE__INCOMING_RECORDS_MAX=5 → queue.incoming_records_max
void read_environment(Config& config, std::vector<Fault>& faults) {
  static const std::set<std::string> not_settings = {"probe", "probe_log", "testing_disable", "token", "without", "servers"};
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view line(*entry);
    const auto equals = line.find('=');
    if (!line.starts_with("BACKSTITCH_") || equals == std::string_view::npos) continue;
    std::string key;
    const std::string_view name = line.substr(11, equals - 11);
    for (std::size_t i = 0; i < name.size(); ++i) {
      const bool split = name[i] == '_' && i + 1 < name.size() && name[i + 1] == '_';
      key += split ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
      if (split) ++i;
    }
    if (not_settings.contains(key)) continue;
    try {
      read_value(config, key, YAML::Load(std::string(line.substr(equals + 1))), faults);
    } catch (const YAML::Exception& wrong) {
      faults.push_back({key, Code::config_invalid, wrong.what()});
    }
  }
}

}  // namespace

Result<Config> load_config(const std::string& file) {
  Config config;
  config.lanes["default"] = {};
  for (const char* topic : {"incoming", "order_orderitems", "completer", "schedule", "tasks"})
    config.retention_ms[topic] = 2 * 3'600'000;
  Error error{Code::config_invalid, file.empty() ? "environment" : file, {}};
  if (!file.empty()) {
    auto content = read_file(file);
    if (!content) return fail(std::move(content.error()));
    try {
      const YAML::Node document = YAML::Load(*content);
      if (!document.IsMap() && !document.IsNull()) return fail(Code::config_invalid, "{}: keys and values are wanted", file);
      for (const auto& entry : document) read_value(config, entry.first.as<std::string>(), entry.second, error.faults);
    } catch (const YAML::Exception& wrong) {
      return fail(Code::config_invalid, "{}: {}", file, wrong.what());
    }
  }
  read_environment(config, error.faults);
  for (const auto& [key, ms] : {std::pair{"access.grants_ttl", config.access_grants_ttl_ms},
                                std::pair{"access.session_ttl", config.access_session_ttl_ms}})
    if (ms <= 0) error.faults.push_back({key, Code::config_invalid, "longer than nothing is wanted"});
  for (const char* topic : {"incoming", "order_orderitems"})
    if (config.retention_ms[topic] < retention_least_ms && !config.allow_short_retention)
      return fail(Code::retention_too_short, "queue.retention.{} is {}", topic, duration_text(config.retention_ms[topic]));
  look_for_store_faults(config, error.faults);
  look_for_member_faults(config, error.faults);
  look_for_worker_faults(config, error.faults);
  if (!error.faults.empty()) return fail(std::move(error));
  return config;
}

std::string config_yaml(const Config& config) {
  std::string out = fmt::format(
      "instance: {}\ndata: {}\nlisten: {{address: {}, private_network: {}, port: {}, metrics_port: {}, {}, threads: {}}}\n",
      quoted(config.instance), quoted(config.data), config.address, config.private_network, config.port, config.metrics_port,
      workers_listen_yaml(config), config.http_threads);
  out += fmt::format("partitions: {}\nshards: {{threads: {}, turn_inputs_max: {}}}\n", config.partitions, config.shard_threads,
                     config.turn_inputs_max);
  out += members_yaml(config) + stores_yaml(config) + workers_yaml(config) + "systems:";
  out += listed("  ", config.systems, quoted) + fmt::format("callbacks: {{url: {}}}\n", quoted(config.callbacks_url));
  out += fmt::format("retry: {{default_retries: {}, default_interval: {}}}\n", config.default_retries,
                     duration_text(config.default_retry_interval_ms));
  out += fmt::format("access: {{local_administrator: {}, grants_ttl: {}, session_ttl: {}}}\n", config.access_local_administrator,
                     duration_text(config.access_grants_ttl_ms), duration_text(config.access_session_ttl_ms));
  return out + fmt::format("verify: {{every: {}}}\n", duration_text(config.verify_every_ms)) + backup_yaml(config) +
         fmt::format("audit: {{every: {}}}\n", duration_text(config.audit_every_ms));
}

}  // namespace backstitch
