// The platform without its servers, in one process: log, safe, PostgreSQL, shards, broker, one worker, scheduler, archiver.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "services/archiver/archiver.h"
#include "services/intake/intake.h"
#include "services/scheduler/scheduler.h"
#include "services/shard/shard.h"
#include "services/worker/worker.h"
#include "stores/database/private/scratch_cluster.h"
#include "stores/queue/embedded/embedded_queue.h"
#include "stores/queue/scratch_folder.h"
#include "world/stub_systems.h"

namespace backstitch::world {

struct WorldSettings {
  int partitions = 8;
  int shard_threads = 2;
  std::size_t turn_inputs_max = 64;
  EngineSettings engine;
  queue::FaultLayer* faults = nullptr;
};

/// One cluster a test binary, removed at its end.
database::ScratchCluster& shared_cluster();
/// A new database in it: migrated, epoch 1 open, with its partitions.
std::unique_ptr<database::Database> new_database(int partitions);
/// From now on the newest database holds no order of this account; no door knows of that.
void forbid_account(const std::string& account);
/// The mini catalog of the repository; version 2 gives up sooner.
std::string catalog_text(int version);

class World {
 public:
  World(WorldSettings settings, StubSystems& systems);
  ~World();

  /// Opens the log and starts everything. An error: the log could not be opened (its power went).
  Status start();
  /// Stops everything where it stands and closes the log; what is in the air is cut off. start() goes on.
  /// The answer: is everything that is durable archived, and every turn mirrored?
  Status stop();
  void restart_shards();

  Intake& intake() { return *intake_; }
  queue::Queue& queue() { return *queue_; }
  database::Database& database() { return *database_; }
  safe::Safe& safe() { return *safe_; }
  CatalogLibrary& library() { return *library_; }
  Archiver& archiver() { return *archiver_; }
  const WorldSettings& settings() const { return settings_; }

  /// Puts the version on the shelf and tells all partitions.
  Status activate_catalog(const std::string& text, const std::string& idempotency_key);
  /// Every record of incoming and completer is decided.
  bool all_decided() const;
  bool shards_running() const;
  bool was_fenced() const { return fenced_; }

 private:
  Status open_queue();
  void start_shards();

  WorldSettings settings_;
  StubSystems& systems_;
  queue::ScratchFolder folder_;
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<safe::Safe> safe_;
  std::unique_ptr<CatalogLibrary> library_;
  std::unique_ptr<queue::Queue> queue_;
  std::vector<std::atomic<std::uint64_t>> decided_;
  std::string active_catalog_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<TaskBroker> broker_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::unique_ptr<ShardService>> shards_;
  std::unique_ptr<Archiver> archiver_;
  std::unique_ptr<WorkerLink> link_;
  std::unique_ptr<TaskCode> code_;
  std::unique_ptr<Worker> worker_;
  std::thread worker_thread_;
  std::atomic<int> lives_{0};  // names the worker: one of an earlier life is gone
  std::atomic<bool> fenced_{false};
};

}  // namespace backstitch::world
