#include "api/open_stores.h"

#include "api/secret.h"
#include "stores/cache/memory/memory_cache.h"
#include "stores/cache/redis/redis_cache.h"
#include "stores/cache/riak/riak_cache.h"
#include "stores/objects/files/files_objects.h"
#include "stores/queue/embedded/embedded_queue.h"
#include "stores/safe/files/files_safe.h"

namespace backstitch {

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

Result<std::unique_ptr<safe::Safe>> open_safe(const Config& config) { return safe::open_files_safe(config.safe()); }

Result<std::unique_ptr<queue::Queue>> open_queue(const Config& config) {
  return queue::open_embedded_queue({.folder = config.data + "/queue", .partitions = config.partitions});
}

Result<std::unique_ptr<queue::Queue>> open_queue_beside_owner(const Config& config) {
  return queue::open_embedded_queue({.folder = config.data + "/queue", .partitions = config.partitions, .beside_owner = true});
}

Result<std::unique_ptr<objects::Objects>> open_objects(const Config& config) {
  return objects::open_files_objects(config.data + "/objects");
}

Result<std::unique_ptr<cache::Cache>> open_cache(const Config& config) {
  if (config.cache_adapter == "memory") return cache::make_memory_cache();
  const auto url = secret_of("cache.url", config.cache_url);
  if (!url) return fail(url.error());
  const std::string name = config.instance == "main" ? "backstitch" : "backstitch-" + config.instance;
  if (config.cache_adapter == "riak") {
    cache::RiakSettings settings;
    settings.url = *url, settings.bucket = name;
    return cache::open_riak_cache(settings);
  }
  auto settings = cache::redis_settings(*url);
  if (!settings) return fail(std::move(settings.error()));
  settings->prefix = name;
  return cache::open_redis_cache(*settings);
}

std::unique_ptr<crm::Crm> open_crm(const Config& config) {
  return config.crm_url.empty() ? nullptr : crm::open_standin_crm(config.crm_url);
}

}  // namespace backstitch
