// A platform that is one of several processes: what it takes over and gives back, and what it learns of the others.
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "api/open_workers.h"
#include "api/platform.h"
#include "base/json.h"
#include "base/log.h"
#include "base/process.h"
#include "base/time.h"
#include "stores/database/invariants/items_due.h"
#include "stores/workers/port.h"

namespace backstitch {
namespace {

constexpr const char* archiver_lease = "archiver";

/// Every member may archive: what is acknowledged goes into the safe whoever lives.
std::vector<std::string> leases_of(const Platform& platform) {
  std::vector<std::string> leases{archiver_lease};
  for (const char* role : {roles::scheduler, roles::worker_manager})
    if (platform.has_role(role)) leases.emplace_back(role);
  for (const char* role : {roles::crm_sync, roles::catalog_sync})
    if (platform.has_role(role) && !platform.config().crm_url.empty()) leases.emplace_back(role);
  return leases;
}

}  // namespace

void Platform::join_members() {
  if (config_.cache_adapter == "memory")
    log_warn("members", "cache=memory reason=\"whoever signs in is known to this process alone; redis or riak share it\"");
  MembershipSettings settings;
  settings.silent_ms_max = config_.member_silent_ms_max;
  settings.beat_every_ms = std::min<std::int64_t>(settings.beat_every_ms, config_.member_silent_ms_max / 6);
  settings.self = {.name = member_name_, .host = workers::own_host()};
  settings.self.roles = config_.roles.empty() ? roles::all() : config_.roles;
  settings.self.api = api_base_;
  settings.self.workers = worker_server_ ? workers_url(config_, worker_server_->port()) : "";
  settings.leases = leases_of(*this);
  membership_ = std::make_unique<Membership>(
      std::move(settings), database::make_postgres_members(connection_), database::make_postgres_members(connection_),
      Membership::Acts{[this](const std::set<Partition>& partitions) { own(partitions); },
                       [this](const std::string& lease, std::optional<std::uint64_t> term) { hold(lease, term); },
                       [this](const database::Cluster& cluster, std::int64_t begun_ms) { look_at_members(cluster, begun_ms); }});
}

// One that was asked to leave does not come back before the epoch is closed, or the recovery has gone.
Status Platform::await_no_recovery() const {
  if (alone() || cluster_) return {};
  const auto cluster = database::make_postgres_members(connection_)->look();
  if (!cluster) return fail(cluster.error());
  const std::string recovery = recovery_under_way(*cluster, config_.member_silent_ms_max);
  return recovery.empty() ? Status() : fail(Code::epoch_closed, "the instance is held by {}", recovery);
}

void Platform::look_at_members(const database::Cluster& cluster, std::int64_t begun_ms) {
  // Whose database it is waits until it is stopped itself: the others say through it that they have left.
  if (const std::string recovery = recovery_under_way(cluster, config_.member_silent_ms_max); !recovery.empty() && !cluster_)
    stand_still("it is held by " + recovery);
  leads_until_ms_ = begun_ms + config_.member_silent_ms_max;
  const std::lock_guard lock(parts_mutex_);
  cluster_view_ = cluster;
}

void Platform::stand_still(const std::string& reason) {
  if (stands_still_.exchange(true)) return;
  log_warn("stands_still", "reason=\"{}\"", reason);
  request_stop(stands_still);
}

// One that was cut off while a recovery began learns of it here.
void Platform::look_at_epoch() {
  constexpr std::int64_t look_every_ms = 1'000;
  if (cluster_ || monotonic_ms() - epoch_looked_ms_ < look_every_ms) return;
  epoch_looked_ms_ = monotonic_ms();
  if (const auto epoch = safe_->epoch(); epoch && *epoch != epoch_)
    stand_still(fmt::format("epoch {} is {}", epoch->n, epoch->open ? "open" : "closed by " + epoch->saga));
}

bool Platform::leads() const { return !stands_still_ && monotonic_ms() < leads_until_ms_; }

// First what goes ends, then tasks are handed out for what stays and comes, then that begins: its shards hand out everything that
// runs once more, and find a broker that reads on from before.
void Platform::own(const std::set<Partition>& partitions) {
  std::vector<std::vector<Partition>> wanted(slots_.size());
  for (const Partition partition : partitions) wanted[static_cast<std::size_t>(partition) % slots_.size()].push_back(partition);
  for (std::size_t thread = 0; thread < slots_.size(); ++thread) {
    const auto shard = part(slots_[thread].shard);
    if (!shard || (slots_[thread].partitions == wanted[thread] && !shard->fenced())) continue;
    shard->stop();
    replace(slots_[thread].shard, {});
  }
  broker_->own(partitions);
  for (std::size_t thread = 0; thread < slots_.size(); ++thread) {
    if (part(slots_[thread].shard) || wanted[thread].empty()) continue;
    slots_[thread].partitions = wanted[thread];
    replace(slots_[thread].shard, make_shard(static_cast<int>(thread), wanted[thread]));
  }
  if (const Status told = tell_brokers(); !told) log_warn("endpoints", "error=\"{}\"", told.error().text());
}

void Platform::hold(const std::string& lease, std::optional<std::uint64_t> term) {
  if (lease == roles::scheduler) {
    if (!term) return replace(scheduler_, {});
    return begin_scheduler([this]() -> Result<std::vector<Scheduler::Waiting>> {
      const auto due = database::items_due(connection_);
      if (!due) return fail(due.error());
      std::vector<Scheduler::Waiting> waiting;
      for (const auto& one : *due) waiting.push_back({one.item.text(), one.kind, one.account_id, one.partition, one.due});
      return waiting;
    });
  }
  if (lease == roles::crm_sync) return term ? begin_crm_sync(*term) : replace(crm_sync_, {});
  if (lease == roles::worker_manager && term)
    if (const Status stored = database_->store_desired_workers(configured_workers()); !stored)
      log_warn("workers_wished", "error=\"{}\"", stored.error().text());
  if (lease != archiver_lease) return;
  if (!cluster_) replace(keeper_, {});  // who has the database keeps its backups, whoever archives
  replace(archiver_, {});
  if (!term) return;
  if (const Status begun = begin_archiver(); !begun) log_error("archiver", "error=\"{}\"", begun.error().text());
  if (!cluster_) begin_keeper();
}

// The workers beside this process ask all that hand out tasks.
Status Platform::tell_brokers() {
  const std::string now = endpoints_json();
  if (now == brokers_told_) return {};
  BS_TRY(write_file_durably(config_.data + "/run/endpoints.json", now + "\n"));
  brokers_told_ = now;
  return {};
}

// Of partitions that this process owns it knows more than the rows say.
void Platform::follow() {
  const auto positions = database_->positions();
  if (!positions || positions->empty()) return;
  for (const auto& position : *positions)
    if (position.incoming > decided(position.partition)) note_decided(position.partition, position.incoming);
  const auto active = catalog_to_come(positions->front());
  if (!active || active->empty() || *active == intake_->active_catalog()) return;
  if (const Status loaded = library_->load(*active); !loaded)
    log_warn("catalog", "digest={} error=\"{}\"", *active, loaded.error().text());
  else
    intake_->set_active_catalog(*active);
}

Result<database::Cluster> Platform::members() const {
  if (!alone()) {
    const std::lock_guard lock(parts_mutex_);
    return cluster_view_;
  }
  const auto positions = database_->positions();
  if (!positions) return fail(positions.error());
  database::Cluster cluster;
  database::Member self{.name = workers::own_process_name(), .host = workers::own_host(), .roles = roles::all()};
  self.api = api_base_;
  self.workers = worker_server_ ? workers_url(config_, worker_server_->port()) : "";
  for (const auto& position : *positions) cluster.partitions.push_back({position.partition, self.name, position.term});
  cluster.members.push_back(std::move(self));
  return cluster;
}

std::string Platform::address_of_any(std::string_view role, std::string database::Member::* address) const {
  const std::lock_guard lock(parts_mutex_);
  for (const auto& member : cluster_view_.members)
    if (lives(member, config_.member_silent_ms_max) && backstitch::has_role(member, role) && !(member.*address).empty())
      return member.*address;
  return {};
}

std::string Platform::api_of_holder(std::string_view lease) const {
  const std::lock_guard lock(parts_mutex_);
  for (const auto& one : cluster_view_.leases)
    for (const auto& member : cluster_view_.members)
      if (one.name == lease && one.member == member.name) return member.api;
  return {};
}

}  // namespace backstitch
