// Live health of every store that runs, the platform's status, inventory and assets, and the invariants.
#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "api/store_checks.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

json::object health(const char* name, bool ok, std::string detail) {
  return {{"name", name}, {"healthy", ok}, {"detail", std::move(detail)}};
}

std::uint64_t records_in(Platform& platform, const char* topic) {
  auto info = platform.queue().topic(topic);
  std::uint64_t records = 0;
  if (info)
    for (const auto& end : info->partitions) records += end.end - end.begin;
  return records;
}

HttpResponse stores(Platform& platform) {
  json::array items;
  const auto counts = platform.database().counts();
  items.push_back(health("database", counts.has_value(), counts ? platform.database_place() : counts.error().text()));
  for (const char* topic : {"incoming", "completer", "schedule", "order_orderitems"})
    items.push_back(
        health(topic, platform.queue().topic(topic).has_value(), std::to_string(records_in(platform, topic)) + " records"));
  if (const WorkerManager* workers = platform.worker_manager())
    items.push_back(health("workers", !workers->running().empty(), std::to_string(workers->running().size()) + " running"));
  const auto epoch = platform.safe().epoch();
  items.push_back(health("safe", epoch.has_value(), epoch ? "epoch " + std::to_string(epoch->n) : epoch.error().text()));
  if (const auto crm = platform.crm_sync())
    items.push_back(health("crm", crm->refused() == 0,
                           std::to_string(crm->delivered()) + " delivered, " + std::to_string(crm->lag()) + " waiting"));
  return json_response(200, write_json(json::object{{"items", std::move(items)}, {"next", nullptr}}));
}

std::string backups_text(const Config& config) {
  return config.backup_provider == "own" ? "no backup and no recovery by backstitch" : "backups by " + config.backup_provider;
}

HttpResponse status(Platform& platform) {
  const auto counts = platform.database().counts();
  auto parsed = counts ? parse_json(*counts) : Result<json::value>(json::value(nullptr));
  std::uint64_t turns = 0;
  std::size_t open = 0;
  for (const auto& shard : platform.shards()) turns += shard->turns(), open += shard->open_orders();
  json::object out{
      {"instance", platform.config().instance}, {"ready", platform.not_ready().empty()}, {"notReady", platform.not_ready()}};
  out["database"] = platform.config().external_database()
                        ? platform.database_place() + ", run by somebody else: " + backups_text(platform.config())
                        : platform.database_place();
  out["epoch"] = json::object{{"n", platform.epoch().n}, {"open", platform.epoch().open}};
  out["catalog"] = platform.intake().active_catalog();
  out["turns"] = turns, out["openOrders"] = open, out["backlog"] = platform.intake().backlog();
  if (const auto archiver = platform.archiver()) out["archiveLag"] = archiver->lag();
  if (const auto carrier = platform.carrier())
    out["offSite"] = json::object{{"segmentsBehind", carrier->segments_behind()}, {"trouble", carrier->trouble()}};
  if (const auto scheduler = platform.scheduler()) out["timers"] = scheduler->waiting();
  out["counts"] = parsed ? *parsed : json::value(nullptr);
  if (const auto crm = platform.crm_sync())
    out["crm"] = json::object{{"delivered", crm->delivered()}, {"refused", crm->refused()}, {"lag", crm->lag()}};
  if (const auto keeper = platform.keeper())
    out["invariants"] = json::object{{"violations", keeper->violations()}, {"last", keeper->last_verify()}};
  json::array workers;
  if (const WorkerManager* manager = platform.worker_manager())
    for (const auto& worker : manager->running()) workers.push_back(json::object{{"slot", worker.slot}, {"name", worker.name}});
  out["workers"] = std::move(workers);
  out["members"] = members_json(platform);
  return json_response(200, write_json(out));
}

HttpResponse verify(Platform& platform, const RouteCall& call) {
  const auto violations = check_invariants(platform, std::string(call.http.query_value("only")));
  if (!violations) return problem_response(violations.error());
  json::array items;
  std::int64_t total = 0;
  for (const auto& violation : *violations) {
    json::array rows;
    for (const std::string& row : violation.rows)
      if (auto parsed = parse_json(row)) rows.push_back(*parsed);
    items.push_back(json::object{{"id", violation.invariant},
                                 {"title", violation.title},
                                 {"owner", violation.owner},
                                 {"ok", violation.count == 0},
                                 {"count", violation.count},
                                 {"rows", std::move(rows)}});
    total += violation.count;
  }
  return json_response(200, write_json(json::object{{"ok", total == 0}, {"violations", total}, {"items", std::move(items)}}));
}

}  // namespace

void add_store_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/stores", {"stores", "read"}, "Health of every store",
             [&platform](const RouteCall&) { return stores(platform); });
  router.add("GET", "/api/v1/status", {"stores", "read"}, "The platform at a glance",
             [&platform](const RouteCall&) { return status(platform); });
  router.add("POST", "/api/v1/verify", {"stores", "verify"}, "The invariants V-1 … V-17 without V-9; ?only=V-12 asks one",
             [&platform](const RouteCall& call) { return verify(platform, call); });
  router.add("GET", "/api/v1/inventory", {"inventory", "read"}, "Inventory items",
             [&platform](const RouteCall& call) { return json_or_problem(platform.database().inventory(filter_of(call.http))); });
  router.add("GET", "/api/v1/assets", {"assets", "read"}, "Assets",
             [&platform](const RouteCall& call) { return json_or_problem(platform.database().assets(filter_of(call.http))); });
}

}  // namespace backstitch
