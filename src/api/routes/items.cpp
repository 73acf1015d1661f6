#include <boost/json.hpp>

#include "api/documents/plan_document.h"
#include "api/routes/routes.h"
#include "base/json.h"
#include "model/transitions.h"

namespace backstitch {
namespace {

/// An early answer for what is plainly illegal; the engine decides in the end, at the record's place in the log.
Status looks_legal(const database::StoredOrder& stored, ItemId item, std::string_view verb) {
  for (const ItemRow& row : stored.items) {
    if (row.id != item) continue;
    const ItemEvent event = verb == "retry" ? (row.state == ItemState::failed ? ItemEvent::retry_due : ItemEvent::operator_retry)
                            : verb == "complete" ? ItemEvent::operator_complete
                                                 : ItemEvent::operator_fail;
    const auto next = next_state(row.state, event);
    return next ? Status() : fail(next.error().code, "{}: {}", item.text(), next.error().detail);
  }
  return fail(Code::item_not_found, "{}", item.text());
}

HttpResponse command(Platform& platform, const RouteCall& call, const std::string& verb) {
  const auto item = ItemId::parse(call["id"]);
  if (!item) return problem_response({Code::item_not_found, std::string(call["id"]), {}});
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  auto stored = platform.database().stored_order(OrderId{order_of(item->bits)});
  if (!stored)
    return problem_response(stored.error().code == Code::order_not_found ? Error{Code::item_not_found, item->text(), {}}
                                                                         : stored.error());
  const std::string actor = actor_of(call.http, *body), reason = body_text(*body, "reason");
  std::string members = json_member("itemId", item->text()) + json_member("command", verb) + json_member("reason", reason);
  if (const auto* attributes = body->if_contains("attributes"); attributes && attributes->is_object())
    members += ",\"attributes\":" + write_json(*attributes);
  if (auto before = command_before(platform, call.http, {"item-command", stored->order.account_id, members, actor}))
    return *before;
  if (const Status legal = looks_legal(*stored, *item, verb); !legal) return problem_response(legal.error());
  if (verb != "retry" && reason.empty()) return problem_response({Code::reason_missing, verb + " " + item->text(), {}});
  return accepted(platform, call.http,
                  platform.intake().command("item-command", stored->order.account_id, members, actor,
                                            std::string(call.http.header("idempotency-key"))));
}

}  // namespace

void add_item_routes(Router& router, Platform& platform) {
  auto reading = [&platform](Result<std::string> (*read)(Platform&, ItemId)) {
    return [&platform, read](const RouteCall& call) {
      const auto id = ItemId::parse(call["id"]);
      return id ? json_or_problem(read(platform, *id)) : problem_response({Code::item_not_found, std::string(call["id"]), {}});
    };
  };
  router.add("GET", "/api/v1/items/{id}", "One orchestration item", reading(item_document));
  router.add("GET", "/api/v1/items/{id}/explain", "Why it waits", reading(item_explanation));
  for (const char* verb : {"retry", "complete", "fail"})
    router.add("POST", std::string("/api/v1/items/{id}/") + verb, std::string("Operator: ") + verb + " an item",
               [&platform, verb](const RouteCall& call) { return command(platform, call, verb); });
}

}  // namespace backstitch
