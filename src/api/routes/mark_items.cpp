// The supplied tool of the plain procedure: items whose outcome nobody can tell become Fatally Failed.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "api/routes/routes.h"
#include "base/json.h"
#include "model/transitions.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::size_t items_max = 1000;
constexpr std::int64_t wait_default_ms = 10'000, wait_max_ms = 60'000;
constexpr const char* verb = "mark-fatally-failed";

struct Marked {
  std::string id;
  std::optional<ItemId> item;
  std::string account, before, after;
  std::string state;  // "applied" "refused" "unknown" "received", and "would-apply" of a dry run
  std::string code, detail;
  std::optional<CommandId> command;

  void refuse(const Error& error, const char* how = "refused") {
    state = how, code = code_text(error.code), detail = error.detail;
  }
};

/// States of items, an order read once.
class States {
 public:
  explicit States(Platform& platform) : platform_(platform) {}
  /// Account and state. Code::item_not_found, and what the database answers.
  Result<std::pair<std::string, ItemState>> of(ItemId item) {
    const OrderId id{order_of(item.bits)};
    auto found = orders_.find(id);
    if (found == orders_.end()) {
      auto stored = platform_.database().stored_order(id);
      if (!stored && stored.error().code == Code::order_not_found) return fail(Code::item_not_found, "{}", item.text());
      if (!stored) return fail(std::move(stored.error()));
      found = orders_.emplace(id, std::move(*stored)).first;
    }
    for (const ItemRow& row : found->second.items)
      if (row.id == item) return std::pair(found->second.order.account_id, row.state);
    return fail(Code::item_not_found, "{}", item.text());
  }

 private:
  Platform& platform_;
  std::map<OrderId, database::StoredOrder> orders_;
};

/// Reads the states; refuses early what the transition table refuses. The engine decides in the end, at the record's place.
Status look(Platform& platform, std::vector<Marked>& all) {
  States states(platform);
  for (Marked& one : all) {
    const auto item = ItemId::parse(one.id);
    if (!item) {
      one.refuse({Code::item_not_found, one.id, {}}, "unknown");
      continue;
    }
    one.item = *item;
    const auto found = states.of(*item);
    if (!found && found.error().code != Code::item_not_found) return fail(found.error());
    if (!found) {
      one.refuse(found.error(), "unknown");
      continue;
    }
    one.account = found->first, one.before = one.after = to_text(found->second);
    const auto next = next_state(found->second, ItemEvent::mark_restored);
    if (!next)
      one.refuse(next.error());
    else
      one.state = "would-apply", one.after = to_text(*next);
  }
  return {};
}

Status send(Platform& platform, std::vector<Marked>& all, const std::string& actor, const std::string& reason,
            const std::string& key) {
  std::vector<Intake::AccountCommand> commands;
  std::vector<Marked*> sent;
  for (Marked& one : all) {
    if (one.state != "would-apply") continue;
    sent.push_back(&one);
    commands.push_back({one.account,
                        json_member("itemId", one.item->text()) + json_member("command", verb) + json_member("reason", reason),
                        key.empty() ? "" : key + " " + one.item->text()});
  }
  auto received = platform.intake().command_all("item-command", commands, actor);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (!received[i]) return fail(std::move(received[i].error()));
    sent[i]->command = received[i]->command, sent[i]->state = "received", sent[i]->after = sent[i]->before;
  }
  return {};
}

/// Asks until every outcome is there, at most `wait_ms`; then reads the states again.
Status await_outcomes(Platform& platform, std::vector<Marked>& all, std::int64_t wait_ms) {
  const std::int64_t end_ms = monotonic_ms() + wait_ms;
  for (Marked& one : all)
    while (one.state == "received") {
      const auto outcome = platform.database().command(*one.command);
      if (outcome) {
        const auto document = parse_json(*outcome);
        if (!document || !document->is_object()) return fail(Code::row_broken, "command {}", one.command->text());
        const json::object& object = document->get_object();
        one.state = body_text(object, "state"), one.code = body_text(object, "code"), one.detail = body_text(object, "detail");
      } else if (outcome.error().code != Code::command_not_found) {
        return fail(outcome.error());
      } else if (monotonic_ms() >= end_ms) {
        break;
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  States after(platform);
  for (Marked& one : all)
    if (one.command)
      if (const auto found = after.of(*one.item)) one.after = to_text(found->second);
  return {};
}

std::string document(const std::vector<Marked>& all) {
  json::array items;
  std::map<std::string, int> counts;
  for (const Marked& one : all) {
    ++counts[one.state];
    items.push_back(json::object{{"id", one.id},
                                 {"accountId", one.account},
                                 {"before", one.before},
                                 {"after", one.after},
                                 {"state", one.state},
                                 {"code", one.code},
                                 {"detail", one.detail},
                                 {"commandId", one.command ? json::value(one.command->text()) : json::value(nullptr)}});
  }
  json::object out{{"ok", counts["refused"] + counts["unknown"] + counts["received"] == 0}};
  for (const char* state : {"applied", "refused", "unknown", "received"}) out[state] = counts[state];
  out["items"] = std::move(items);
  return write_json(out);
}

Result<std::vector<Marked>> items_of(const json::object& body) {
  const json::value* list = body.if_contains("items");
  if (!list || !list->is_array() || list->get_array().size() > items_max)
    return fail(Code::usage, "\"items\" is a list of item ids, {} at most", items_max);
  std::vector<Marked> all;
  for (const json::value& entry : list->get_array()) {
    const std::string id = entry.is_string() ? std::string(entry.get_string()) : write_json(entry);
    const bool known = std::any_of(all.begin(), all.end(), [&](const Marked& one) { return one.id == id; });
    if (!known) all.push_back({.id = id});
  }
  return all;
}

HttpResponse mark(Platform& platform, const RouteCall& call) {
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  auto all = items_of(*body);
  if (!all) return problem_response(all.error());
  if (const Status looked = look(platform, *all); !looked) return problem_response(looked.error());
  const json::value* dry_run = body->if_contains("dryRun");
  if (dry_run && dry_run->is_bool() && dry_run->get_bool()) return json_response(200, document(*all));
  const std::string reason = body_text(*body, "reason");
  if (reason.empty()) return problem_response({Code::reason_missing, verb, {}});
  if (const Status sent = send(platform, *all, actor_of(call, *body), reason, std::string(call.http.header("idempotency-key")));
      !sent)
    return problem_response(sent.error());
  const auto wait = parse_duration_ms(call.http.query_value("wait", ""));
  const Status ended = await_outcomes(platform, *all, std::min(wait ? *wait : wait_default_ms, wait_max_ms));
  return ended ? json_response(200, document(*all)) : problem_response(ended.error());
}

}  // namespace

void add_mark_routes(Router& router, Platform& platform) {
  router.add("POST", "/api/v1/items/mark-fatally-failed", {"items", "mark-fatally-failed"},
             "Make items Fatally Failed after a restore", [&platform](const RouteCall& call) { return mark(platform, call); });
}

}  // namespace backstitch
