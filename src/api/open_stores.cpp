#include "api/open_stores.h"

#include "api/field_table.h"
#include "api/secret.h"
#include "stores/cache/memory/memory_cache.h"
#include "stores/cache/redis/redis_cache.h"
#include "stores/cache/riak/riak_cache.h"
#include "stores/crm/changes.h"
#include "stores/crm/salesforce/salesforce_crm.h"
#include "stores/objects/files/files_objects.h"
#include "stores/objects/s3/s3_objects.h"
#include "stores/queue/embedded/embedded_queue.h"
#include "stores/queue/kafka/kafka_queue.h"
#include "stores/safe/bind_log.h"
#include "stores/safe/files/files_safe.h"
#include "stores/safe/s3/s3_safe.h"

namespace backstitch {
namespace {

/// What the instance is called in stores that it shares with others.
std::string name_of(const Config& config) { return config.instance == "main" ? "backstitch" : "backstitch-" + config.instance; }

Result<objects::S3Settings> s3_settings(const Config& config, const std::string& bucket) {
  objects::S3Settings settings;
  settings.endpoint = config.s3_endpoint, settings.region = config.s3_region, settings.bucket = bucket;
  settings.prefix = name_of(config), settings.access_key = config.s3_access_key, settings.ca_file = config.s3_ca_file;
  auto secret = secret_of("s3.secret_key", config.s3_secret_key);
  if (!secret) return fail(std::move(secret.error()));
  settings.secret_key = std::move(*secret);
  return settings;
}

Result<queue::KafkaSettings> kafka_settings(const Config& config) {
  queue::KafkaSettings settings;
  settings.brokers = config.queue_brokers, settings.prefix = name_of(config), settings.partitions = config.partitions;
  settings.replicas = config.queue_replicas, settings.user = config.queue_user, settings.ca_file = config.queue_ca_file;
  settings.security = std::string(config.queue_user.empty() ? "" : "sasl_") + (config.queue_tls ? "ssl" : "plaintext");
  auto password = secret_of("queue.password", config.queue_password);
  if (!password) return fail(std::move(password.error()));
  settings.password = std::move(*password);
  return settings;
}

/// `log`: the number that it must have; empty: any.
Result<std::unique_ptr<queue::Queue>> open_log(const Config& config, const std::string& log, bool beside_owner) {
  if (config.queue_adapter != "kafka") {
    queue::EmbeddedSettings settings;
    settings.folder = config.data + "/queue", settings.partitions = config.partitions;
    settings.log = log, settings.beside_owner = beside_owner;
    return queue::open_embedded_queue(settings);
  }
  auto settings = kafka_settings(config);
  if (!settings) return fail(std::move(settings.error()));
  settings->log = log;
  return queue::open_kafka_queue(*settings);
}

}  // namespace

Result<database::ExternalAddress> database_address(const Config& config) {
  const auto url = secret_of("database.url", config.database_url);
  return url ? database::external_address(*url) : fail(url.error());
}

Status need_own_database(const Config& config, std::string_view what) {
  if (!config.external_database()) return {};
  return fail(Code::not_yet,
              "{} works on the files of the database, and somebody else runs this one (database.adapter external): its backups "
              "are those of whoever runs it. Nothing was touched; log and safe keep every acknowledged input",
              what);
}

Result<std::unique_ptr<safe::Safe>> open_safe(const Config& config) {
  if (config.safe_adapter == "files") return safe::open_files_safe(config.safe());
  const auto settings = s3_settings(config, config.safe_bucket);
  return settings ? safe::open_s3_safe(*settings) : fail(settings.error());
}

Result<std::unique_ptr<queue::Queue>> open_queue(const Config& config, safe::Safe& safe) {
  const auto log = safe::bound_log(safe);
  if (!log) return fail(log.error());
  auto queue = open_log(config, *log, false);
  if (!queue) return queue;
  BS_TRY(safe::bind_log(**queue, safe));
  return queue;
}

Result<std::unique_ptr<queue::Queue>> open_queue_beside_owner(const Config& config, safe::Safe& safe) {
  const auto log = safe::bound_log(safe);
  return log ? open_log(config, *log, true) : fail(log.error());
}

bool is_not_ours(const Error& error) { return error.code == Code::store_unfit || error.code == Code::topic_replaced; }

Result<std::unique_ptr<objects::Objects>> open_objects(const Config& config) {
  if (config.objects_adapter == "files") return objects::open_files_objects(config.data + "/objects");
  const auto settings = s3_settings(config, config.objects_bucket);
  return settings ? objects::open_s3_objects(*settings) : fail(settings.error());
}

Result<std::unique_ptr<cache::Cache>> open_cache(const Config& config) {
  if (config.cache_adapter == "memory") return cache::make_memory_cache();
  const auto url = secret_of("cache.url", config.cache_url);
  if (!url) return fail(url.error());
  if (config.cache_adapter == "riak") {
    cache::RiakSettings settings;
    settings.url = *url, settings.bucket = name_of(config);
    return cache::open_riak_cache(settings);
  }
  auto settings = cache::redis_settings(*url);
  if (!settings) return fail(std::move(settings.error()));
  settings->prefix = name_of(config);
  return cache::open_redis_cache(*settings);
}

std::vector<std::string> queue_warnings(const Config& config) {
  if (config.queue_adapter != "kafka") return {};
  const auto settings = kafka_settings(config);
  return settings ? queue::kafka_warnings(*settings).value_or(std::vector<std::string>()) : std::vector<std::string>();
}

Result<std::unique_ptr<crm::Crm>> open_crm(const Config& config) {
  if (config.crm_url.empty()) return std::unique_ptr<crm::Crm>();
  auto fields = read_field_table(shipped_field_table());
  if (!fields) return fail(std::move(fields.error()));
  if (config.crm_adapter == "standin") return crm::open_standin_crm(config.crm_url, *fields);
  auto key = secret_of("crm.key", config.crm_key);
  if (!key) return fail(std::move(key.error()));
  crm::SalesforceSettings settings;
  settings.login_url = config.crm_url, settings.client_id = config.crm_client_id, settings.user = config.crm_user;
  settings.private_key_pem = std::move(*key), settings.ca_file = config.crm_ca_file, settings.fields = std::move(*fields);
  return crm::open_salesforce_crm(settings);
}

}  // namespace backstitch
