#include "world/world.h"

#include <gtest/gtest.h>

#include "rules/fixture.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/postgres/database.h"
#include "stores/safe/files/files_safe.h"

namespace backstitch::world {
namespace {

int databases = 0;  // made so far

std::string worker_name(int life) { return "worker-of-life-" + std::to_string(life); }

template <class T>
T must(Result<T> result) {
  BS_ASSERT(result.has_value(), result ? "" : result.error().text());
  return std::move(*result);
}
void must(const Status& status) { BS_ASSERT(status.has_value(), status ? "" : status.error().text()); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  BS_ASSERT(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

}  // namespace

database::ScratchCluster& shared_cluster() {
  static std::unique_ptr<database::ScratchCluster> cluster = must(database::ScratchCluster::make());
  return *cluster;
}

std::unique_ptr<database::Database> new_database(int partitions) {
  const std::string name = "world_" + std::to_string(++databases);
  must(must(database::Connection::open(shared_cluster().cluster().connection())).execute("create database " + name));
  auto made = database::make_postgres_database({shared_cluster().cluster().connection() + " dbname=" + name});
  must(made->migrate());
  must(made->set_epoch(1, true));
  must(made->ensure_partitions(partitions));
  for (const int version : {1, 2}) {  // catalog versions are loaded beside the fold, not by it
    const CatalogPtr catalog = must(parse_catalog_text(catalog_text(version)));
    must(made->store_catalog_version(catalog->digest, catalog->index, catalog->source, wall_clock(), catalog_text(version)));
  }
  return made;
}

void forbid_account(const std::string& account) {
  const std::string newest = shared_cluster().cluster().connection() + " dbname=world_" + std::to_string(databases);
  must(must(database::Connection::open(newest))
           .execute("alter table backstitch.orders add constraint not_this check (account_id <> '" + account + "')"));
}

std::string catalog_text(int version) {
  const std::string first = fixture::catalog_text("mini");
  if (version == 1) return first;
  return replaced(replaced(first, "\"index\": 1,", "\"index\": 2,"), "\"retries\": 3,", "\"retries\": 1,");
}

World::World(WorldSettings settings, StubSystems& systems)
    : settings_(settings),
      systems_(systems),
      database_(new_database(settings.partitions)),
      safe_(must(safe::open_files_safe(folder_.path() + "/safe"))),
      library_(std::make_unique<CatalogLibrary>(*safe_)),
      decided_(static_cast<std::size_t>(settings.partitions)) {}

World::~World() { static_cast<void>(stop()); }

Status World::open_queue() {
  auto queue = queue::open_embedded_queue(
      {.folder = folder_.path() + "/queue", .partitions = settings_.partitions, .faults = settings_.faults});
  if (!queue) return fail(std::move(queue.error()));
  queue_ = std::move(*queue);
  for (const char* topic : {"incoming", "completer", "order_orderitems"}) BS_TRY(queue_->ensure_topic(topic, {true, 0}));
  for (const char* topic : {"schedule", "tasks.default"}) BS_TRY(queue_->ensure_topic(topic, {false, 0}));
  return {};
}

void World::start_shards() {
  for (int thread = 0; thread < settings_.shard_threads; ++thread) {
    ShardSettings shard;
    shard.name = std::to_string(thread), shard.turn_inputs_max = settings_.turn_inputs_max, shard.engine = settings_.engine;
    shard.safe = safe_.get();
    shard.on_decided = [this](Partition partition, std::uint64_t offset) {
      decided_[static_cast<std::size_t>(partition)] = offset;
    };
    for (Partition partition = thread; partition < settings_.partitions; partition += settings_.shard_threads)
      shard.partitions.push_back(partition);
    shards_.push_back(std::make_unique<ShardService>(std::move(shard), *queue_, *database_, *library_,
                                                     [this](const Error&) { fenced_ = true; }));
  }
}

Status World::start() {
  BS_TRY(open_queue());
  ++lives_;
  intake_ = std::make_unique<Intake>(IntakeSettings{settings_.partitions, 1'000'000}, *queue_, *library_,
                                     [this](Partition p) { return decided_[static_cast<std::size_t>(p)].load(); });
  intake_->set_active_catalog(active_catalog_);
  broker_ = std::make_unique<TaskBroker>(BrokerSettings{{"default"}, 1, settings_.partitions, {}}, *queue_, *library_,
                                         [this](const std::string& name) { return name == worker_name(lives_); });
  scheduler_ = std::make_unique<Scheduler>(*queue_, settings_.partitions, 1);
  start_shards();
  archiver_ = std::make_unique<Archiver>(ArchiverSettings{settings_.partitions, 50, 10'000}, *queue_, *database_, *safe_);
  link_ = link_to(*broker_);
  code_ = std::make_unique<TaskCode>(std::map<std::string, std::vector<std::string>>());
  worker_ = std::make_unique<Worker>(WorkerSettings{worker_name(lives_), "default", 32, 5}, *link_, systems_, *code_);
  worker_thread_ = std::thread([this] { worker_->run(); });
  return {};
}

void World::restart_shards() {
  shards_.clear();
  start_shards();
}

Status World::stop() {
  shards_.clear();
  scheduler_.reset();
  if (worker_) worker_->stop(0);
  if (worker_thread_.joinable()) worker_thread_.join();
  worker_.reset(), code_.reset(), link_.reset(), broker_.reset();
  const Status archived = archiver_ ? archiver_->flush() : Status();
  archiver_.reset(), intake_.reset(), queue_.reset();
  return archived;
}

Status World::activate_catalog(const std::string& text, const std::string& idempotency_key) {
  auto catalog = library_->store(text);
  if (!catalog) return fail(std::move(catalog.error()));
  auto received = intake_->broadcast("catalog-activate", ",\"digest\":\"" + (*catalog)->digest + "\"", "tester", idempotency_key);
  if (!received) return fail(std::move(received.error()));
  active_catalog_ = (*catalog)->digest;
  intake_->set_active_catalog(active_catalog_);
  return {};
}

bool World::all_decided() const {
  const auto positions = database_->positions();
  const auto incoming = queue_->topic("incoming"), completer = queue_->topic("completer");
  if (!positions || !incoming || !completer) return false;
  for (const database::Position& position : *positions) {
    const auto at = static_cast<std::size_t>(position.partition);
    if (position.incoming < incoming->partitions[at].end || position.completer < completer->partitions[at].end) return false;
  }
  return true;
}

bool World::shards_running() const {
  for (const auto& shard : shards_)
    if (!shard->running()) return false;
  return true;
}

}  // namespace backstitch::world
