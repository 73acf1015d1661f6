#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace {

/// An early answer for a task that somebody else holds or that is past claiming; the engine decides in the end.
Status looks_legal(const database::StoredOrder& stored, ItemId item, const std::string& verb, const std::string& actor) {
  for (const ItemRow& row : stored.items) {
    if (row.id != item) continue;
    if (row.state == ItemState::running && verb != "reassign" && row.owner != actor)
      return fail(Code::task_claimed, "{} is held by {}", item.text(), row.owner);
    const bool open = row.state == ItemState::ready || row.state == ItemState::running;
    if (!open || (verb != "claim" && row.state == ItemState::ready))
      return fail(Code::item_transition, "{} is {}", item.text(), to_text(row.state));
    return {};
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
  const std::string actor = actor_of(call.http, *body), owner = body_text(*body, "owner");
  if (owner.size() > 255) return problem_response({Code::order_field_invalid, "owner has more than 255 bytes", {}});
  std::string members = json_member("itemId", item->text()) + json_member("command", verb) + json_member("owner", owner);
  if (const auto* attributes = body->if_contains("attributes"); attributes && attributes->is_object())
    members += ",\"attributes\":" + write_json(*attributes);
  if (auto before = command_before(platform, call.http, {"task-command", stored->order.account_id, members, actor}))
    return *before;
  if (const Status legal = looks_legal(*stored, *item, verb, actor); !legal) return problem_response(legal.error());
  return accepted(platform, call.http,
                  platform.intake().command("task-command", stored->order.account_id, members, actor,
                                            std::string(call.http.header("idempotency-key"))));
}

}  // namespace

void add_task_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/tasks", "What waits for a person: manual tasks and fallout",
             [&platform](const RouteCall& call) { return json_or_problem(platform.database().attention(filter_of(call.http))); });
  for (const char* verb : {"claim", "complete", "reassign"})
    router.add("POST", std::string("/api/v1/tasks/{id}/") + verb, std::string("Manual task: ") + verb,
               [&platform, verb](const RouteCall& call) { return command(platform, call, verb); });
}

}  // namespace backstitch
