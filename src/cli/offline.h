// A data folder while its platform is down: its configuration, its lock (no platform may start meanwhile), its cluster.
#pragma once
#include <functional>

#include "api/config.h"
#include "base/files.h"
#include "cli/verb.h"
#include "stores/database/private/cluster.h"

namespace backstitch::cli {

/// True when the error says that no platform runs on the data folder, and no --server was named: the folder may be used.
bool may_go_offline(const Invocation& invocation, const Error& error);

/// The configuration of the data folder that the invocation names.
Result<Config> config_of(const Invocation& invocation);

/// What the platform runs with, or ran with last, which counts where a file says something else by now; else as above.
Result<Config> effective_config_of(const Invocation& invocation);

class OfflineFolder {
 public:
  /// Code::not_running (`because`) when it is no data folder; already_running when a platform holds it after all.
  static Result<OfflineFolder> open(const Invocation& invocation, const Error& because);
  const Config& config() const { return config_; }
  /// Opened, not started. Code::not_yet where somebody else runs the database.
  Result<database::PrivateCluster> cluster() const;
  /// Calls `use` with a connection to the database: a private one is started for the time being, unless it runs.
  Status with_database(const std::function<Status(const std::string& connection)>& use) const;

 private:
  OfflineFolder(Config config, FolderLock lock) : config_(std::move(config)), lock_(std::move(lock)) {}
  Status with_external(const std::function<Status(const std::string& connection)>& use) const;
  Config config_;
  FolderLock lock_;
};

}  // namespace backstitch::cli
