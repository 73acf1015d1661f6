#include "api/documents/plan_document.h"
#include "api/routes/routes.h"

namespace backstitch {

void add_plan_routes(Router& router, Platform& platform) {
  auto reading = [&platform](Result<std::string> (*read)(Platform&, OrderId)) {
    return [&platform, read](const RouteCall& call) {
      const auto id = order_named(platform, call.http, call["id"]);
      return id ? json_or_problem(read(platform, *id)) : problem_response(id.error());
    };
  };
  router.add("GET", "/api/v1/plans/{id}", {"plans", "read"}, "A plan, by its own id or its order's", reading(plan_document));
  router.add("GET", "/api/v1/plans/{id}/explain", {"plans", "read"}, "Why each item waits", reading(plan_explanation));
}

}  // namespace backstitch
