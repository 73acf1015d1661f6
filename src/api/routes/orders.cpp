#include <boost/json.hpp>

#include "api/documents/plan_document.h"
#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

std::string received_json(const Received& received) {
  return fmt::format(
      "{{\"status\":\"received\",\"orderId\":\"{}\",\"receivedAt\":\"{}\",\"partition\":{},\"offset\":\"{}\",\"first\":{}}}",
      received.order.text(), rfc3339(received.at), received.partition, received.offset, received.fresh);
}

HttpResponse with_retry_after(HttpResponse response) {
  if (response.status == 429) response.headers.emplace_back("Retry-After", "1");
  return response;
}

HttpResponse submit_one(Intake& intake, const HttpRequest& request, const std::string& actor) {
  const auto received = intake.submit(request.body, actor);
  if (!received) return with_retry_after(problem_response(received.error()));
  HttpResponse response = json_response(received->fresh ? 202 : 200, received_json(*received));
  response.headers.emplace_back("Location", "/api/v1/orders/" + received->order.text());
  return response;
}

HttpResponse submit_batch(Intake& intake, const json::array& orders, const std::string& actor) {
  if (orders.size() > 1000)
    return problem_response({Code::order_too_large, fmt::format("{} orders in one call, 1,000 at most", orders.size()), {}});
  std::vector<std::string> bodies;
  for (const json::value& order : orders) bodies.push_back(write_json(order));
  std::string body = "{\"results\":[";
  bool first = true;
  for (const auto& received : intake.submit_all(bodies, actor)) {
    body += first ? "" : ",";
    first = false;
    if (received)
      body += fmt::format("{{\"httpStatus\":{},\"result\":{}}}", received->fresh ? 202 : 200, received_json(*received));
    else
      body += fmt::format("{{\"httpStatus\":{},\"error\":{}}}", info(received.error().code).http, problem_json(received.error()));
  }
  return json_response(207, body + "]}");
}

HttpResponse submit(Intake& intake, const RouteCall& call) {
  const HttpRequest& request = call.http;
  const std::string actor = actor_of(call, {});
  // Only a batch begins so; a single order is taken as the bytes it came in, which is what its digest is over.
  if (request.body.find("\"orders\"") != std::string::npos) {
    auto document = parse_json(request.body);
    if (!document) return problem_response(document.error());
    if (document->is_object())
      if (const json::value* orders = document->get_object().if_contains("orders"); orders && orders->is_array())
        return submit_batch(intake, orders->get_array(), actor);
  }
  return submit_one(intake, request, actor);
}

template <class Read>
std::function<HttpResponse(const RouteCall&)> reading(Platform& platform, Read read) {
  return [&platform, read](const RouteCall& call) {
    const auto id = order_named(platform, call.http, call["id"]);
    return id ? json_or_problem(read(platform, *id)) : problem_response(id.error());
  };
}

HttpResponse not_yet(const RouteCall& call) { return problem_response({Code::supplement_unsupported, call.http.path, {}}); }

}  // namespace

void add_intake_routes(Router& router, Intake& intake) {
  router.add("POST", "/api/v1/orders", {"orders", "submit"}, "Submit one order, or {\"orders\":[…]} of at most 1,000",
             [&intake](const RouteCall& call) { return submit(intake, call); });
}

void add_order_routes(Router& router, Platform& platform) {
  add_intake_routes(router, platform.intake());
  router.add("GET", "/api/v1/orders", {"orders", "read"}, "Orders by state, account and time",
             [&platform](const RouteCall& call) { return json_or_problem(platform.database().orders(filter_of(call.http))); });
  router.add("GET", "/api/v1/orders/{id}", {"orders", "read"}, "One order with its lines and downstream orders",
             reading(platform, [](Platform& p, OrderId id) { return p.database().order(id); }));
  router.add("GET", "/api/v1/orders/{id}/events", {"orders", "read"}, "What happened to the order, in order",
             reading(platform, [](Platform& p, OrderId id) { return p.database().order_events(id); }));
  router.add("GET", "/api/v1/orders/{id}/decomposition", {"orders", "read"}, "Which rule made what",
             reading(platform, [](Platform& p, OrderId id) { return decomposition_document(p, id); }));
  for (const char* verb : {"freeze", "supplements", "discard", "compose-plan"})
    router.add("POST", std::string("/api/v1/orders/{id}/") + verb,
               {"orders", verb == std::string_view("discard")  ? "discard"
                          : verb == std::string_view("freeze") ? "freeze"
                                                               : "amend"},
               "Not part of this version (BS-3107)", not_yet);
  router.add("GET", "/api/v1/commands/{id}", {"orders", "read"},
             "Outcome of a command: received, applied or refused; ?wait=2s waits for it", [&platform](const RouteCall& call) {
               const auto id = CommandId::parse(call["id"]);
               return id ? command_outcome(platform, call.http, *id)
                         : problem_response({Code::command_not_found, std::string(call["id"]), {}});
             });
}

}  // namespace backstitch
