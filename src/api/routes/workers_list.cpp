// The set of workers: what is wished, what runs, and putting it right after the rows were rewound.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::int64_t wait_default_ms = 20'000, wait_max_ms = 60'000;
using Desired = std::vector<database::Database::DesiredWorker>;

Desired configured(const Config& config) {
  Desired wish;
  for (const auto& [lane, settings] : config.lanes) wish.push_back({lane, settings.count, settings.concurrency});
  return wish;
}

bool same(const Desired& left, const Desired& right) {
  auto text = [](const Desired& wish) {
    std::map<std::string, std::pair<int, int>> out;
    for (const auto& lane : wish) out[lane.lane] = {lane.count, lane.concurrency};
    return out;
  };
  return text(left) == text(right);
}

struct Look {
  json::array items;
  int missing = 0, stray = 0;
  bool right() const { return missing + stray == 0; }
};

Look look(const WorkerManager& manager, const Desired& wish) {
  std::map<std::string, std::string> running;
  for (const workers::Running& worker : manager.running()) running[worker.slot] = worker.name;
  Look out;
  auto note = [&](const std::string& slot, const std::string& name, const char* state) {
    out.items.push_back(
        json::object{{"slot", slot}, {"lane", slot.substr(0, slot.rfind('/'))}, {"name", name}, {"state", state}});
  };
  for (const auto& lane : wish)
    for (int index = 0; index < lane.count; ++index) {
      const std::string slot = lane.lane + "/" + std::to_string(index);
      const auto found = running.find(slot);
      note(slot, found == running.end() ? "" : found->second, found == running.end() ? "missing" : "running");
      out.missing += found == running.end() ? 1 : 0;
      running.erase(slot);
    }
  for (const auto& [slot, name] : running) note(slot, name, "stray"), ++out.stray;
  return out;
}

json::object document(const Look& seen, const Desired& wish, bool as_configured) {
  json::array desired;
  for (const auto& lane : wish)
    desired.push_back(json::object{{"lane", lane.lane}, {"count", lane.count}, {"concurrency", lane.concurrency}});
  return {
      {"ok", seen.right() && as_configured}, {"asConfigured", as_configured}, {"missing", seen.missing}, {"stray", seen.stray},
      {"desired", std::move(desired)},       {"items", seen.items},           {"next", nullptr}};
}

HttpResponse list(Platform& platform) {
  const auto wish = platform.database().desired_workers();
  if (!wish) return problem_response(wish.error());
  return json_response(
      200, write_json(document(look(platform.worker_manager(), *wish), *wish, same(*wish, configured(platform.config())))));
}

/// The wish is the configuration's; the worker manager makes what runs equal it, and this waits until it has.
HttpResponse reconstruct(Platform& platform, const RouteCall& call) {
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const json::value* dry_run = body->if_contains("dryRun");
  if (dry_run && dry_run->is_bool() && dry_run->get_bool()) return list(platform);
  const Desired wish = configured(platform.config());
  const auto before = platform.database().desired_workers();
  if (!before) return problem_response(before.error());
  const Look found = look(platform.worker_manager(), wish);
  if (!same(*before, wish))
    if (const Status stored = platform.database().store_desired_workers(wish); !stored) return problem_response(stored.error());
  const auto wait = parse_duration_ms(call.http.query_value("wait", ""));
  const std::int64_t end_ms = monotonic_ms() + std::min(wait ? *wait : wait_default_ms, wait_max_ms);
  Look now = look(platform.worker_manager(), wish);
  while (!now.right() && monotonic_ms() < end_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    now = look(platform.worker_manager(), wish);
  }
  json::object out = document(now, wish, true);
  out["found"] = json::object{{"asConfigured", same(*before, wish)}, {"missing", found.missing}, {"stray", found.stray}};
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
