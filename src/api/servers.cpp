// The three HTTP servers, who may ask them, and the file that says where they are.
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "api/open_workers.h"
#include "api/platform.h"
#include "api/routes/catalog_sync.h"
#include "api/routes/crm.h"
#include "api/routes/routes.h"
#include "api/secret.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"

namespace backstitch {
namespace {

/// By their digests: how long it takes says nothing of what was right in it.
bool shows(const HttpRequest& request, const std::string& token) {
  return sha256(request.header("authorization")) == sha256("Bearer " + token);
}

}  // namespace

// Whatever the cache holds of grants is read again. A grant change that an earlier life received and did not decide must switch
// the generation when it is.
Status Platform::open_access() {
  auto cache = open_cache(config_);
  if (!cache) return fail(std::move(cache.error()));
  cache_ = std::move(*cache);
  access_ = std::make_unique<Access>(
      AccessSettings{config_.access_local_administrator, config_.access_grants_ttl_ms, config_.access_session_ttl_ms, epoch_.n},
      *cache_, *database_);
  auto incoming = queue_->topic("incoming");
  if (!incoming) return fail(std::move(incoming.error()));
  for (const auto& end : incoming->partitions)
    if (end.partition == 0 && end.end > decided(0)) access_->await_decision(end.end - 1);
  return {};
}

Status Platform::open_servers() {
  add_mark_routes(api_, *this), add_late_routes(api_, *this), add_callback_routes(api_, *callbacks_),
      add_drain_routes(api_, *this), add_inventory_routes(api_, *this), add_crm_routes(api_, *this),
      add_catalog_sync_routes(api_, *this);
  add_worker_list_routes(api_, *this), add_resync_routes(api_, *this);
  add_order_routes(api_, *this), add_plan_routes(api_, *this), add_item_routes(api_, *this), add_task_routes(api_, *this);
  add_system_routes(api_, *this), add_queue_routes(api_, *this), add_catalog_routes(api_, *this), add_store_routes(api_, *this);
  add_member_routes(api_, *this);
  add_backup_routes(api_, *this), add_recovery_routes(api_, *this), add_repair_routes(api_, *this), add_asset_routes(api_, *this);
  add_access_routes(api_, *this);
  api_.identify_by([this](const HttpRequest& request) { return access_->caller(request.header("authorization")); });
  api_.add("GET", "/api/v1/openapi.json", open_to_all, "This description",
           [this](const RouteCall&) { return json_response(200, api_.openapi_json()); });
  add_worker_routes(worker_api_, *this);
  add_metrics_routes(metrics_api_, *this);
  auto serve = [this](Router& router, const std::string& address, int port, int threads, const std::string& token = {}) {
    HttpServer::Settings settings;
    settings.address = address, settings.port = port, settings.threads = threads;
    return HttpServer::start(settings, [this, &router, token](const HttpRequest& request) {
      if (!token.empty() && !shows(request, token))
        return problem_response({Code::not_signed_in, "a worker shows its token", {}});
      return started_ ? router.handle(request) : problem_response({Code::not_running, "it is starting", {}});
    });
  };
  if (has_role(roles::shard)) {  // tasks are handed out by whoever owns their partition
    const auto token = secret_of("listen.workers_token", config_.workers_token);
    if (!token) return fail(token.error());
    if (token->empty() && !config_.workers_token.empty())
      return fail(Code::config_invalid, "listen.workers_token: there is nothing in {}", config_.workers_token);
    auto worker_server = serve(worker_api_, config_.workers_address, config_.workers_port, 16, *token);
    if (!worker_server) return fail(std::move(worker_server.error()));
    worker_server_ = std::move(*worker_server);
  }
  auto metrics_server = serve(metrics_api_, config_.address, config_.metrics_port, 2);
  if (!metrics_server) return fail(std::move(metrics_server.error()));
  metrics_server_ = std::move(*metrics_server);
  if (has_role(roles::api)) {
    auto api_server = serve(api_, config_.address, config_.port, config_.http_threads);
    if (!api_server) return fail(std::move(api_server.error()));
    api_server_ = std::move(*api_server);
    api_base_ = fmt::format("http://{}:{}", config_.address, api_server_->port());
  }
  return write_file_durably(config_.data + "/run/endpoints.json", endpoints_json() + "\n");
}

// Workers still take tasks while the platform ends, and its API has ended before: whoever comes next is called back there.
std::string Platform::callback_url(const std::string& key) const {
  std::string base = config_.callbacks_url;
  if (base.empty()) base = api_base_;
  if (base.empty()) base = address_of_any(roles::api, &database::Member::api);
  if (base.empty()) return {};
  return base + "/api/v1/callbacks/" + callbacks_->token_of(key);
}

std::vector<std::string> Platform::brokers() const {
  std::vector<std::string> out;
  if (alone()) return out;
  const std::lock_guard lock(parts_mutex_);
  for (const auto& member : cluster_view_.members)
    if (lives(member, config_.member_silent_ms_max) && !member.workers.empty()) out.push_back(member.workers);
  return out;
}

std::vector<std::string> Platform::brokers_to_tell() const { return leads() ? brokers() : std::vector<std::string>(); }

std::string Platform::endpoints_json() const {
  auto url = [this](const std::unique_ptr<HttpServer>& server) {
    return server ? fmt::format("http://{}:{}", config_.address, server->port()) : std::string();
  };
  boost::json::object out{{"api", url(api_server_)}, {"metrics", url(metrics_server_)}, {"data", config_.data}};
  out["workers"] = worker_server_ ? workers_url(config_, worker_server_->port()) : "";
  out["postgres"] = cluster_ ? cluster_->connection() : place_;  // no password goes into a file
  out["pid"] = self().pid;
  if (!alone()) out["brokers"] = boost::json::value_from(brokers());
  return write_json(out);
}

}  // namespace backstitch
