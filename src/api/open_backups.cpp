#include "api/open_backups.h"

#include "api/open_stores.h"
#include "api/secret.h"
#include "stores/database/own/own_provider.h"
#include "stores/database/pgbackrest/provider.h"
#include "stores/database/private/server.h"
#include "stores/database/rds/provider.h"

namespace backstitch {
namespace {

database::PgBackRestSettings pgbackrest_settings(const Config& config, database::ExternalAddress configured,
                                                 database::ClusterFolders folders) {
  return {.stanza = config.backup_stanza,
          .config = config.backup_config,
          .configured = std::move(configured),
          .folders = std::move(folders)};
}

Result<database::RdsSettings> rds_settings(const Config& config, database::ExternalAddress configured) {
  auto secret = secret_of("backup.secret_key", config.backup_secret_key);
  if (!secret) return fail(std::move(secret.error()));
  database::RdsSettings settings;
  settings.api.region = config.backup_region, settings.api.access_key = config.backup_access_key;
  settings.api.secret_key = std::move(*secret), settings.api.ca_file = config.backup_ca_file;
  settings.api.endpoint =
      config.backup_endpoint.empty() ? fmt::format("https://rds.{}.amazonaws.com", config.backup_region) : config.backup_endpoint;
  settings.instance = config.backup_instance, settings.configured = std::move(configured);
  return settings;
}

}  // namespace

Result<StandingDatabase> standing_database(const Config& config, safe::Safe& safe) {
  auto configured = database_address(config);
  if (!configured) return fail(std::move(configured.error()));
  auto standing = database::standing_of(safe, *configured);
  if (!standing) return fail(std::move(standing.error()));
  auto address = database::address_at(*configured, *standing);
  if (!address) return fail(std::move(address.error()));
  return StandingDatabase{std::move(*configured), std::move(*address), std::move(*standing)};
}

Status serve_standing(const Config& config, const StandingDatabase& database) {
  const database::Standing& standing = database.standing;
  if (standing.folder.empty()) return {};
  return database::serve_moved(pgbackrest_settings(config, database.configured, {}), standing.folder, standing.sockets);
}

Status stop_standing(const StandingDatabase& database) {
  return database.standing.folder.empty() ? Status() : database::stop_server(database.standing.folder, "fast");
}

Status need_backups(const Config& config, std::string_view what) {
  return config.backup_provider == "own" ? need_own_database(config, what) : Status();
}

Status need_recovery(const Config& config, std::string_view what) {
  BS_TRY(need_backups(config, what));
  if (config.external_database() && config.may_be_several())
    return fail(Code::not_yet,
                "{} stops every process of the instance, and of several it can stop one alone. Nothing was touched", what);
  return {};
}

Result<std::shared_ptr<database::BackupProvider>> open_backups(const Config& config, safe::Safe& safe, std::string_view what) {
  BS_TRY(need_backups(config, what));
  auto folders = database::make_cluster_folders(config.data, config.safe());
  if (!folders) return fail(std::move(folders.error()));
  if (!config.external_database()) {
    database::ClusterSettings settings;
    settings.data_folder = config.data, settings.safe_folder = config.safe();
    return std::shared_ptr(database::make_own_provider(std::move(*folders), std::move(settings)));
  }
  auto configured = database_address(config);
  if (!configured) return fail(std::move(configured.error()));
  if (config.backup_provider == "rds") {
    auto settings = rds_settings(config, std::move(*configured));
    if (!settings) return fail(std::move(settings.error()));
    return std::shared_ptr(database::make_rds_provider(std::move(*settings), safe));
  }
  return std::shared_ptr(
      database::make_pgbackrest_provider(pgbackrest_settings(config, std::move(*configured), std::move(*folders)), safe));
}

}  // namespace backstitch
