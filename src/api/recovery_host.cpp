#include "api/recovery_host.h"

#include <boost/json.hpp>
#include <thread>

#include "api/members_hold.h"
#include "api/open_backups.h"
#include "api/open_stores.h"
#include "api/open_workers.h"
#include "api/routes/routes.h"
#include "base/json.h"
#include "base/probe.h"
#include "base/process.h"
#include "recovery/capture/time_left.h"
#include "stores/database/private/server.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr const char* platform_note = "platform";
constexpr std::int64_t stop_grace_ms = 120'000, worker_grace_ms = 10'000;

int port_of(const json::object& endpoints, const char* name) {
  const json::value* url = endpoints.if_contains(name);
  if (!url || !url->is_string()) return 0;
  const std::string text(url->get_string());
  return std::atoi(text.substr(text.rfind(':') + 1).c_str());
}

}  // namespace

Result<std::unique_ptr<RecoveryHost>> RecoveryHost::open(Config config, std::function<void(const std::string&)> say) {
  BS_TRY(need_recovery(config, "a recovery"));
  return open_beside(std::move(config), std::move(say));
}

Result<std::unique_ptr<RecoveryHost>> RecoveryHost::open_beside(Config config, std::function<void(const std::string&)> say) {
  if (!file_exists(config.data + "/VERSION")) return fail(Code::not_running, "{} is no data folder", config.data);
  std::unique_ptr<RecoveryHost> host(new RecoveryHost(std::move(config)));
  host->say_ = std::move(say);
  auto safe = open_safe(host->config_);
  if (!safe) return fail(std::move(safe.error()));
  host->safe_ = std::move(*safe);
  host->library_ = std::make_unique<CatalogLibrary>(*host->safe_);
  auto folders = database::make_cluster_folders(host->config_.data, host->config_.safe());
  if (!folders) return fail(std::move(folders.error()));
  host->folders_ = std::move(*folders);
  auto backups = open_backups(host->config_, *host->safe_, "a recovery, an audit or a repair");
  if (!backups) return fail(std::move(backups.error()));
  host->backups_ = std::move(*backups);
  auto crm = open_crm(host->config_);
  if (!crm) return fail(std::move(crm.error()));
  host->crm_ = std::move(*crm);
  host->systems_ = systems::open_http_systems();
  host->read_ports();
  return host;
}

RecoveryHost::~RecoveryHost() { release(); }

void RecoveryHost::read_ports() {
  const auto text = read_file(config_.data + "/run/endpoints.json");
  const auto document = text ? parse_json(*text) : Result<json::value>(fail(text.error()));
  if (!document || !document->is_object()) return;
  const json::object& endpoints = document->get_object();
  api_port_ = port_of(endpoints, "api");
  const std::pair<const char*, const char*> names[] = {{"api", "BACKSTITCH_LISTEN__PORT"},
                                                       {"metrics", "BACKSTITCH_LISTEN__METRICS_PORT"},
                                                       {"workers", "BACKSTITCH_LISTEN__WORKERS_PORT"}};
  for (const auto& [name, variable] : names)
    if (const int port = port_of(endpoints, name)) ports_.emplace_back(variable, std::to_string(port));
}

bool RecoveryHost::platform_ran(const recovery::Journal& journal) const { return journal.notes().contains(platform_note); }

/// A platform that ends in order takes its file of addresses along.
void RecoveryHost::take_noted_ports(const recovery::Journal& journal) {
  const json::value* noted = journal.notes().if_contains(platform_note);
  if (!noted || !ports_.empty()) return;
  for (const auto& [name, value] : noted->at("ports").as_object()) ports_.emplace_back(name, std::string(value.as_string()));
  api_port_ = static_cast<int>(noted->at("apiPort").to_number<std::int64_t>());
}

std::vector<std::pair<std::string, std::string>> RecoveryHost::ports(const recovery::Journal& journal) {
  take_noted_ports(journal);
  return ports_;
}

Status RecoveryHost::claim() {
  auto lock = FolderLock::take(claim_file(config_.data));
  if (!lock && lock.error().code == Code::already_running) return fail(Code::recovery_busy, "{}", lock.error().detail);
  if (!lock) return fail(std::move(lock.error()));
  claim_.emplace(std::move(*lock));
  return {};
}

recovery::World& RecoveryHost::world(recovery::Plan plan) {
  world_.reset(new recovery::World{.plan = std::move(plan), .safe = *safe_, .library = *library_, .folders = folders_});
  world_->cluster.data_folder = config_.data, world_->cluster.safe_folder = config_.safe();
  world_->partitions = config_.partitions, world_->threads = config_.shard_threads;
  world_->engine = {config_.default_retries, config_.default_retry_interval_ms};
  world_->provider = backups_;
  world_->bases = config_.systems, world_->crm = crm_.get(), world_->systems = systems_.get();
  world_->freeze = [this](recovery::Journal& journal) { return freeze(journal); };
  world_->log_beside_owner = [this] { return open_queue_beside_owner(config_, *safe_); };
  world_->say = say_;
  return *world_;
}

void RecoveryHost::write_back() {
  const std::string live = database::socket_connection(folders_.sockets);
  if (!database::takes_connections(live)) return;
  const Status written = database::write_back(live);
  if (!written)
    say_("the live database was not written back beforehand: " + written.error().text());  // a stop does it all the same
}

// With several processes all others are stopped first. Who does not say that it has is waited for no longer than its lease, and
// can commit nothing meanwhile.
Status RecoveryHost::stop_everybody(recovery::Frozen& frozen, recovery::Journal& journal) {
  if (!config_.may_be_several()) return stop_platform(frozen, journal);
  const auto serve = read_pid_file(config_.data + "/run/serve.pid");
  const std::string own = serve ? fmt::format("{}-{}-{}", workers::own_host(), serve->pid, serve->started) : std::string();
  const MembersHold hold(database::socket_connection(folders_.sockets), own, config_.member_silent_ms_max);
  const MembersHold::Left left = hold.await();
  for (const std::string& name : left.stopped) frozen.stopped.push_back("member " + name);
  for (const std::string& name : left.ghosts) frozen.ghosts.push_back("member " + name);
  BS_TRY(stop_platform(frozen, journal));
  if (left.lease_ms == 0) return {};
  say_(fmt::format("waiting {} ms: a member that could not be asked may let its workers call for as long", left.lease_ms));
  std::this_thread::sleep_for(std::chrono::milliseconds(left.lease_ms));
  return {};
}

Status RecoveryHost::stop_platform(recovery::Frozen& frozen, recovery::Journal& journal) {
  if (const auto running = read_pid_file(config_.data + "/run/serve.pid"); running && alive(*running)) {
    hit(Probe::stopping_platform);
    json::object ports;
    for (const auto& [name, value] : ports_) ports[name] = value;
    BS_TRY(journal.note(platform_note, json::object{{"apiPort", api_port_}, {"ports", std::move(ports)}}));
    hit(Probe::stopping_platform);
    say_(fmt::format("stopping the platform, process {}", running->pid));
    frozen.platform_ran = true;
    stop_process(*running, stop_grace_ms);
    frozen.stopped.push_back(fmt::format("platform {}", running->pid));
  }
  hit(Probe::stopping_platform);
  auto lock = FolderLock::take(config_.data + "/LOCK");  // nobody starts another one from here on
  if (!lock) return fail(std::move(lock.error()));
  lock_.emplace(std::move(*lock));
  return stop_workers(frozen);
}

Status RecoveryHost::stop_workers(recovery::Frozen& frozen) {
  const Status looked = end_workers(config_, worker_grace_ms, [&](const std::string& name, const Status& ended) {
    (ended ? frozen.stopped : frozen.ghosts).push_back("worker " + name);
  });
  // Whoever is there behind an orchestrator that does not answer: what he does from here on stands behind the seal.
  if (!looked && !workers_may_be_out_of_reach(config_)) return looked;
  if (!looked) frozen.ghosts.push_back("workers out of reach: " + looked.error().text());
  hit(Probe::stopping_platform);
  return {};
}

Status RecoveryHost::open_log() {
  auto queue = open_queue(config_, *safe_);
  if (!queue) return fail(std::move(queue.error()));
  queue_ = std::move(*queue);
  return {};
}

/// The version that orders are checked against at the door: the last activation that the log holds and the recovery keeps.
Result<std::string> RecoveryHost::catalog_at_end() {
  std::string digest;
  const auto exclusions = recovery::load_exclusions(*safe_);
  if (!exclusions) return fail(exclusions.error());
  const auto is_left_out = [&](std::uint64_t offset) {
    if (exclusions->contains({0, offset})) return true;
    for (const auto& one : world_->plan.exclusions)
      if (one.partition == 0 && one.offset == offset) return true;
    return false;
  };
  auto take = [&](const queue::Record& record) {
    if (record.schema != "incoming.catalog-activate/1" || is_left_out(record.offset)) return true;
    const auto input =
        parse_input({Log::incoming, 0, record.offset, record.appended, record.key, record.schema, {}, record.value});
    const auto* activate = input ? std::get_if<CatalogActivateInput>(&*input) : nullptr;
    if (activate && library_->load(activate->digest)) digest = activate->digest;
    return true;
  };
  BS_TRY(safe_->read_archive("incoming", 0, 1, take));
  const auto archived = safe_->archived_end("incoming", 0);
  if (!archived) return fail(archived.error());
  for (queue::Offset at = *archived;;) {
    const auto records = queue_->read("incoming", 0, at, 1000);
    if (!records) return fail(records.error());
    if (records->empty()) return digest;
    for (const queue::Record& record : *records) take(record);
    at = records->back().offset + 1;
  }
}

Status RecoveryHost::open_intake() {
  const auto incoming = queue_->topic("incoming");
  if (!incoming) return fail(incoming.error());
  decided_.clear();
  for (const auto& end : incoming->partitions) decided_.push_back(end.end);  // what comes from now on is the backlog
  intake_ = std::make_unique<Intake>(IntakeSettings{config_.partitions, config_.incoming_records_max}, *queue_, *library_,
                                     [this](Partition partition) { return decided_[static_cast<std::size_t>(partition)]; });
  const auto catalog = catalog_at_end();
  if (!catalog) return fail(catalog.error());
  intake_->set_active_catalog(*catalog);
  const auto secret = callback_secret(*safe_);
  if (!secret) return fail(secret.error());
  callbacks_ = std::make_unique<Callbacks>(*secret, *queue_, config_.partitions);
  return {};
}

Status RecoveryHost::serve_intake() {
  BS_TRY(open_intake());
  router_ = Router();
  add_intake_routes(router_, *intake_), add_callback_routes(router_, *callbacks_);
  router_.identify_by([this](const HttpRequest& request) {
    return local_caller(config_.access_local_administrator, request.header("authorization"));
  });
  router_.add("GET", "/api/v1/recovery/current", {"recovery", "read"}, "How far the recovery is", [this](const RouteCall&) {
    const auto journal = recovery::Journal::open(*safe_, world_->plan.id);
    if (!journal) return problem_response(journal.error());
    json::object document = journal->object();
    if (auto noted = recovery::time_left_noted(*journal)) document["evidence"] = std::move(*noted);
    return json_response(200, write_json(document));
  });
  HttpServer::Settings settings;
  settings.address = config_.address, settings.port = api_port_ ? api_port_ : config_.port,
  settings.threads = config_.http_threads;
  auto server = HttpServer::start(settings, [this](const HttpRequest& request) {
    HttpResponse response = router_.handle(request);
    // Whatever else there is comes back with the platform.
    if (response.status == 404)
      return problem_response({Code::epoch_closed, "recovery " + world_->plan.id + " is under way: " + request.path, {}});
    return response;
  });
  if (!server) {
    say_("intake stays closed meanwhile: " + server.error().text());
    return {};
  }
  server_ = std::move(*server);
  return {};
}

Result<recovery::Frozen> RecoveryHost::freeze(recovery::Journal& journal) {
  recovery::Frozen frozen;
  if (queue_) return frozen;
  take_noted_ports(journal);
  BS_TRY(stop_everybody(frozen, journal));
  BS_TRY(open_log());
  BS_TRY(serve_intake());
  world_->queue = queue_.get();
  world_->queue->hold_retention(true);
  return frozen;
}

Status RecoveryHost::undo(const recovery::Plan& plan, recovery::Journal& journal) {
  const auto epoch = safe_->epoch();
  if (!epoch) return fail(epoch.error());
  if (!epoch->open && !lock_) {  // a saga under way holds the lock; before the seal the platform does
    auto lock = FolderLock::take(config_.data + "/LOCK");
    if (!lock) return fail(std::move(lock.error()));
    lock_.emplace(std::move(*lock));
  }
  return recovery::undo_saga(world(plan), journal);
}

void RecoveryHost::release() {
  server_.reset(), callbacks_.reset(), intake_.reset();
  if (world_ && world_->leaving.valid())
    if (const Status left = world_->leaving.get(); !left) say_("the database that is left behind: " + left.error().text());
  if (world_) recovery::close_copy(*world_), world_->queue = nullptr;
  queue_.reset(), lock_.reset();
}

}  // namespace backstitch
