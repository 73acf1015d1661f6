#include "api/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/files.h"
#include "base/time.h"
#include "rules/nearest.h"

extern char** environ;

namespace backstitch {
namespace {

constexpr std::int64_t retention_least_ms = 30 * 60'000;

// One reader per key; a key is known because it stands here.
struct Reader {
  std::string key;
  std::function<Status(Config&, const YAML::Node&)> read;
};

Reader text(const char* key, std::string Config::*member) {
  return {key, [member](Config& config, const YAML::Node& node) { return config.*member = node.as<std::string>(""), Status(); }};
}

template <class Number>
Reader whole(const char* key, Number Config::*member, long long least, long long most) {
  return {key, [=](Config& config, const YAML::Node& node) -> Status {
            const auto value = node.as<long long>();
            if (value < least || value > most) return fail(Code::config_invalid, "{}: {} is outside {} … {}", key, value, least, most);
            config.*member = static_cast<Number>(value);
            return {};
          }};
}

Reader duration(const char* key, std::int64_t Config::*member) {
  return {key, [=](Config& config, const YAML::Node& node) -> Status {
            const auto value = parse_duration_ms(node.as<std::string>());
            if (!value) return fail(Code::config_invalid, "{}: {}", key, value.error().detail);
            config.*member = *value;
            return {};
          }};
}

/// A key whose only value in this version is the one named.
Reader only(const char* key, std::string value) {
  return {key, [=](Config&, const YAML::Node& node) -> Status {
            if (node.as<std::string>("") == value) return {};
            return fail(Code::config_invalid, "{}: \"{}\" is not part of this version; \"{}\" is", key, node.as<std::string>(""), value);
          }};
}

Status read_retention(Config& config, const YAML::Node& node) {
  static const std::set<std::string> topics = {"incoming", "order_orderitems", "completer", "schedule", "tasks"};
  for (const auto& entry : node) {
    const auto topic = entry.first.as<std::string>();
    const auto value = parse_duration_ms(entry.second.as<std::string>());
    if (!topics.contains(topic)) return fail(Code::config_invalid, "queue.retention.{}: no such queue", topic);
    if (!value) return fail(Code::config_invalid, "queue.retention.{}: {}", topic, value.error().detail);
    config.retention_ms[topic] = *value;
  }
  return {};
}

Status read_lanes(Config& config, const YAML::Node& node) {
  config.lanes.clear();
  for (const auto& entry : node) {
    LaneConfig lane;
    lane.count = entry.second["count"].as<int>(lane.count), lane.concurrency = entry.second["concurrency"].as<int>(lane.concurrency);
    if (lane.count < 0 || lane.count > 64 || lane.concurrency < 1 || lane.concurrency > 1024)
      return fail(Code::config_invalid, "workers.lanes.{}: count 0 … 64, concurrency 1 … 1024", entry.first.as<std::string>());
    config.lanes[entry.first.as<std::string>()] = lane;
  }
  return {};
}

Status read_texts(std::map<std::string, std::string>& out, const YAML::Node& node) {
  for (const auto& entry : node) out[entry.first.as<std::string>()] = entry.second.as<std::string>();
  return {};
}

const std::vector<Reader>& readers() {
  static const std::vector<Reader> table = {
      text("instance", &Config::instance),
      text("data", &Config::data),
      only("listen.address", "127.0.0.1"),
      whole("listen.port", &Config::port, 0, 65535),
      whole("listen.metrics_port", &Config::metrics_port, 0, 65535),
      whole("listen.workers_port", &Config::workers_port, 0, 65535),
      whole("listen.threads", &Config::http_threads, 1, 512),
      whole("partitions", &Config::partitions, 1, 1024),
      whole("shards.threads", &Config::shard_threads, 1, 64),
      whole("shards.turn_inputs_max", &Config::turn_inputs_max, 1, 4096),
      only("database.adapter", "private"),
      only("queue.adapter", "embedded"),
      {"queue.retention", read_retention},
      {"queue.allow_short_retention", [](Config& config, const YAML::Node& node) { return config.allow_short_retention = node.as<bool>(), Status(); }},
      whole("queue.incoming_records_max", &Config::incoming_records_max, 1, 1'000'000'000),
      only("cache.adapter", "memory"),
      only("objects.adapter", "files"),
      only("safe.adapter", "files"),
      text("safe.folder", &Config::safe_folder),
      duration("safe.archive_every", &Config::archive_every_ms),
      only("workers.adapter", "process"),
      {"workers.lanes", read_lanes},
      {"workers.implementations",
       [](Config& config, const YAML::Node& node) {
         for (const auto& entry : node) config.implementations[entry.first.as<std::string>()] = entry.second.as<std::vector<std::string>>();
         return Status();
       }},
      only("crm.adapter", "standin"),
      text("crm.url", &Config::crm_url),
      {"systems", [](Config& config, const YAML::Node& node) { return read_texts(config.systems, node); }},
      whole("retry.default_retries", &Config::default_retries, 0, 1'000'000),
      duration("retry.default_interval", &Config::default_retry_interval_ms),
      duration("verify.every", &Config::verify_every_ms),
      duration("backup.full_every", &Config::backup_every_ms),
  };
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
      if (const Status done = reader->read(config, node); !done) faults.push_back({key, Code::config_invalid, done.error().detail});
      return;
    }
    const bool is_group = std::any_of(readers().begin(), readers().end(), [&](const Reader& reader) { return reader.key.starts_with(key + "."); });
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
  static const std::set<std::string> not_settings = {"probe", "probe_log", "testing_disable"};
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
    if (!not_settings.contains(key)) read_value(config, key, YAML::Load(std::string(line.substr(equals + 1))), faults);
  }
}

}  // namespace

Result<Config> load_config(const std::string& file) {
  Config config;
  config.lanes["default"] = {};
  for (const char* topic : {"incoming", "order_orderitems", "completer", "schedule", "tasks"}) config.retention_ms[topic] = 2 * 3'600'000;
  Error error{Code::config_invalid, file.empty() ? "environment" : file, {}};
  if (!file.empty()) {
    auto content = read_file(file);
    if (!content) return fail(std::move(content.error()));
    try {
      const YAML::Node document = YAML::Load(*content);
      if (document.IsMap())
        for (const auto& entry : document) read_value(config, entry.first.as<std::string>(), entry.second, error.faults);
    } catch (const YAML::Exception& wrong) {
      return fail(Code::config_invalid, "{}: {}", file, wrong.what());
    }
  }
  read_environment(config, error.faults);
  for (const char* topic : {"incoming", "order_orderitems"})
    if (config.retention_ms[topic] < retention_least_ms && !config.allow_short_retention)
      return fail(Code::retention_too_short, "queue.retention.{} is {}", topic, duration_text(config.retention_ms[topic]));
  if (!error.faults.empty()) return fail(std::move(error));
  return config;
}

std::string config_yaml(const Config& config) {
  std::string out = fmt::format("instance: {}\ndata: {}\nlisten: {{address: {}, port: {}, metrics_port: {}, workers_port: {}, threads: {}}}\n", config.instance,
                                config.data, config.address, config.port, config.metrics_port, config.workers_port, config.http_threads);
  out += fmt::format("partitions: {}\nshards: {{threads: {}, turn_inputs_max: {}}}\ndatabase: {{adapter: private}}\nqueue:\n  adapter: embedded\n  retention: {{",
                     config.partitions, config.shard_threads, config.turn_inputs_max);
  bool first = true;
  for (const auto& [topic, ms] : config.retention_ms) out += fmt::format("{}{}: {}", first ? "" : ", ", topic, duration_text(ms)), first = false;
  out += fmt::format("}}\n  allow_short_retention: {}\n  incoming_records_max: {}\ncache: {{adapter: memory}}\nobjects: {{adapter: files}}\n",
                     config.allow_short_retention, config.incoming_records_max);
  out += fmt::format("safe: {{adapter: files, folder: {}, archive_every: {}}}\nworkers:\n  adapter: process\n  lanes:\n", config.safe(),
                     duration_text(config.archive_every_ms));
  for (const auto& [name, lane] : config.lanes) out += fmt::format("    {}: {{count: {}, concurrency: {}}}\n", name, lane.count, lane.concurrency);
  out += fmt::format("crm: {{adapter: standin, url: \"{}\"}}\nsystems:\n", config.crm_url);
  for (const auto& [name, url] : config.systems) out += fmt::format("  \"{}\": {}\n", name, url);
  out += fmt::format("retry: {{default_retries: {}, default_interval: {}}}\n", config.default_retries, duration_text(config.default_retry_interval_ms));
  return out + fmt::format("verify: {{every: {}}}\nbackup: {{full_every: {}}}\n", duration_text(config.verify_every_ms), duration_text(config.backup_every_ms));
}

}  // namespace backstitch
