#include "api/config_stores.h"

#include <fmt/format.h>

#include <set>

#include "api/config_readers.h"
#include "api/secret.h"
#include "base/time.h"

namespace backstitch::config {
namespace {

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

using Faults = std::vector<Fault>;

void want(Faults& faults, const char* key, const std::string& value, const char* why) {
  if (value.empty()) faults.push_back({key, Code::config_invalid, why});
}

void want_place(Faults& faults, const char* key, const std::string& value) {
  if (!value.empty() && !names_a_place(value))
    faults.push_back({key, Code::config_invalid, "a secret is named by env:NAME or file:PATH"});
}

// The name of the instance begins topics, keys and names of deployments: no adapter may have to rewrite it.
void look_at_instance(const Config& config, Faults& faults) {
  const std::string& name = config.instance;
  const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (name.empty() || name.size() > 40 || !plain || name.front() == '-' || name.back() == '-')
    faults.push_back({"instance", Code::config_invalid,
                      fmt::format("\"{}\": at most 40 small letters, digits and hyphens, none at an end", name)});
}

void look_at_queue(const Config& config, Faults& faults) {
  want_place(faults, "queue.password", config.queue_password);
  if (config.queue_adapter != "kafka") return;
  want(faults, "queue.brokers", config.queue_brokers, "HOST:PORT, or several with commas between them");
  if (config.queue_user.empty() != config.queue_password.empty())
    faults.push_back({"queue.user", Code::config_invalid, "queue.user and queue.password go together"});
}

void look_at_s3(const Config& config, Faults& faults) {
  want_place(faults, "s3.secret_key", config.s3_secret_key);
  if (config.safe_adapter != "s3" && config.objects_adapter != "s3") return;
  want(faults, "s3.endpoint", config.s3_endpoint, "http://HOST:PORT, or https");
  want(faults, "s3.access_key", config.s3_access_key, "the name of the key");
  want(faults, "s3.secret_key", config.s3_secret_key, "env:NAME or file:PATH of its secret");
  if (config.safe_adapter == "s3") want(faults, "safe.bucket", config.safe_bucket, "a bucket of its own, without versions");
  if (config.objects_adapter == "s3") want(faults, "objects.bucket", config.objects_bucket, "the name of a bucket");
}

void look_at_crm(const Config& config, Faults& faults) {
  want_place(faults, "crm.key", config.crm_key);
  if (config.crm_adapter != "salesforce") return;
  want(faults, "crm.url", config.crm_url, "the address where one signs in, such as https://login.salesforce.com");
  want(faults, "crm.client_id", config.crm_client_id, "the consumer key of the connected app");
  want(faults, "crm.user", config.crm_user, "the user that the app signs in as");
  want(faults, "crm.key", config.crm_key, "env:NAME or file:PATH of the app's private key (PEM)");
}

}  // namespace

std::vector<Reader> store_readers() {
  return {
      one_of("queue.adapter", &Config::queue_adapter, {"embedded", "kafka"}),
      text("queue.brokers", &Config::queue_brokers),
      whole("queue.replicas", &Config::queue_replicas, 1, 7),
      flag("queue.tls", &Config::queue_tls),
      text("queue.ca_file", &Config::queue_ca_file),
      text("queue.user", &Config::queue_user),
      text("queue.password", &Config::queue_password),
      {"queue.retention", read_retention},
      flag("queue.allow_short_retention", &Config::allow_short_retention),
      whole("queue.incoming_records_max", &Config::incoming_records_max, 1, 1'000'000'000),
      one_of("cache.adapter", &Config::cache_adapter, {"memory", "redis", "riak"}),
      text("cache.url", &Config::cache_url),
      one_of("objects.adapter", &Config::objects_adapter, {"files", "s3"}),
      text("objects.bucket", &Config::objects_bucket),
      one_of("safe.adapter", &Config::safe_adapter, {"files", "s3"}),
      text("safe.folder", &Config::safe_folder),
      text("safe.bucket", &Config::safe_bucket),
      duration("safe.archive_every", &Config::archive_every_ms),
      text("s3.endpoint", &Config::s3_endpoint),
      text("s3.region", &Config::s3_region),
      text("s3.access_key", &Config::s3_access_key),
      text("s3.secret_key", &Config::s3_secret_key),
      text("s3.ca_file", &Config::s3_ca_file),
      one_of("crm.adapter", &Config::crm_adapter, {"standin", "salesforce"}),
      text("crm.url", &Config::crm_url),
      text("crm.client_id", &Config::crm_client_id),
      text("crm.user", &Config::crm_user),
      text("crm.key", &Config::crm_key),
      text("crm.ca_file", &Config::crm_ca_file),
  };
}

void look_for_store_faults(const Config& config, std::vector<Fault>& faults) {
  look_at_instance(config, faults);
  look_at_queue(config, faults);
  if (!names_a_place(config.cache_url) && config.cache_url.find('@') != std::string::npos)
    faults.push_back({"cache.url", Code::config_invalid, "an address with a password is named by env:NAME or file:PATH"});
  look_at_s3(config, faults);
  look_at_crm(config, faults);
}

std::string stores_yaml(const Config& config) {
  std::string retention;
  for (const auto& [topic, ms] : config.retention_ms)
    retention += fmt::format("{}{}: {}", retention.empty() ? "" : ", ", topic, duration_text(ms));
  std::string out = fmt::format("queue:\n  adapter: {}\n", config.queue_adapter);
  if (config.queue_adapter == "kafka")
    out += fmt::format("  brokers: {}\n  replicas: {}\n  tls: {}\n  ca_file: {}\n  user: {}\n  password: {}\n",
                       quoted(config.queue_brokers), config.queue_replicas, config.queue_tls, quoted(config.queue_ca_file),
                       quoted(config.queue_user), quoted(config.queue_password));
  out += fmt::format("  retention: {{{}}}\n  allow_short_retention: {}\n  incoming_records_max: {}\n", retention,
                     config.allow_short_retention, config.incoming_records_max);
  out += fmt::format("cache: {{adapter: {}, url: {}}}\n", config.cache_adapter, quoted(config.cache_url));
  out += fmt::format("objects: {{adapter: {}, bucket: {}}}\n", config.objects_adapter, quoted(config.objects_bucket));
  out += fmt::format("safe: {{adapter: {}, folder: {}, bucket: {}, archive_every: {}}}\n", config.safe_adapter,
                     quoted(config.safe()), quoted(config.safe_bucket), duration_text(config.archive_every_ms));
  out += fmt::format("s3: {{endpoint: {}, region: {}, access_key: {}, secret_key: {}, ca_file: {}}}\n",
                     quoted(config.s3_endpoint), quoted(config.s3_region), quoted(config.s3_access_key),
                     quoted(config.s3_secret_key), quoted(config.s3_ca_file));
  return out + fmt::format("crm: {{adapter: {}, url: {}, client_id: {}, user: {}, key: {}, ca_file: {}}}\n", config.crm_adapter,
                           quoted(config.crm_url), quoted(config.crm_client_id), quoted(config.crm_user), quoted(config.crm_key),
                           quoted(config.crm_ca_file));
}

}  // namespace backstitch::config
