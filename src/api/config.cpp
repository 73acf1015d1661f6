#include "api/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/files.h"
#include "base/json.h"
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

Reader text(const char* key, std::string Config::* member) {
  return {key, [member](Config& config, const YAML::Node& node) { return config.*member = node.as<std::string>(""), Status(); }};
}

Reader one_of(const char* key, std::string Config::* member, std::vector<std::string> values) {
  return {key, [=](Config& config, const YAML::Node& node) -> Status {
            const auto value = node.as<std::string>("");
            if (std::find(values.begin(), values.end(), value) == values.end())
              return fail(Code::config_invalid, "{}: \"{}\" is none of {}", key, value, fmt::join(values, ", "));
            config.*member = value;
            return {};
          }};
}

template <class Number>
Reader whole(const char* key, Number Config::* member, long long least, long long most) {
  return {key, [=](Config& config, const YAML::Node& node) -> Status {
            const auto value = node.as<long long>();
            if (value < least || value > most)
              return fail(Code::config_invalid, "{}: {} is outside {} … {}", key, value, least, most);
            config.*member = static_cast<Number>(value);
            return {};
          }};
}

Reader duration(const char* key, std::int64_t Config::* member) {
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
            return fail(Code::config_invalid, "{}: \"{}\" is not part of this version; \"{}\" is", key, node.as<std::string>(""),
                        value);
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
    lane.count = entry.second["count"].as<int>(lane.count),
    lane.concurrency = entry.second["concurrency"].as<int>(lane.concurrency);
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
      one_of("database.adapter", &Config::database_adapter, {"private", "external"}),
      text("database.url", &Config::database_url),
      only("queue.adapter", "embedded"),
      {"queue.retention", read_retention},
      {"queue.allow_short_retention",
       [](Config& config, const YAML::Node& node) { return config.allow_short_retention = node.as<bool>(), Status(); }},
      whole("queue.incoming_records_max", &Config::incoming_records_max, 1, 1'000'000'000),
      one_of("cache.adapter", &Config::cache_adapter, {"memory", "redis", "riak"}),
      text("cache.url", &Config::cache_url),
      only("objects.adapter", "files"),
      only("safe.adapter", "files"),
      text("safe.folder", &Config::safe_folder),
      duration("safe.archive_every", &Config::archive_every_ms),
      only("workers.adapter", "process"),
      {"workers.lanes", read_lanes},
      {"workers.implementations",
       [](Config& config, const YAML::Node& node) {
         for (const auto& entry : node)
           config.implementations[entry.first.as<std::string>()] = entry.second.as<std::vector<std::string>>();
         return Status();
       }},
      only("crm.adapter", "standin"),
      text("crm.url", &Config::crm_url),
      {"systems", [](Config& config, const YAML::Node& node) { return read_texts(config.systems, node); }},
      text("callbacks.url", &Config::callbacks_url),
      whole("retry.default_retries", &Config::default_retries, 0, 1'000'000),
      duration("retry.default_interval", &Config::default_retry_interval_ms),
      {"access.local_administrator",
       [](Config& config, const YAML::Node& node) { return config.access_local_administrator = node.as<bool>(), Status(); }},
      duration("access.grants_ttl", &Config::access_grants_ttl_ms),
      duration("access.session_ttl", &Config::access_session_ttl_ms),
      duration("verify.every", &Config::verify_every_ms),
      duration("backup.full_every", &Config::backup_every_ms),
      duration("audit.every", &Config::audit_every_ms),
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
  static const std::set<std::string> not_settings = {"probe", "probe_log", "testing_disable", "token"};
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

void check_database(const Config& config, std::vector<Fault>& faults) {
  if (config.external_database() == !config.database_url.empty()) return;
  faults.push_back({"database.url", Code::config_invalid,
                    config.external_database() ? "where is it? postgresql://USER@HOST:PORT/DATABASE, env:NAME or file:PATH"
                                               : "it is for database.adapter external; the private one has no address"});
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
  check_database(config, error.faults);
  for (const char* topic : {"incoming", "order_orderitems"})
    if (config.retention_ms[topic] < retention_least_ms && !config.allow_short_retention)
      return fail(Code::retention_too_short, "queue.retention.{} is {}", topic, duration_text(config.retention_ms[topic]));
  if (!error.faults.empty()) return fail(std::move(error));
  return config;
}

namespace {

/// A JSON string is a YAML string, whatever stands in it.
std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

template <class Entries, class Line>
std::string listed(const char* indent, const Entries& entries, Line line) {
  if (entries.empty()) return " {}\n";
  std::string out = "\n";
  for (const auto& [name, value] : entries) out += indent + quoted(name) + ": " + line(value) + "\n";
  return out;
}

std::string command_text(const std::vector<std::string>& argv) {
  std::string out;
  for (const std::string& word : argv) out += (out.empty() ? "" : ", ") + quoted(word);
  return "[" + out + "]";
}

std::string queue_yaml(const Config& config) {
  std::string retention;
  for (const auto& [topic, ms] : config.retention_ms)
    retention += fmt::format("{}{}: {}", retention.empty() ? "" : ", ", topic, duration_text(ms));
  return fmt::format(
      "queue:\n  adapter: embedded\n  retention: {{{}}}\n  allow_short_retention: {}\n  incoming_records_max: {}\n", retention,
      config.allow_short_retention, config.incoming_records_max);
}

std::string workers_yaml(const Config& config) {
  return "workers:\n  adapter: process\n  lanes:" +
         listed(
             "    ", config.lanes,
             [](const LaneConfig& lane) { return fmt::format("{{count: {}, concurrency: {}}}", lane.count, lane.concurrency); }) +
         "  implementations:" + listed("    ", config.implementations, command_text);
}

}  // namespace

std::string config_yaml(const Config& config) {
  std::string out =
      fmt::format("instance: {}\ndata: {}\nlisten: {{address: {}, port: {}, metrics_port: {}, workers_port: {}, threads: {}}}\n",
                  quoted(config.instance), quoted(config.data), config.address, config.port, config.metrics_port,
                  config.workers_port, config.http_threads);
  out += fmt::format("partitions: {}\nshards: {{threads: {}, turn_inputs_max: {}}}\n", config.partitions, config.shard_threads,
                     config.turn_inputs_max);
  out += fmt::format("database: {{adapter: {}, url: {}}}\n", config.database_adapter, quoted(config.database_url));
  out += queue_yaml(config) + fmt::format("cache: {{adapter: {}, url: {}}}\n", config.cache_adapter, quoted(config.cache_url)) +
         "objects: {adapter: files}\n";
  out += fmt::format("safe: {{adapter: files, folder: {}, archive_every: {}}}\n", quoted(config.safe()),
                     duration_text(config.archive_every_ms));
  out += workers_yaml(config) + fmt::format("crm: {{adapter: standin, url: {}}}\nsystems:", quoted(config.crm_url));
  out += listed("  ", config.systems, quoted) + fmt::format("callbacks: {{url: {}}}\n", quoted(config.callbacks_url));
  out += fmt::format("retry: {{default_retries: {}, default_interval: {}}}\n", config.default_retries,
                     duration_text(config.default_retry_interval_ms));
  out += fmt::format("access: {{local_administrator: {}, grants_ttl: {}, session_ttl: {}}}\n", config.access_local_administrator,
                     duration_text(config.access_grants_ttl_ms), duration_text(config.access_session_ttl_ms));
  return out + fmt::format("verify: {{every: {}}}\nbackup: {{full_every: {}}}\naudit: {{every: {}}}\n",
                           duration_text(config.verify_every_ms), duration_text(config.backup_every_ms),
                           duration_text(config.audit_every_ms));
}

}  // namespace backstitch
