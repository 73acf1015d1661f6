// Asset changes as order_orderitems still has them.
#include "api/routes/routes.h"
#include "recovery/assets/asset_changes.h"

namespace backstitch {
namespace {

constexpr std::size_t answer_bytes_max = 60u << 20;  // a client of ours takes 64 MiB

HttpResponse asset_changes(Platform& platform, const HttpRequest& request) {
  const Time now = wall_clock();
  const auto from = recovery::asset_time(request.query_value("from"), now),
             to = recovery::asset_time(request.query_value("to"), now);
  if (!from) return problem_response(from.error());
  if (!to) return problem_response(to.error());
  const auto changes =
      recovery::read_asset_changes(platform.queue(), {.from = *from, .to = *to, .offsets = {}, .now = wall_clock()});
  if (!changes) return problem_response(changes.error());
  const auto format = request.query_value("format", "json");
  auto text = recovery::asset_changes_text(*changes, format);
  if (!text) return problem_response(text.error());
  if (text->size() > answer_bytes_max)
    return problem_response(
        {Code::usage, fmt::format("{} changes are too much for one answer; ask for a shorter time", changes->items.size()), {}});
  HttpResponse response = json_response(200, std::move(*text));
  if (format == "csv") response.content_type = "text/csv; charset=utf-8";
  return response;
}

}  // namespace

void add_asset_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/queues/order_orderitems/asset-changes", {"assets", "read"},
             "Changes of assets with their gaps, as JSON or CSV",
             [&platform](const RouteCall& call) { return asset_changes(platform, call.http); });
}

}  // namespace backstitch
