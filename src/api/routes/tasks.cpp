#include "api/routes/routes.h"

namespace backstitch {
namespace {

Status looks_legal(const ItemRow& row, std::string_view verb, std::string_view actor, std::string_view owner) {
  if (owner.size() > 255) return fail(Code::order_field_invalid, "owner has more than 255 bytes");
  if (row.state == ItemState::running && verb != "reassign" && row.owner != actor)
    return fail(Code::task_claimed, "{} is held by {}", row.id.text(), row.owner);
  const bool open = row.state == ItemState::ready || row.state == ItemState::running;
  if (!open || (verb != "claim" && row.state == ItemState::ready))
    return fail(Code::item_transition, "{} is {}", row.id.text(), to_text(row.state));
  return {};
}

constexpr ItemCommand task_command = {"task-command", "owner", looks_legal};

}  // namespace

void add_task_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/tasks", {"tasks", "read"}, "What waits for a person: manual tasks and fallout",
             [&platform](const RouteCall& call) { return json_or_problem(platform.database().attention(filter_of(call.http))); });
  for (const char* verb : {"claim", "complete", "reassign"})
    router.add("POST", std::string("/api/v1/tasks/{id}/") + verb, {"tasks", verb}, std::string("Manual task: ") + verb,
               [&platform, verb](const RouteCall& call) { return command_item(platform, call, task_command, verb); });
}

}  // namespace backstitch
