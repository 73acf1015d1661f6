// What changed in the CRM is read again: its own fields are taken over, ours are said again.
#include "api/routes/crm.h"

#include <boost/json.hpp>
#include <mutex>

#include "api/open_stores.h"
#include "api/routes/routes.h"
#include "recovery/assets/asset_changes.h"
#include "services/crm_refresh/crm_refresh.h"

namespace backstitch {
namespace {

/// Begun with the first request: it has a session with the CRM of its own. Ends with the router.
class Refresher {
 public:
  explicit Refresher(Platform& platform) : platform_(platform) {}

  Result<CrmRefresh*> begun() {
    const std::lock_guard lock(mutex_);
    if (refresh_) return refresh_.get();
    auto crm = open_crm(platform_.config());
    if (!crm) return fail(std::move(crm.error()));
    if (!*crm) return fail(Code::config_invalid, "no CRM is configured; crm.url says where it is");
    refresh_ =
        std::make_unique<CrmRefresh>(std::move(*crm), platform_.database(), platform_.catalog_library(), platform_.intake());
    return refresh_.get();
  }
  /// None when nothing was refreshed since the start, or nothing of that id.
  std::optional<std::string> state(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return refresh_ ? refresh_->state(id) : std::nullopt;
  }

 private:
  Platform& platform_;
  std::mutex mutex_;
  std::unique_ptr<CrmRefresh> refresh_;
};

HttpResponse refresh(Refresher& refresher, const RouteCall& call) {
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const auto since = recovery::asset_time(body_text(*body, "since"), wall_clock());
  if (!since) return problem_response(since.error());
  if (!since->is_set()) return problem_response({Code::usage, "\"since\" says from when on: a time, or a duration", {}});
  const auto begun = refresher.begun();
  if (!begun) return problem_response(begun.error());
  const std::string id = (*begun)->start({.since = *since,
                                          .dry_run = body_flag(*body, "dryRun"),
                                          .actor = actor_of(call, *body),
                                          .key = std::string(call.http.header("idempotency-key"))});
  HttpResponse response = json_response(202, (*begun)->state(id).value_or("{}"));
  response.headers = {{"Location", "/api/v1/crm/refresh/" + id}};
  return response;
}

HttpResponse state(Refresher& refresher, const std::string& id) {
  const auto state = refresher.state(id);
  if (state) return json_response(200, *state);
  return problem_response({Code::command_not_found, id.empty() ? "nothing was refreshed since the start" : "refresh " + id, {}});
}

}  // namespace

void add_crm_routes(Router& router, Platform& platform) {
  const auto refresher = std::make_shared<Refresher>(platform);
  router.add("POST", "/api/v1/crm/refresh", {"crm", "refresh"},
             "Read what changed in the CRM {since} and take over what is its own; {dryRun: true} lists it",
             [refresher](const RouteCall& call) { return refresh(*refresher, call); });
  router.add("GET", "/api/v1/crm/refresh", {"crm", "read"}, "How the last refresh from the CRM stands",
             [refresher](const RouteCall&) { return state(*refresher, ""); });
  router.add("GET", "/api/v1/crm/refresh/{id}", {"crm", "read"}, "How a refresh from the CRM stands, and what it found",
             [refresher](const RouteCall& call) { return state(*refresher, std::string(call["id"])); });
}

}  // namespace backstitch
