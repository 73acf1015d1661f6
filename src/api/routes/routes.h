// One file per resource ("interfaces" 2).
#pragma once
#include <boost/json/fwd.hpp>
#include <optional>
#include <string>

#include "api/platform.h"

namespace backstitch {

void add_intake_routes(Router& router, Intake& intake);          // POST /orders: also while a recovery is under way
void add_callback_routes(Router& router, Callbacks& callbacks);  // POST /callbacks/{token}: also then
void add_order_routes(Router& router, Platform& platform);
void add_plan_routes(Router& router, Platform& platform);
void add_item_routes(Router& router, Platform& platform);
void add_task_routes(Router& router, Platform& platform);
void add_system_routes(Router& router, Platform& platform);
void add_queue_routes(Router& router, Platform& platform);
void add_asset_routes(Router& router, Platform& platform);
void add_drain_routes(Router& router, Platform& platform);
void add_mark_routes(Router& router, Platform& platform);
void add_late_routes(Router& router, Platform& platform);  // before add_item_routes: /items/late is no item
void add_inventory_routes(Router& router, Platform& platform);
void add_worker_list_routes(Router& router, Platform& platform);
void add_resync_routes(Router& router, Platform& platform);
void add_catalog_routes(Router& router, Platform& platform);
void add_store_routes(Router& router, Platform& platform);
void add_member_routes(Router& router, Platform& platform);
void add_backup_routes(Router& router, Platform& platform);
void add_recovery_routes(Router& router, Platform& platform);
void add_repair_routes(Router& router, Platform& platform);
void add_access_routes(Router& router, Platform& platform);   // sessions, users, grants
void add_worker_routes(Router& router, Platform& platform);   // port 8482
void add_metrics_routes(Router& router, Platform& platform);  // port 8481: /live /ready /metrics

/// The body as a JSON object; an empty body is an empty object.
Result<boost::json::object> body_object(const HttpRequest& request);
std::string body_text(const boost::json::object& body, const char* name);
/// True when the member is there and true.
bool body_flag(const boost::json::object& body, const char* name);
/// Who says it: the user of the session; without one "actor" of the body, else the header Backstitch-Actor, else "anonymous".
std::string actor_of(const RouteCall& call, const boost::json::object& body);
/// Which processes are this instance, and who owns what: GET /members, and a part of the status.
boost::json::array members_json(const Platform& platform);
/// ,"name":"text"
std::string json_member(const char* name, std::string_view text);
/// The outcome as it stands, or once it is there within ?wait=; "received" when the record is durable and not decided yet.
HttpResponse command_outcome(Platform& platform, const HttpRequest& request, CommandId id);
/// 202 {"commandId",…}; waits for the outcome when the request says ?wait=2s.
HttpResponse accepted(Platform& platform, const HttpRequest& request, const Result<Received>& received);
/// The answer to a command whose Idempotency-Key was used before; none for a new one.
struct CommandCall {
  std::string kind, account_id, members, actor;
};
std::optional<HttpResponse> command_before(Platform& platform, const HttpRequest& request, const CommandCall& command);
/// A command on one orchestration item: of an operator ("item-command") or of a person ("task-command").
struct ItemCommand {
  const char* kind;
  const char* own_member;  // the member that goes along: "reason", "owner"
  /// An early answer for what is plainly illegal; the engine decides in the end, at the record's place in the log.
  Status (*looks_legal)(const ItemRow& row, std::string_view verb, std::string_view actor, std::string_view own);
};
HttpResponse command_item(Platform& platform, const RouteCall& call, const ItemCommand& command, const std::string& verb);
database::ListFilter filter_of(const HttpRequest& request);
/// Accepts an order's id, or the id of any of its children, or its source order id with ?source=.
Result<OrderId> order_named(Platform& platform, const HttpRequest& request, std::string_view text);

}  // namespace backstitch
