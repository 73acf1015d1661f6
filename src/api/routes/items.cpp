#include "api/documents/plan_document.h"
#include "api/routes/routes.h"
#include "model/transitions.h"

namespace backstitch {
namespace {

Status looks_legal(const ItemRow& row, std::string_view verb, std::string_view, std::string_view reason) {
  const ItemEvent event = verb == "retry" ? (row.state == ItemState::failed ? ItemEvent::retry_due : ItemEvent::operator_retry)
                          : verb == "complete" ? ItemEvent::operator_complete
                                               : ItemEvent::operator_fail;
  if (const auto next = next_state(row.state, event); !next)
    return fail(next.error().code, "{}: {}", row.id.text(), next.error().detail);
  if (verb != "retry" && reason.empty()) return fail(Code::reason_missing, "{} {}", verb, row.id.text());
  return {};
}

constexpr ItemCommand item_command = {"item-command", "reason", looks_legal};

}  // namespace

void add_item_routes(Router& router, Platform& platform) {
  auto reading = [&platform](Result<std::string> (*read)(Platform&, ItemId)) {
    return [&platform, read](const RouteCall& call) {
      const auto id = ItemId::parse(call["id"]);
      return id ? json_or_problem(read(platform, *id)) : problem_response({Code::item_not_found, std::string(call["id"]), {}});
    };
  };
  router.add("GET", "/api/v1/items/{id}", {"items", "read"}, "One orchestration item", reading(item_document));
  router.add("GET", "/api/v1/items/{id}/explain", {"items", "read"}, "Why it waits", reading(item_explanation));
  for (const char* verb : {"retry", "complete", "fail"})
    router.add("POST", std::string("/api/v1/items/{id}/") + verb, {"items", verb}, std::string("Operator: ") + verb + " an item",
               [&platform, verb](const RouteCall& call) { return command_item(platform, call, item_command, verb); });
}

}  // namespace backstitch
