// The process of a recovery: it stops the platform, holds the data folder's lock, opens log and safe, goes on taking orders and
// callbacks at the address the platform had, and gives the saga everything it acts on (docs/decisions/0006).
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/config.h"
#include "api/router.h"
#include "base/files.h"
#include "recovery/saga/saga.h"
#include "services/intake/callbacks.h"
#include "services/intake/intake.h"

namespace backstitch {

class RecoveryHost {
 public:
  /// Opens the safe, whether the platform runs or not; stops nothing. Code::not_running when it is no data folder.
  static Result<std::unique_ptr<RecoveryHost>> open(Config config, std::function<void(const std::string&)> say);
  /// For what goes on beside the platform and stops nobody, such as an audit.
  static Result<std::unique_ptr<RecoveryHost>> open_beside(Config config, std::function<void(const std::string&)> say);
  ~RecoveryHost();

  /// Everything a saga acts on. The log is opened by its freeze. The host must outlive it; one at a time.
  recovery::World& world(recovery::Plan plan);

  safe::Safe& safe() { return *safe_; }
  CatalogLibrary& library() { return *library_; }
  const database::ClusterFolders& folders() const { return folders_; }
  const Config& config() const { return config_; }
  database::BackupProvider& backups() { return *backups_; }
  systems::Systems* systems() { return systems_.get(); }

  /// One operator at a time prepares, runs or undoes a recovery here: held until the host goes, or its process dies. To be taken
  /// before plan and journal are read. Code::recovery_busy names the process that holds it.
  Status claim();
  /// The file that claim() locks, in any data folder.
  static std::string claim_file(const std::string& data_folder) { return data_folder + "/RECOVERY.LOCK"; }

  /// Before the outage: what the live database would have to write back when it stops is written back while it serves. No effect
  /// when it does not run.
  void write_back();
  /// Notes in the journal that the platform runs, and where; then stops it and its workers, takes the lock, opens the log, serves
  /// intake. Idempotent.
  Result<recovery::Frozen> freeze(recovery::Journal& journal);
  /// Gives a recovery up. Code::already_running while another process goes on with it: its copy is not removed from under it.
  Status undo(const recovery::Plan& plan, recovery::Journal& journal);
  /// Ends intake, closes the log, gives the lock back: the platform may start again.
  void release();
  /// Ports that the platform had, for the one that follows it, also when an earlier life of this recovery stopped it: names of
  /// the environment and their values.
  std::vector<std::pair<std::string, std::string>> ports(const recovery::Journal& journal);
  /// Whether the platform ran when it was stopped, also by an earlier life of this recovery.
  bool platform_ran(const recovery::Journal& journal) const;

 private:
  explicit RecoveryHost(Config config) : config_(std::move(config)) {}
  Status stop_everybody(recovery::Frozen& frozen, recovery::Journal& journal);
  Status stop_platform(recovery::Frozen& frozen, recovery::Journal& journal);
  Status stop_workers(recovery::Frozen& frozen);
  Status open_log();
  Status serve_intake();
  Status open_intake();
  Result<std::string> catalog_at_end();
  void read_ports();
  void take_noted_ports(const recovery::Journal& journal);

  Config config_;
  std::function<void(const std::string&)> say_;
  std::unique_ptr<safe::Safe> safe_;
  std::unique_ptr<CatalogLibrary> library_;
  database::ClusterFolders folders_;
  std::shared_ptr<database::BackupProvider> backups_;
  std::unique_ptr<crm::Crm> crm_;
  std::unique_ptr<systems::Systems> systems_;
  std::unique_ptr<recovery::World> world_;
  std::optional<FolderLock> claim_, lock_;
  std::unique_ptr<queue::Queue> queue_;
  std::vector<queue::Offset> decided_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<Callbacks> callbacks_;
  Router router_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::pair<std::string, std::string>> ports_;
  int api_port_ = 0;
};

}  // namespace backstitch
