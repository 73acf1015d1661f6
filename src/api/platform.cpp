#include "api/platform.h"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "api/data_folder.h"
#include "api/open_stores.h"
#include "api/open_workers.h"
#include "api/secret.h"
#include "api/show_positions.h"
#include "base/log.h"
#include "base/process.h"
#include "recovery/saga/epoch.h"
#include "stores/database/postgres/database.h"
#include "stores/database/private/door.h"

namespace backstitch {
namespace {

constexpr auto watch_every = std::chrono::milliseconds(200);
constexpr std::int64_t show_positions_every_ms = 2'000;

}  // namespace

Status Platform::open_folder() {
  BS_TRY(make_folders(config_.data));
  auto lock = FolderLock::take(config_.data + "/LOCK");
  if (!lock) return fail(std::move(lock.error()));
  lock_ = std::make_unique<FolderLock>(std::move(*lock));
  for (const char* folder : {"/run", "/log"}) BS_TRY(make_folders(config_.data + folder));
  BS_TRY(mark_data_folder(config_.data));
  return write_pid_file(config_.data + "/run/serve.pid", self());
}

Status Platform::open_stores() {
  auto safe = open_safe(config_);
  if (!safe) return fail(std::move(safe.error()));
  safe_ = std::move(*safe);
  auto epoch = safe_->epoch();
  if (!epoch) return fail(std::move(epoch.error()));
  if (recovery::held_by_another(*epoch, "")) return fail(Code::epoch_closed, "epoch {} is closed by {}", epoch->n, epoch->saga);
  epoch_ = *epoch;
  auto objects = open_objects(config_);
  if (!objects) return fail(std::move(objects.error()));
  objects_ = std::move(*objects);
  return open_database();
}

Status Platform::open_database() {
  BS_TRY(config_.external_database() ? open_external_database() : open_private_database());
  if (!alone()) member_name_ = workers::own_process_name();
  database_ = database::make_postgres_database({.connection = connection_, .connections_max = 8, .member = member_name_});
  BS_TRY(database_->migrate());
  BS_TRY(await_no_recovery());
  if (config_.shares_database()) BS_TRY(mark_database());
  BS_TRY(database_->ensure_partitions(config_.partitions));
  return database_->set_epoch(epoch_.n, true);
}

Status Platform::open_private_database() {
  BS_TRY(refuse_lost_database(config_));
  database::ClusterSettings settings;
  settings.data_folder = config_.data, settings.safe_folder = config_.safe_folder;
  auto cluster = database::PrivateCluster::open(settings);
  if (!cluster) return fail(std::move(cluster.error()));
  cluster_ = std::make_unique<database::PrivateCluster>(std::move(*cluster));
  connection_ = cluster_->connection();
  if (!cluster_->notice().empty()) log_info("cluster", "notice=\"{}\"", cluster_->notice());
  auto queue = std::async(std::launch::async, [this] { return open_queue(); });  // each reads what it must recover
  std::optional<database::Door> door;
  if (!config_.database_listen.empty()) {
    auto password = secret_of("database.password", config_.database_password);
    if (!password) return fail(std::move(password.error()));
    door = database::Door{config_.database_listen, std::move(*password)};
    BS_TRY(database::open_door(*cluster_, *door));
  }
  BS_TRY(cluster_->start());
  if (door) BS_TRY(database::let_members_in(*cluster_, *door));
  return queue.get();
}

// Everything is asked before anything is written, there or here.
Status Platform::open_external_database() {
  auto standing = standing_database(config_, *safe_);
  if (!standing) return fail(std::move(standing.error()));
  standing_ = std::move(*standing);
  connection_ = standing_->address.connection, place_ = standing_->address.place;
  BS_TRY(serve_standing(config_, *standing_));
  BS_TRY(database::check_external(standing_->address));
  log_info("database", "place={} backups={}", place_, config_.backup_provider == "own" ? "none" : config_.backup_provider);
  return open_queue();
}

database::ExternalAddress Platform::shared_database() const {
  return standing_ ? standing_->address : database::ExternalAddress{connection_, config_.database_listen};
}

// The rows of one instance and the log of another would be of different orders.
Status Platform::mark_database() {
  constexpr const char* mark = "instance/id";
  auto kept = safe_->get(mark);
  if (!kept && kept.error().code != Code::object_not_found) return fail(std::move(kept.error()));
  const auto stands = database::claim_database(shared_database(), config_.instance, kept.value_or(""));
  if (!stands) return fail(stands.error());
  return kept ? Status() : safe_->put(mark, *stands);
}

Status Platform::open_queue() {
  auto queue = backstitch::open_queue(config_, *safe_);
  if (!queue) return fail(std::move(queue.error()));
  queue_ = std::move(*queue);
  for (const std::string& warning : queue_warnings(config_)) log_warn("queue", "warning=\"{}\"", warning);
  for (const char* topic : {"incoming", "completer", "order_orderitems"})
    BS_TRY(queue_->ensure_topic(topic, {true, config_.retention_ms.at(topic)}));
  BS_TRY(queue_->ensure_topic("schedule", {false, config_.retention_ms.at("schedule")}));
  for (const auto& [lane, settings_of_lane] : config_.lanes)
    BS_TRY(queue_->ensure_topic("tasks." + lane, {false, config_.retention_ms.at("tasks")}));
  return {};
}

// The catalog that orders are checked against at the door: the one most partitions have come to, or the newest they will come to.
Status Platform::load_catalogs() {
  library_ = std::make_unique<CatalogLibrary>(*safe_);
  auto positions = database_->positions();
  if (!positions) return fail(std::move(positions.error()));
  decided_ = std::vector<std::atomic<std::uint64_t>>(static_cast<std::size_t>(config_.partitions));
  for (const auto& position : *positions) {
    BS_TRY(library_->load(position.catalog_digest));
    decided_[static_cast<std::size_t>(position.partition)] = position.incoming;
  }
  intake_ = std::make_unique<Intake>(IntakeSettings{config_.partitions, config_.incoming_records_max, has_role(roles::intake)},
                                     *queue_, *library_, [this](Partition partition) { return decided(partition); });
  if (positions->empty()) return {};
  auto active = catalog_to_come(positions->front());
  if (!active) return fail(std::move(active.error()));
  intake_->set_active_catalog(*active);
  return library_->load(*active);
}

Status Platform::open_callbacks() {
  const auto secret = callback_secret(*safe_);
  if (!secret) return fail(secret.error());
  callbacks_ = std::make_unique<Callbacks>(*secret, *queue_, config_.partitions);
  return {};
}

Result<std::unique_ptr<Platform>> Platform::start(const Config& config) {
  std::unique_ptr<Platform> platform(new Platform(config));
  BS_TRY(platform->open_folder());
  BS_TRY(write_file_durably(config.data + "/run/effective.yaml", config_yaml(config)));
  BS_TRY(platform->open_stores());
  BS_TRY(platform->load_catalogs());
  BS_TRY(platform->open_access());
  BS_TRY(platform->open_callbacks());
  BS_TRY(platform->open_services());
  BS_TRY(platform->open_servers());
  BS_TRY(platform->open_workers());
  // Workers last: they need the address, and tasks are handed out by then.
  if (platform->has_role(workers_are_of_all(config) ? roles::worker_manager : roles::worker)) platform->begin_worker_manager();
  if (platform->alone() || platform->cluster_) platform->begin_keeper();
  if (!platform->alone()) platform->join_members();
  platform->started_ = true;
  platform->watcher_ = std::thread([p = platform.get()] { p->watch(); });
  return platform;
}

// PostgreSQL is a process like any other: when it dies it is started again, and the shards come back by themselves.
void Platform::watch() {
  std::unique_lock lock(mutex_);
  for (std::int64_t show_ms = 0; !stop_;) {
    wake_.wait_for(lock, watch_every, [this] { return stop_; });
    if (stop_) return;
    lock.unlock();
    if (cluster_ && !cluster_->is_alive()) {
      log_warn("postgres_gone", "folder={}", cluster_->folder());
      if (const Status started = cluster_->ensure_running(); !started)
        log_error("postgres_start", "error=\"{}\"", started.error().text());
    }
    if (standing_)
      if (const Status served = serve_standing(config_, *standing_); !served)
        log_error("postgres_start", "error=\"{}\"", served.error().text());
    if (!alone()) follow(), look_at_epoch();
    if (config_.queue_adapter == "kafka" && monotonic_ms() > show_ms) {
      show_positions(*database_, *queue_);
      show_ms = monotonic_ms() + show_positions_every_ms;
    }
    lock.lock();
  }
}

void Platform::request_stop(int exit_status) {
  {
    const std::lock_guard lock(mutex_);
    if (!stop_) exit_status_ = exit_status;
    stop_ = true;
  }
  wake_.notify_all();
}

void Platform::stop() {
  if (std::exchange(stopped_, true)) return;
  request_stop(0);
  if (watcher_.joinable()) watcher_.join();
  api_server_.reset();
  api_ = Router();  // what its routes have begun ends
  replace(keeper_, {});
  replace(carrier_, {});
  if (stands_still_) end_workers();  // when it has left, nobody calls for it any more: a recovery counts on that
  membership_.reset();               // others go on with what this one has ended, before its workers have
  end_workers();
  worker_server_.reset(), metrics_server_.reset();  // nobody asks about what is taken down
  slots_.clear();
  scheduler_.reset(), crm_sync_.reset(), broker_.reset(), archiver_.reset();
  workers_.reset();  // whoever keeps Pods gives that to another member
  access_.reset();
  database_.reset();
  auto closing = std::async(std::launch::async, [this] { queue_.reset(); });  // each waits for the disk
  if (cluster_)
    if (const Status ended = cluster_->stop(); !ended) log_warn("postgres_stop", "error=\"{}\"", ended.error().text());
  if (standing_)
    if (const Status ended = stop_standing(*standing_); !ended) log_warn("postgres_stop", "error=\"{}\"", ended.error().text());
  closing.wait();
  (void)remove_tree(config_.data + "/run/serve.pid");
  (void)remove_tree(config_.data + "/run/endpoints.json");
}

Platform::~Platform() { stop(); }

}  // namespace backstitch
