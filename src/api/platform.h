// The platform: wiring of the stores and of everything that runs in this process, which is all of it, or a part where several
// processes are one instance (docs/decisions/0019-roles.md).
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/config.h"
#include "api/open_backups.h"
#include "api/router.h"
#include "base/files.h"
#include "fold/catalog_library.h"
#include "services/access/access.h"
#include "services/archiver/archiver.h"
#include "services/crm_sync/crm_sync.h"
#include "services/intake/callbacks.h"
#include "services/intake/intake.h"
#include "services/keeper/keeper.h"
#include "services/keeper/off_site_carrier.h"
#include "services/members/membership.h"
#include "services/scheduler/scheduler.h"
#include "services/shard/shard.h"
#include "services/worker/broker.h"
#include "services/worker_manager/lag_scale.h"
#include "services/worker_manager/worker_manager.h"
#include "stores/database/external/external.h"
#include "stores/database/private/cluster.h"
#include "stores/objects/port.h"

namespace backstitch {

struct PlatformOptions {
  std::string data;         // overrides the configuration's; empty = as configured
  std::string config_file;  // empty: DIR/backstitch.yaml when it is there
  int port_base = -1;       // -1 as configured; 0 takes free ports; N: N API, N+1 metrics, N+2 workers
  std::string roles;        // with commas; overrides the configuration's; empty = as configured
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
  /// What wait() returns when a recovery has the instance: to be started again when the epoch is open.
  static constexpr int stands_still = -1;

  const Config& config() const { return config_; }
  std::string endpoints_json() const;
  /// Addresses of all that hand out tasks, where there may be several.
  std::vector<std::string> brokers() const;
  /// The same for workers; nothing while this process may be behind: another one tells them.
  std::vector<std::string> brokers_to_tell() const;
  /// Where systems call back; known once the servers are open.
  std::string callback_url(const std::string& key) const;
  DesiredWorkers configured_workers() const;

  // for the routes
  queue::Queue& queue() { return *queue_; }
  database::Database& database() { return *database_; }
  safe::Safe& safe() { return *safe_; }
  objects::Objects& objects() { return *objects_; }
  CatalogLibrary& catalog_library() { return *library_; }
  Intake& intake() { return *intake_; }
  Access& access() { return *access_; }
  TaskBroker& broker() { return *broker_; }
  /// Ours; only where the configuration says that it is (Config::external_database).
  database::PrivateCluster& cluster() { return *cluster_; }
  /// For libpq; may hold a password.
  const std::string& database_connection() const { return connection_; }
  /// For people.
  std::string database_place() const { return cluster_ ? cluster_->folder() : place_; }
  // Null where another member does it now, or this one has not the role.
  std::shared_ptr<Archiver> archiver() const { return part(archiver_); }
  std::shared_ptr<CrmSync> crm_sync() const { return part(crm_sync_); }
  std::shared_ptr<Scheduler> scheduler() const { return part(scheduler_); }
  std::shared_ptr<Keeper> keeper() const { return part(keeper_); }
  std::shared_ptr<OffSiteCarrier> carrier() const { return part(carrier_); }
  const WorkerManager* worker_manager() const { return worker_manager_.get(); }
  /// Of these workers those that are for this process to run, and more of them as long as a lane lags.
  DesiredWorkers own_share(DesiredWorkers wish) const;
  std::vector<std::shared_ptr<ShardService>> shards() const;
  bool has_role(std::string_view role) const;
  /// No other process is, or may become, a part of this instance.
  bool alone() const { return !config_.may_be_several(); }
  /// How the members stand: of one that is alone itself.
  Result<database::Cluster> members() const;
  /// Where that is done which this process does not do: an address, empty when nobody does it.
  std::string api_of_holder(std::string_view lease) const;
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
  database::ExternalAddress shared_database() const;
  Status open_external_database();
  Status mark_database();
  Status open_queue();
  Status open_access();
  Status load_catalogs();
  Status open_callbacks();
  Status open_services();
  Status open_servers();
  Status open_workers();
  void open_broker();
  void begin_scheduler(Scheduler::Load load);
  Status begin_archiver();
  void begin_crm_sync(std::uint64_t term);
  void begin_keeper();
  void begin_worker_manager();
  void end_workers();
  void worker_gone(const std::string& worker);
  void tell_gone(const std::vector<std::string>& workers) const;
  Result<DesiredWorkers> look_at_wish();
  std::map<std::string, std::size_t> waiting_here(const DesiredWorkers& wish) const;
  std::map<std::string, std::size_t> waiting_everywhere(const DesiredWorkers& wish);
  bool others_keep_workers() const;
  DesiredWorkers shared(DesiredWorkers wish) const;
  std::shared_ptr<ShardService> make_shard(int thread, std::vector<Partition> partitions);
  void begin_all();     // of a process that is alone
  void join_members();  // of one among several
  void own(const std::set<Partition>& partitions);
  void hold(const std::string& lease, std::optional<std::uint64_t> term);
  void look_at_members(const database::Cluster& cluster, std::int64_t begun_ms);
  Status await_no_recovery() const;
  void look_at_epoch();
  void stand_still(const std::string& reason);
  bool leads() const;
  Status tell_brokers();
  void follow();  // what other members have decided
  void shard_fenced(const Error& error);
  /// Of a living member of that role, for what every one of them can do; empty when there is none.
  std::string address_of_any(std::string_view role, std::string database::Member::* address) const;
  template <class Part>
  std::shared_ptr<Part> part(const std::shared_ptr<Part>& which) const {
    const std::lock_guard lock(parts_mutex_);
    return which;
  }
  template <class Part>
  void replace(std::shared_ptr<Part>& which, std::shared_ptr<Part> with) {
    {
      const std::lock_guard lock(parts_mutex_);
      which.swap(with);
    }  // the one before ends here, unless a request is still looking at it
  }
  void note_decided(Partition partition, std::uint64_t offset);
  void watch();

  Config config_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<safe::Safe> safe_;
  safe::Epoch epoch_;
  std::unique_ptr<database::PrivateCluster> cluster_;  // none where somebody else runs the database
  std::string connection_, place_;
  std::optional<StandingDatabase> standing_;  // there; a recovery may have made it a cluster that is served from here
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<queue::Queue> queue_;
  std::unique_ptr<objects::Objects> objects_;
  std::unique_ptr<CatalogLibrary> library_;
  std::unique_ptr<workers::Workers> workers_;
  std::unique_ptr<LagScale> lag_scale_;
  std::int64_t lag_asked_ms_ = 0;  // the worker-manager's thread
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
  std::map<std::string, Seals> seals_;
  mutable std::mutex parts_mutex_;
  std::shared_ptr<Scheduler> scheduler_;
  struct Slot {
    std::vector<Partition> partitions;
    std::shared_ptr<ShardService> shard;
  };
  std::vector<Slot> slots_;  // one a thread
  std::shared_ptr<CrmSync> crm_sync_;
  std::shared_ptr<Archiver> archiver_;
  std::unique_ptr<WorkerManager> worker_manager_;
  std::shared_ptr<Keeper> keeper_;
  std::shared_ptr<OffSiteCarrier> carrier_;

  std::string member_name_;         // empty: alone
  database::Cluster cluster_view_;  // under parts_mutex_
  std::atomic<std::int64_t> leads_until_ms_{0};
  std::atomic<bool> stands_still_{false};
  std::int64_t epoch_looked_ms_ = 0;
  std::string brokers_told_;
  std::unique_ptr<Membership> membership_;

  Router api_, worker_api_, metrics_api_;
  std::string api_base_;  // http://ADDRESS:PORT of our own API, once it was served
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
