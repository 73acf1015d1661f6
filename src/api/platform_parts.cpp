// The parts of the platform, each with what it stands on. A process that is alone begins all of them; of several each begins what
// its roles and leases give it (platform_members.cpp).
#include "api/open_stores.h"
#include "api/platform.h"
#include "api/store_checks.h"
#include "base/log.h"
#include "base/process.h"
#include "recovery/seal/seals.h"
#include "stores/database/backup/backup.h"
#include "stores/database/postgres/database.h"

namespace backstitch {

bool Platform::has_role(std::string_view role) const {
  return config_.roles.empty() || std::find(config_.roles.begin(), config_.roles.end(), role) != config_.roles.end();
}

Status Platform::open_services() {
  auto seals = recovery::seals_of_all(*safe_);
  if (!seals) return fail(std::move(seals.error()));
  seals_ = std::move(*seals);
  auto crm = open_crm(config_);
  if (!crm) return fail(std::move(crm.error()));
  crm_ = std::move(*crm);
  slots_.resize(static_cast<std::size_t>(config_.shard_threads));
  open_broker();
  if (!alone()) return {};
  begin_all();
  return database_->store_desired_workers(configured_workers());
}

void Platform::begin_all() {
  begin_scheduler({});
  for (int thread = 0; thread < config_.shard_threads; ++thread) {
    std::vector<Partition> partitions;
    for (Partition partition = thread; partition < config_.partitions; partition += config_.shard_threads)
      partitions.push_back(partition);
    slots_[static_cast<std::size_t>(thread)] = {partitions, make_shard(thread, partitions)};
  }
  static_cast<void>(begin_archiver());  // it opens nothing here
  if (crm_) begin_crm_sync(0);
}

void Platform::open_broker() {
  BrokerSettings settings;
  for (const auto& [lane, of_lane] : config_.lanes) settings.lanes.push_back(lane);
  settings.epoch = epoch_.n, settings.partitions = config_.partitions, settings.bases = config_.systems;
  settings.seals = seals_["completer"];
  settings.callback_url = [this](const std::string& key) { return callback_url(key); };
  settings.one_of_several = !alone();
  if (!alone()) settings.leads = [this] { return leads(); };
  broker_ = std::make_unique<TaskBroker>(settings, *queue_, *library_,
                                         [this](const std::string& name) { return workers_->alive(name); });
}

void Platform::begin_scheduler(Scheduler::Load load) {
  replace(scheduler_, std::make_shared<Scheduler>(*queue_, config_.partitions, epoch_.n, std::move(load)));
}

std::shared_ptr<ShardService> Platform::make_shard(int thread, std::vector<Partition> partitions) {
  ShardSettings shard;
  shard.name = "shard-" + std::to_string(thread), shard.epoch = epoch_.n, shard.partitions = std::move(partitions);
  shard.turn_inputs_max = static_cast<std::size_t>(config_.turn_inputs_max);
  shard.engine = {config_.default_retries, config_.default_retry_interval_ms};
  shard.safe = safe_.get();
  shard.on_decided = [this](Partition partition, std::uint64_t offset) { note_decided(partition, offset); };
  shard.on_claimed = [this](Partition partition, std::uint64_t term) { broker_->note_term(partition, term); };
  return std::make_shared<ShardService>(std::move(shard), *queue_, *database_, *library_,
                                        [this](const Error& error) { shard_fenced(error); });
}

std::vector<std::shared_ptr<ShardService>> Platform::shards() const {
  const std::lock_guard lock(parts_mutex_);
  std::vector<std::shared_ptr<ShardService>> out;
  for (const Slot& slot : slots_)
    if (slot.shard) out.push_back(slot.shard);
  return out;
}

void Platform::shard_fenced(const Error& error) {
  log_error("fenced", "error=\"{}\"", error.text());
  const auto epoch = safe_->epoch();
  // Another member has the partitions by now: this one begins what it owns again, if it owns anything.
  if (!alone() && epoch && *epoch == epoch_) return;
  if (!alone() && !cluster_) return stand_still(error.text());
  request_stop(info(error.code).exit_status);
}

Status Platform::begin_archiver() {
  std::shared_ptr<safe::Safe> safe(safe_.get(), [](safe::Safe*) {});
  if (!alone()) {  // of its own: what another member has archived meanwhile is read, not remembered
    auto opened = open_safe(config_);
    if (!opened) return fail(std::move(opened.error()));
    safe = std::move(*opened);
  }
  struct Led {
    std::shared_ptr<safe::Safe> safe;
    Archiver archiver;
  };
  const ArchiverSettings settings{config_.partitions, config_.archive_every_ms, 10'000, !config_.crm_url.empty()};
  std::shared_ptr<Led> led(new Led{safe, {settings, *queue_, *database_, *safe}});
  replace(archiver_, std::shared_ptr<Archiver>(led, &led->archiver));
  return {};
}

// Its position is written only while the lease is held in this term.
void Platform::begin_crm_sync(std::uint64_t term) {
  struct Led {
    std::unique_ptr<database::Database> database;
    CrmSync sync;
  };
  database::PostgresSettings settings{.connection = connection_, .connections_max = 2, .member = member_name_};
  if (!alone()) settings.lease = roles::crm_sync, settings.term = term;
  auto database = database::make_postgres_database(settings);
  database::Database& positions = alone() ? *database_ : *database;
  std::shared_ptr<Led> led(
      new Led{std::move(database), {*queue_, positions, *crm_, config_.partitions, seals_["order_orderitems"]}});
  replace(crm_sync_, std::shared_ptr<CrmSync>(led, &led->sync));
}

void Platform::begin_keeper() {
  NightlyAuditSettings audit{.every_ms = config_.audit_every_ms, .folder = config_.data + "/run"};
  audit.command = {own_executable(), "--data", config_.data, "--json", "--quiet", "audit"};
  KeeperSettings settings{config_.verify_every_ms, config_.backup_every_ms, std::move(audit)};
  if (!cluster_) settings.backup_every_ms = 0, settings.audit.every_ms = 0;  // both need files that are not ours
  replace(keeper_, std::make_shared<Keeper>(
                       std::move(settings), [this] { return check_invariants(*this, ""); },
                       [this] { return database::Backups(*cluster_).newest_of_live(); },
                       [this]() -> Status {
                         auto made = database::Backups(*cluster_).create(wall_clock());
                         return made ? Status() : fail(std::move(made.error()));
                       }));
  if (cluster_ && safe_->folder().empty()) replace(carrier_, std::make_shared<OffSiteCarrier>(cluster_->folders(), *safe_));
}

}  // namespace backstitch
