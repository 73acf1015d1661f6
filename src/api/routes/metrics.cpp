#include <algorithm>
#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "base/json.h"
#include "base/metrics.h"

namespace backstitch {
namespace {

void set_gauges(Platform& platform) {
  for (const std::string& name : platform.queue().topics())
    if (auto topic = platform.queue().topic(name)) {
      std::uint64_t records = 0;
      Time oldest = wall_clock();
      for (const auto& end : topic->partitions) {
        records += end.end - end.begin;
        if (end.first_at.is_set()) oldest = std::min(oldest, end.first_at);
      }
      metrics::gauge("backstitch_queue_depth", "records kept", {{"queue", name}}).set(static_cast<double>(records));
      metrics::gauge("backstitch_queue_retention_left_seconds", "until the oldest record may go", {{"queue", name}})
          .set(static_cast<double>(topic->retention_ms) / 1000 - static_cast<double>(wall_clock().us - oldest.us) / 1e6);
    }
  if (const auto counts = platform.database().counts())
    if (auto parsed = parse_json(*counts); parsed && parsed->is_object())
      if (const auto* orders = parsed->get_object().if_contains("orders"); orders && orders->is_object())
        for (const auto& entry : orders->get_object())
          metrics::gauge("backstitch_orders", "orders by state", {{"state", std::string(entry.key())}})
              .set(entry.value().to_number<double>());
  metrics::gauge("backstitch_epoch", "epoch number").set(static_cast<double>(platform.epoch().n));
  if (const auto archiver = platform.archiver())
    metrics::gauge("backstitch_archive_lag_records", "records not archived yet").set(static_cast<double>(archiver->lag()));
  if (const auto carrier = platform.carrier())
    metrics::gauge("backstitch_wal_off_site_behind_files", "archived files of WAL that are not off site yet")
        .set(static_cast<double>(carrier->segments_behind()));
  if (const auto crm = platform.crm_sync())
    metrics::gauge("backstitch_crm_lag_records", "CRM updates not delivered yet").set(static_cast<double>(crm->lag()));
}

}  // namespace

void add_metrics_routes(Router& router, Platform& platform) {
  router.add("GET", "/live", open_to_all, "The process runs",
             [](const RouteCall&) { return json_response(200, "{\"live\":true}"); });
  router.add("GET", "/ready", open_to_all, "Orders are taken and decided", [&platform](const RouteCall&) {
    const std::string why = platform.not_ready();
    return json_response(why.empty() ? 200 : 503, fmt::format("{{\"ready\":{}{}}}", why.empty(), json_member("reason", why)));
  });
  router.add("GET", "/metrics", open_to_all, "Prometheus text", [&platform](const RouteCall&) {
    set_gauges(platform);
    HttpResponse response = json_response(200, metrics::exposition());
    response.content_type = "text/plain; version=0.0.4";
    return response;
  });
}

}  // namespace backstitch
