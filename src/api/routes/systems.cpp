#include <boost/json.hpp>

#include "api/routes/routes.h"

namespace backstitch {

void add_system_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/systems", {"systems", "read"}, "Systems that were switched, by partition",
             [&platform](const RouteCall&) { return json_or_problem(platform.database().systems()); });
  for (const char* verb : {"up", "down", "unhold"})
    router.add("POST", std::string("/api/v1/systems/{name}/") + verb, {"systems", "switch"},
               std::string("Switch a system: ") + verb, [&platform, verb](const RouteCall& call) {
                 auto body = body_object(call.http);
                 if (!body) return problem_response(body.error());
                 const std::string name(call["name"]);
                 const CatalogPtr catalog = platform.catalog_library().find(platform.intake().active_catalog());
                 if (!catalog || !catalog->system(name)) return problem_response({Code::system_not_found, name, {}});
                 return accepted(
                     platform, call.http,
                     platform.intake().broadcast("system-command", json_member("system", name) + json_member("command", verb),
                                                 actor_of(call, *body), std::string(call.http.header("idempotency-key"))));
               });
}

}  // namespace backstitch
