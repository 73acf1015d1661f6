// Who keeps backups of the database that a configuration names, and where that database stands now.
#pragma once
#include <memory>
#include <string_view>

#include "api/config.h"
#include "stores/database/backup/provider.h"
#include "stores/database/external/standing.h"

namespace backstitch {

/// Of a database that somebody else runs: where the configuration says, or where a recovery has moved it to.
struct StandingDatabase {
  database::ExternalAddress configured, address;
  database::Standing standing;
};
/// Code::config_invalid, safe_failed.
Result<StandingDatabase> standing_database(const Config& config, safe::Safe& safe);
/// Serves it where a recovery has made it a cluster of ours, or finds it served. A success where somebody else serves it.
Status serve_standing(const Config& config, const StandingDatabase& database);
Status stop_standing(const StandingDatabase& database);

/// Code::not_yet where nobody can bring a moment of the database back, in words that say what there is instead; `what` begins
/// them.
Status need_backups(const Config& config, std::string_view what);
/// The same, and where the processes of an instance cannot all be stopped.
Status need_recovery(const Config& config, std::string_view what);
/// `safe` must outlive it. Makes the folders that copies lie in. As need_backups().
Result<std::shared_ptr<database::BackupProvider>> open_backups(const Config& config, safe::Safe& safe, std::string_view what);

}  // namespace backstitch
