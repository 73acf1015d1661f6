// The platform in one process: wiring of the embedded stores and of everything that runs.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/config.h"
#include "api/router.h"
#include "base/files.h"
#include "fold/catalog_library.h"
#include "services/access/access.h"
#include "services/archiver/archiver.h"
#include "services/crm_sync/crm_sync.h"
#include "services/intake/callbacks.h"
#include "services/intake/intake.h"
#include "services/keeper/keeper.h"
#include "services/scheduler/scheduler.h"
#include "services/shard/shard.h"
#include "services/worker/broker.h"
#include "services/worker_manager/worker_manager.h"
#include "stores/database/private/cluster.h"
#include "stores/objects/port.h"

namespace backstitch {

struct PlatformOptions {
  std::string data;         // overrides the configuration's; empty = as configured
  std::string config_file;  // empty: DIR/backstitch.yaml when it is there
  int port_base = -1;       // -1 as configured; 0 takes free ports; N: N API, N+1 metrics, N+2 workers
};

Result<Config> effective_config(const PlatformOptions& options);

class Platform {
 public:
  /// Returns when orders are taken. Errors: already_running, epoch_closed, port_taken, environment, database_start, …
  static Result<std::unique_ptr<Platform>> start(const Config& config);
  ~Platform();
  /// Ends its turns, workers finish what is in the air, PostgreSQL is stopped.
  void stop();
  /// Waits for request_stop(), a fence, or a lost store; the exit status.
  int wait();
  void request_stop(int exit_status);

  const Config& config() const { return config_; }
  std::string endpoints_json() const;
  /// Where systems call back; known once the servers are open.
  std::string callback_url(const std::string& key) const;
  std::vector<database::Database::DesiredWorker> configured_workers() const;

  // for the routes
  queue::Queue& queue() { return *queue_; }
  database::Database& database() { return *database_; }
  safe::Safe& safe() { return *safe_; }
  objects::Objects& objects() { return *objects_; }
  CatalogLibrary& catalog_library() { return *library_; }
  Intake& intake() { return *intake_; }
  Access& access() { return *access_; }
  TaskBroker& broker() { return *broker_; }
  Archiver& archiver() { return *archiver_; }
  /// Ours; only where the configuration says that it is (Config::external_database).
  database::PrivateCluster& cluster() { return *cluster_; }
  /// For libpq; may hold a password.
  const std::string& database_connection() const { return connection_; }
  /// For people.
  std::string database_place() const { return cluster_ ? cluster_->folder() : place_; }
  CrmSync* crm_sync() const { return crm_sync_.get(); }
  const Scheduler& scheduler() const { return *scheduler_; }
  const WorkerManager& worker_manager() const { return *worker_manager_; }
  const Keeper& keeper() const { return *keeper_; }
  const std::vector<std::unique_ptr<ShardService>>& shards() const { return shards_; }
  safe::Epoch epoch() const { return epoch_; }
  std::uint64_t decided(Partition partition) const { return decided_[static_cast<std::size_t>(partition)]; }
  /// How often a commit of a shard has moved a partition on.
  std::uint64_t decisions() const;
  /// Waits until there are other than `seen`, at most so long.
  void await_decision(std::uint64_t seen, std::int64_t most_ms) const;
  /// The catalog version active at the end of the partition's log: an activation that was acknowledged and not decided yet
  /// counts.
  Result<std::string> catalog_to_come(const database::Position& position);
  /// Waits so long, or until the platform is to stop: then false.
  bool pause(std::int64_t ms);
  /// Empty when ready, else why not.
  std::string not_ready() const;

 private:
  explicit Platform(Config config) : config_(std::move(config)) {}
  Status open_folder();
  Status open_stores();
  Status open_database();
  Status open_private_database();
  Status open_external_database();
  Status mark_database();
  Status open_queue();
  Status open_access();
  Status load_catalogs();
  Status open_callbacks();
  Status open_services();
  Status open_servers();
  void open_keeper();
  void note_decided(Partition partition, std::uint64_t offset);
  void watch();

  Config config_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<safe::Safe> safe_;
  safe::Epoch epoch_;
  std::unique_ptr<database::PrivateCluster> cluster_;  // none where somebody else runs the database
  std::string connection_, place_;
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<queue::Queue> queue_;
  std::unique_ptr<objects::Objects> objects_;
  std::unique_ptr<CatalogLibrary> library_;
  std::unique_ptr<workers::Workers> workers_;
  std::unique_ptr<crm::Crm> crm_;
  std::vector<std::atomic<std::uint64_t>> decided_;
  mutable std::mutex decisions_mutex_;
  mutable std::condition_variable decisions_wake_;
  std::uint64_t decisions_ = 0;

  std::unique_ptr<cache::Cache> cache_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<Callbacks> callbacks_;
  std::unique_ptr<TaskBroker> broker_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::unique_ptr<ShardService>> shards_;
  std::unique_ptr<CrmSync> crm_sync_;
  std::unique_ptr<Archiver> archiver_;
  std::unique_ptr<WorkerManager> worker_manager_;
  std::unique_ptr<Keeper> keeper_;

  Router api_, worker_api_, metrics_api_;
  std::unique_ptr<HttpServer> api_server_, worker_server_, metrics_server_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> started_{false};  // until then every port answers 503 BS-1006
  bool stop_ = false, stopped_ = false;
  int exit_status_ = 0;
  std::thread watcher_;
};

/// Runs it in the foreground until SIGTERM or SIGINT; the exit status.
int run_platform(const PlatformOptions& options);

}  // namespace backstitch
