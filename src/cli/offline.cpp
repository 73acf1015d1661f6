#include "cli/offline.h"

#include "api/data_folder.h"
#include "api/open_backups.h"
#include "api/open_stores.h"
#include "api/platform.h"

namespace backstitch::cli {

bool may_go_offline(const Invocation& invocation, const Error& error) {
  return invocation.server.empty() && error.code == Code::not_running;
}

Result<Config> config_of(const Invocation& invocation) {
  // With --config the file may name the data folder itself; only what the person typed goes before it.
  const bool file_decides = invocation.has("--config") && !invocation.data_given;
  PlatformOptions options{.data = file_decides ? "" : invocation.data, .config_file = invocation.option("--config")};
  if (invocation.has("--port-base")) options.port_base = std::atoi(invocation.option("--port-base").c_str());
  return effective_config(options);
}

Result<Config> effective_config_of(const Invocation& invocation) {
  auto config = config_of(invocation);
  if (!config) return config;
  const std::string effective = config->data + "/run/effective.yaml";
  if (!file_exists(effective)) return config;
  auto runs = load_config(effective);
  if (runs) runs->data = config->data;
  return runs;
}

Result<OfflineFolder> OfflineFolder::open(const Invocation& invocation, const Error& because) {
  auto config = config_of(invocation);
  if (!config) return fail(std::move(config.error()));
  if (!file_exists(config->data + "/VERSION")) return fail(because);
  auto lock = FolderLock::take(config->data + "/LOCK");
  if (!lock) return fail(std::move(lock.error()));
  return OfflineFolder(std::move(*config), std::move(*lock));
}

Result<database::PrivateCluster> OfflineFolder::cluster() const {
  BS_TRY(need_own_database(config_, "this"));
  BS_TRY(refuse_lost_database(config_));
  return database::PrivateCluster::open({.data_folder = config_.data, .safe_folder = config_.safe_folder});
}

Status OfflineFolder::with_external(const std::function<Status(const std::string&)>& use) const {
  const auto safe = open_safe(config_);
  if (!safe) return fail(safe.error());
  const auto standing = standing_database(config_, **safe);
  if (!standing) return fail(standing.error());
  BS_TRY(serve_standing(config_, *standing));
  Status used = use(standing->address.connection);
  BS_TRY(stop_standing(*standing));
  return used;
}

Status OfflineFolder::with_database(const std::function<Status(const std::string&)>& use) const {
  if (config_.external_database()) return with_external(use);
  auto own = cluster();
  if (!own) return fail(std::move(own.error()));
  const bool was_alive = own->is_alive();
  BS_TRY(own->start());
  const Status used = use(own->connection());
  if (!was_alive) BS_TRY(own->stop());
  return used;
}

}  // namespace backstitch::cli
