#include "api/routes/catalog_sync.h"

#include <algorithm>
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "api/routes/routes.h"
#include "base/json.h"
#include "base/log.h"
#include "recovery/catalog/resync.h"
#include "rules/catalog_json.h"
#include "services/catalog_sync/catalog_sync.h"
#include "stores/workers/port.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr const char* actor = "catalog-sync";

/// Of several processes the one that holds the lease of the role.
bool holds(Platform& platform) {
  if (!platform.not_ready().empty() || !platform.has_role(roles::catalog_sync)) return false;
  if (platform.alone()) return true;
  const auto cluster = platform.members();
  if (!cluster) return false;
  const std::string self = workers::own_process_name();
  return std::any_of(cluster->leases.begin(), cluster->leases.end(),
                     [&](const auto& lease) { return lease.name == roles::catalog_sync && lease.member == self; });
}

Result<std::string> active_text(Platform& platform) {
  const std::string digest = platform.intake().active_catalog();
  return digest.empty() ? Result<std::string>(std::string()) : platform.database().catalog_content(digest);
}

/// In safe, database and objects alike, under one digest.
Result<std::string> keep(Platform& platform, const std::string& text) {
  const auto catalog = parse_catalog_text(text);
  if (!catalog) return fail(catalog.error());
  const auto kept =
      recovery::resync_catalogs(platform.safe(), platform.database(), &platform.objects(), text, wall_clock(), false);
  if (!kept) return fail(kept.error());
  BS_TRY(platform.catalog_library().load((*catalog)->digest));
  return (*catalog)->digest;
}

Status activate(Platform& platform, const std::string& digest) {
  const auto received = platform.intake().broadcast("catalog-activate", json_member("digest", digest), actor,
                                                    std::string(actor) + " " + digest + " " + platform.intake().active_catalog());
  if (!received) return fail(received.error());
  platform.intake().set_active_catalog(digest);
  return {};
}

std::shared_ptr<CatalogSync> begin(Platform& platform) {
  auto crm = open_crm(platform.config());
  if (!crm) log_error("catalog_sync", "error=\"{}\"", crm.error().text());
  if (!crm || !*crm) return {};
  CatalogSyncSettings settings;
  settings.holds = [&platform] { return holds(platform); };
  settings.active = [&platform] { return active_text(platform); };
  settings.keep = [&platform](const std::string& text) { return keep(platform, text); };
  settings.activate = [&platform](const std::string& digest) { return activate(platform, digest); };
  return std::make_shared<CatalogSync>(std::move(*crm), std::move(settings));
}

HttpResponse sync(CatalogSync* sync, const RouteCall& call) {
  if (!sync) return problem_response({Code::config_invalid, "no CRM is configured; crm.url says where it is", {}});
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const auto done = sync->sync(body_flag(*body, "full"), body_flag(*body, "dryRun"));
  return done ? json_response(200, write_json(*done)) : problem_response(done.error());
}

}  // namespace

// Ends with the router, before anything that it stands on.
void add_catalog_sync_routes(Router& router, Platform& platform) {
  const auto running = begin(platform);
  router.add("POST", "/api/v1/catalog/sync", {"catalog", "import"},
             "Bring the catalog of the CRM here now; {full: true} reads everything, {dryRun: true} keeps nothing",
             [running](const RouteCall& call) { return sync(running.get(), call); });
  router.add("GET", "/api/v1/catalog/sync", {"catalog", "read"}, "How the last look at the CRM's catalog ended",
             [running](const RouteCall&) { return json_response(200, write_json(running ? running->state() : json::object())); });
}

}  // namespace backstitch
