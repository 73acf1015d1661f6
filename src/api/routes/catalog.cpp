#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "base/json.h"
#include "rules/catalog_json.h"

namespace backstitch {
namespace {

HttpResponse activate(Platform& platform, const RouteCall& call, const std::string& digest, const std::string& actor) {
  if (const Status loaded = platform.catalog_library().load(digest); !loaded) return problem_response(loaded.error());
  const auto received = platform.intake().broadcast("catalog-activate", json_member("digest", digest), actor,
                                                    std::string(call.http.header("idempotency-key")));
  if (received && received->fresh) platform.intake().set_active_catalog(digest);
  return accepted(platform, call.http, received);
}

HttpResponse store(Platform& platform, const RouteCall& call) {
  if (call.http.query_value("validate") == "only") {
    const auto catalog = parse_catalog_text(call.http.body);
    return catalog ? json_response(200, "{\"digest\":\"" + (*catalog)->digest + "\",\"valid\":true}")
                   : problem_response(catalog.error());
  }
  const auto catalog = platform.catalog_library().store(call.http.body);
  if (!catalog) return problem_response(catalog.error());
  const Status kept = platform.database().store_catalog_version((*catalog)->digest, (*catalog)->index, (*catalog)->source,
                                                                wall_clock(), call.http.body);
  if (!kept) return problem_response(kept.error());
  return json_response(
      201, fmt::format("{{\"digest\":\"{}\",\"index\":{},\"source\":{},\"products\":{},\"plans\":{}}}", (*catalog)->digest,
                       (*catalog)->index, write_json(boost::json::string((*catalog)->source)), (*catalog)->products.size(),
                       (*catalog)->plans.size()));
}

}  // namespace

void add_catalog_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/catalog/versions", {"catalog", "read"}, "Catalog versions",
             [&platform](const RouteCall&) { return json_or_problem(platform.database().catalog_versions()); });
  router.add("POST", "/api/v1/catalog/versions", {"catalog", "import"}, "Store a version; ?validate=only checks it",
             [&platform](const RouteCall& call) { return store(platform, call); });
  router.add("GET", "/api/v1/catalog/versions/{digest}", {"catalog", "read"}, "The content of a version, or of \"active\"",
             [&platform](const RouteCall& call) {
               const std::string digest =
                   call["digest"] == "active" ? platform.intake().active_catalog() : std::string(call["digest"]);
               if (digest.empty()) return problem_response({Code::catalog_none, "nothing was ever activated", {}});
               return json_or_problem(platform.database().catalog_content(digest));
             });
  router.add("POST", "/api/v1/catalog/versions/{digest}/activate", {"catalog", "activate"}, "Make a version the active one",
             [&platform](const RouteCall& call) {
               auto body = body_object(call.http);
               return body ? activate(platform, call, std::string(call["digest"]), actor_of(call, *body))
                           : problem_response(body.error());
             });
}

}  // namespace backstitch
