// Catalog versions of safe, database and objects compared by digest, and what is missing written again.
#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "recovery/catalog/resync.h"

namespace backstitch {
namespace {

HttpResponse resync(Platform& platform, const RouteCall& call) {
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const auto* dry_run = body->if_contains("dryRun");
  const auto* content = body->if_contains("content");
  if (content && !content->is_string())
    return problem_response({Code::usage, "\"content\" is the text of a catalog, as its source gives it", {}});
  const auto versions =
      recovery::resync_catalogs(platform.safe(), platform.database(), &platform.objects(), body_text(*body, "content"),
                                wall_clock(), dry_run && dry_run->is_bool() && dry_run->get_bool());
  return versions ? json_response(200, recovery::resync_json(*versions)) : problem_response(versions.error());
}

}  // namespace

void add_resync_routes(Router& router, Platform& platform) {
  router.add("POST", "/api/v1/catalog/resync", {"catalog", "import"},
             "Compare catalog versions by digest and write again what is missing",
             [&platform](const RouteCall& call) { return resync(platform, call); });
}

}  // namespace backstitch
