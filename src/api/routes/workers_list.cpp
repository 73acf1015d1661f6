// The set of workers: what is wished, what runs, and putting it right after the rows were rewound.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "api/routes/routes.h"
#include "base/json.h"
#include "services/worker_manager/worker_set.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::int64_t wait_default_ms = 20'000, wait_max_ms = 60'000;

WorkerSet look(const Platform& platform, const DesiredWorkers& wish) {
  const WorkerManager* manager = platform.worker_manager();
  return worker_set(manager ? manager->running() : std::vector<workers::Running>(), platform.own_share(wish));
}

/// `wanted` beside the count that is wished: here and now, with those that are there because the lane lags.
json::object document(const Platform& platform, const WorkerSet& seen, const DesiredWorkers& wish, bool as_configured) {
  json::array desired, items;
  const DesiredWorkers here = platform.own_share(wish);
  for (std::size_t i = 0; i < wish.size(); ++i)
    desired.push_back(json::object{
        {"lane", wish[i].lane}, {"count", wish[i].count}, {"wanted", here[i].count}, {"concurrency", wish[i].concurrency}});
  for (const auto& slot : seen.slots)
    items.push_back(json::object{
        {"slot", slot.slot}, {"lane", slot.slot.substr(0, slot.slot.rfind('/'))}, {"name", slot.name}, {"state", slot.state}});
  json::object out{
      {"ok", seen.right() && as_configured}, {"asConfigured", as_configured}, {"missing", seen.missing}, {"stray", seen.stray},
      {"desired", std::move(desired)},       {"items", std::move(items)},     {"next", nullptr}};
  if (const WorkerManager* manager = platform.worker_manager(); manager && !manager->complaint().empty())
    out["error"] = manager->complaint();
  return out;
}

HttpResponse list(Platform& platform) {
  const auto wish = platform.database().desired_workers();
  if (!wish) return problem_response(wish.error());
  return json_response(
      200, write_json(document(platform, look(platform, *wish), *wish, same_wish(*wish, platform.configured_workers()))));
}

/// The wish is the configuration's; the worker manager makes what runs equal it, and this waits until it has.
HttpResponse reconstruct(Platform& platform, const RouteCall& call) {
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const json::value* dry_run = body->if_contains("dryRun");
  if (dry_run && dry_run->is_bool() && dry_run->get_bool()) return list(platform);
  const DesiredWorkers wish = platform.configured_workers();
  const auto before = platform.database().desired_workers();
  if (!before) return problem_response(before.error());
  const WorkerSet found = look(platform, wish);
  if (!same_wish(*before, wish))
    if (const Status stored = platform.database().store_desired_workers(wish); !stored) return problem_response(stored.error());
  const auto wait = parse_duration_ms(call.http.query_value("wait", ""));
  const std::int64_t end_ms = monotonic_ms() + std::min(wait ? *wait : wait_default_ms, wait_max_ms);
  WorkerSet now = look(platform, wish);
  while (!now.right() && monotonic_ms() < end_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    now = look(platform, wish);
  }
  json::object out = document(platform, now, wish, true);
  out["found"] = json::object{{"asConfigured", same_wish(*before, wish)}, {"missing", found.missing}, {"stray", found.stray}};
  return json_response(200, write_json(out));
}

}  // namespace

void add_worker_list_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/workers", {"workers", "read"}, "Worker processes by slot: running, missing, stray",
             [&platform](const RouteCall&) { return list(platform); });
  router.add("POST", "/api/v1/workers/reconstruct", {"workers", "change"}, "Put the set of workers right",
             [&platform](const RouteCall& call) { return reconstruct(platform, call); });
}

}  // namespace backstitch
