#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;

Result<json::object> body_object(const HttpRequest& request) {
  if (request.body.empty()) return json::object();
  auto document = parse_json(request.body);
  if (!document) return fail(std::move(document.error()));
  if (!document->is_object()) return fail(Code::json_invalid, "the body must be an object");
  return std::move(document->get_object());
}

std::string body_text(const json::object& body, const char* name) {
  const json::value* value = body.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool body_flag(const json::object& body, const char* name) {
  const json::value* value = body.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

std::string actor_of(const RouteCall& call, const json::object& body) {
  if (call.caller.has_session) return call.caller.user;
  if (std::string actor = body_text(body, "actor"); !actor.empty()) return actor;
  const auto header = call.http.header("backstitch-actor");
  return header.empty() ? "anonymous" : std::string(header);
}

std::string json_member(const char* name, std::string_view text) {
  std::string out = std::string(",\"") + name + "\":";
  append_json_string(out, text);
  return out;
}

namespace {

/// Waits until the outcome stands in the rows, at most as long as ?wait= says: asks after commits, not before the record of
/// which we know the place is decided.
Result<std::string> await_outcome(Platform& platform, const HttpRequest& request, CommandId id,
                                  const Received* received = nullptr) {
  constexpr std::int64_t ask_all_the_same_ms = 1'000;
  const auto wait = parse_duration_ms(request.query_value("wait", "0s"));
  const std::int64_t end = monotonic_ms() + std::min<std::int64_t>(wait ? *wait : 0, 30'000);
  while (true) {
    const std::uint64_t seen = platform.decisions();
    const std::int64_t left = end - monotonic_ms();
    if (left <= 0 || !received || platform.decided(received->partition) > received->offset) {
      auto outcome = platform.database().command(id);
      if (outcome || outcome.error().code != Code::command_not_found || left <= 0) return outcome;
    }
    platform.await_decision(seen, std::min(left, ask_all_the_same_ms));
  }
}

}  // namespace

HttpResponse accepted(Platform& platform, const HttpRequest& request, const Result<Received>& received) {
  if (!received) return problem_response(received.error());
  const std::string id = received->command.text();
  if (!request.query_value("wait").empty())
    if (auto outcome = await_outcome(platform, request, received->command, &*received)) return json_response(200, *outcome);
  HttpResponse response = json_response(
      202, "{\"commandId\":\"" + id + "\",\"state\":\"received\",\"receivedAt\":\"" + rfc3339(received->at) + "\"}");
  response.headers = {{"Location", "/api/v1/commands/" + id}};
  return response;
}

HttpResponse command_outcome(Platform& platform, const HttpRequest& request, CommandId id) {
  auto outcome = await_outcome(platform, request, id);
  if (outcome) return json_response(200, *outcome);
  if (outcome.error().code != Code::command_not_found) return problem_response(outcome.error());
  // Not decided yet: the log says whether it was received (a broadcast stands in every partition).
  for (const char* partition : {"", "\n0"}) {
    auto holders = platform.queue().holders("incoming", "command\n" + id.text() + partition);
    if (!holders) return problem_response(holders.error());
    if (!holders->empty())
      return json_response(200, "{\"id\":\"" + id.text() + "\",\"state\":\"received\",\"receivedAt\":\"" +
                                    rfc3339(holders->front().appended) + "\"}");
  }
  return problem_response(outcome.error());
}

std::optional<HttpResponse> command_before(Platform& platform, const HttpRequest& request, const CommandCall& command) {
  auto before = platform.intake().command_before(command.kind, command.account_id, command.members, command.actor,
                                                 std::string(request.header("idempotency-key")));
  if (!before) return problem_response(before.error());
  if (!*before) return std::nullopt;
  return accepted(platform, request, **before);
}

HttpResponse command_item(Platform& platform, const RouteCall& call, const ItemCommand& command, const std::string& verb) {
  const auto item = ItemId::parse(call["id"]);
  if (!item) return problem_response({Code::item_not_found, std::string(call["id"]), {}});
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  auto stored = platform.database().stored_order(OrderId{order_of(item->bits)});
  if (!stored)
    return problem_response(stored.error().code == Code::order_not_found ? Error{Code::item_not_found, item->text(), {}}
                                                                         : stored.error());
  const std::string actor = actor_of(call, *body), own = body_text(*body, command.own_member);
  std::string members = json_member("itemId", item->text()) + json_member("command", verb) + json_member(command.own_member, own);
  if (const auto* attributes = body->if_contains("attributes"); attributes && attributes->is_object())
    members += ",\"attributes\":" + write_json(*attributes);
  if (auto before = command_before(platform, call.http, {command.kind, stored->order.account_id, members, actor})) return *before;
  const auto row = std::find_if(stored->items.begin(), stored->items.end(), [&](const ItemRow& at) { return at.id == *item; });
  if (row == stored->items.end()) return problem_response({Code::item_not_found, item->text(), {}});
  if (const Status legal = command.looks_legal(*row, verb, actor, own); !legal) return problem_response(legal.error());
  return accepted(platform, call.http,
                  platform.intake().command(command.kind, stored->order.account_id, members, actor,
                                            std::string(call.http.header("idempotency-key"))));
}

database::ListFilter filter_of(const HttpRequest& request) {
  database::ListFilter filter;
  auto text = [&](const char* name) { return std::string(request.query_value(name)); };
  filter.state = text("state"), filter.account_id = text("account"), filter.kind = text("kind"), filter.system = text("system");
  filter.owner = text("owner"), filter.cursor = text("cursor");
  if (const auto since = parse_rfc3339(text("since"))) filter.since = *since;
  const std::string limit = text("limit");
  int value = filter.limit;
  std::from_chars(limit.data(), limit.data() + limit.size(), value);
  filter.limit = std::clamp(value, 1, 1000);
  return filter;
}

Result<OrderId> order_named(Platform& platform, const HttpRequest& request, std::string_view text) {
  for (const char* prefix : {"ord_", "pln_", "itm_", "oit_", "dor_", "doi_"})
    if (text.starts_with(prefix)) {
      auto bits = parse_crockford(text.substr(4));
      if (!bits) return fail(Code::order_not_found, "{}", text);
      return OrderId{order_of(*bits)};
    }
  auto found = platform.database().find_order(request.query_value("source", "org1"), text, 1);
  if (!found) return fail(std::move(found.error()));
  if (!*found) return fail(Code::order_not_found, "{}", text);
  return **found;
}

}  // namespace backstitch
