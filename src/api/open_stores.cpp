#include "api/open_stores.h"

#include "stores/cache/memory/memory_cache.h"
#include "stores/objects/files/files_objects.h"
#include "stores/queue/embedded/embedded_queue.h"
#include "stores/safe/files/files_safe.h"

namespace backstitch {

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

Result<std::unique_ptr<cache::Cache>> open_cache(const Config&) { return cache::make_memory_cache(); }

}  // namespace backstitch
