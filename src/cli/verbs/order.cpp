// order submit|show|list; order watch stands in order_watch.cpp.
#include <boost/json.hpp>

#include "base/json.h"
#include "base/time.h"
#include "cli/input.h"
#include "cli/requests.h"
#include "cli/verbs/order_watch.h"
#include "cli/verbs/verbs.h"
#include "model/order.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

const std::vector<Column> columns{{"ORDER", "id"},           {"SOURCE ID", "sourceOrderId"}, {"VERSION", "version"},
                                  {"NUMBER", "orderNumber"}, {"ACCOUNT", "accountId"},       {"STATE", "state"},
                                  {"CHANGED", "changedAt"}};

/// A list of orders, or {"orders":[…]}, is one call; nullptr for a single order.
const array* batch_of(const value& document) {
  if (document.is_array()) return &document.as_array();
  const value* orders = document.is_object() ? document.as_object().if_contains("orders") : nullptr;
  return orders && orders->is_array() ? &orders->as_array() : nullptr;
}

Status check_order(const value& document) {
  const auto order = parse_order(document);
  if (!order) return fail(order.error());
  return {};
}

/// Faults of a batch get the order's place in front of their pointers.
Status check_batch(const array& orders) {
  Error all{Code::order_invalid, "", {}};
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const auto order = parse_order(orders[i]);
    if (order) continue;
    if (order.error().faults.empty())
      all.faults.push_back({fmt::format("/orders/{}", i), order.error().code, order.error().detail});
    for (const Fault& fault : order.error().faults)
      all.faults.push_back({fmt::format("/orders/{}{}", i, fault.pointer), fault.code, fault.detail});
  }
  if (all.faults.empty()) return {};
  all.detail = fmt::format("{} faults in {} orders", all.faults.size(), orders.size());
  return fail(std::move(all));
}

Result<Answer> submit_batch(Client& client, const array& orders) {
  const auto reply = client.post("/orders", write_json(object{{"orders", orders}}));
  if (!reply) return fail(reply.error());
  Answer answer{.schema = "order.submit-batch/1", .data = write_json(*reply)};
  const value* results = reply->is_object() ? reply->as_object().if_contains("results") : nullptr;
  std::size_t accepted = 0, count = 0;
  for (const value& entry : results && results->is_array() ? results->as_array() : array()) {
    ++count;
    if (const value* error = entry.as_object().if_contains("error"))
      answer.text += fmt::format("order {}: {} {}\n", count, text_of(*error, "code"), text_of(*error, "detail"));
    else
      ++accepted;
  }
  answer.text += fmt::format("{} of {} orders received\n", accepted, count);
  answer.exit_status = accepted == count ? 0 : 1;
  return answer;
}

Result<Answer> submit_one(const Invocation& invocation, Client& client, const std::string& text) {
  const auto reply = client.post("/orders", text);
  if (!reply) return fail(reply.error());
  const std::string id = text_of(*reply, "orderId");
  Answer answer{.schema = "order.submit/1", .data = write_json(*reply)};
  answer.text = fmt::format("{} received\n", id);
  if (invocation.wait_ms <= 0) return answer;
  const auto order = await_order(invocation, client, id);
  if (!order) return fail(order.error());
  object data = reply->as_object();
  data["state"] = text_of(*order, "state");
  answer.data = write_json(data);
  answer.text = fmt::format("{} {}\n", id, text_of(*order, "state"));
  answer.exit_status = text_of(*order, "state") == "Activated" ? 0 : 1;
  return answer;
}

Result<Answer> order_submit(const Invocation& invocation) {
  const auto text = read_input(invocation.argument("FILE"));
  if (!text) return fail(text.error());
  const auto document = parse_json(*text);
  if (!document) return fail(document.error());
  const array* orders = batch_of(*document);
  BS_TRY(orders ? check_batch(*orders) : check_order(*document));
  if (invocation.dry_run) return dry_run_answer("/orders", write_json(*document));
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  return orders ? submit_batch(*client, *orders) : submit_one(invocation, *client, *text);
}

Result<Answer> order_show(const Invocation& invocation) {
  const std::string path = "/orders/" + percent_encode(invocation.argument("ORDER"));
  if (invocation.has("--decomposition")) return fetch_one(invocation, path + "/decomposition", "order.decomposition/1");
  return fetch_one(invocation, path, "order.show/1", {"document"});
}

/// "2h" ago, or a time as it is.
Result<std::string> since_text(const std::string& text) {
  if (text.empty() || parse_rfc3339(text)) return text;
  const auto ago_ms = parse_duration_ms(text);
  if (!ago_ms) return fail(Code::usage, "--since takes a time (2026-11-23T05:21:00Z) or a duration (2h), not \"{}\"", text);
  return rfc3339(wall_clock().plus_ms(-*ago_ms));
}

Result<Answer> order_list(const Invocation& invocation) {
  const auto since = since_text(invocation.option("--since"));
  if (!since) return fail(since.error());
  return fetch_list(invocation,
                    with_query("/orders", {{"state", invocation.option("--state")},
                                           {"account", invocation.option("--account")},
                                           {"since", *since},
                                           {"cursor", invocation.option("--cursor")},
                                           {"limit", limit_text(invocation)}}),
                    "order.list/1", columns);
}

}  // namespace

std::vector<Verb> order_verbs() {
  const Argument order{"ORDER", "ord_…, or the id that it has in its source"};
  return {
      {"order",
       "submit",
       "submit one order, or a list of at most 1,000",
       {{"FILE", "JSON; - is standard input"}},
       {},
       {"order submit order.json", "order submit order.json --wait 30s", "order submit - --dry-run <orders.json"},
       order_submit},
      {"order",
       "show",
       "one order with its lines and downstream orders",
       {order},
       {{"--decomposition", "", "which rule made what"}},
       {"order show ord_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "order show 801A1 --json", "order show 801A1 --decomposition"},
       order_show},
      {"order",
       "list",
       "orders by state, account and time",
       {},
       {{"--state", "STATE", "InProgress, Activated, Failed …"},
        {"--account", "ACCOUNT", "of this account"},
        {"--since", "TIME", "submitted since: a time, or 2h ago"},
        {"--cursor", "CURSOR", "where the last page ended"}},
       {"order list --state InProgress", "order list --account A-1001 --json", "order list --since 2h --limit 20"},
       order_list},
      {"order",
       "watch",
       "what happens to an order, until it has ended",
       {order},
       {},
       {"order watch 801A1", "order watch 801A1 --wait 5m", "order watch 801A1 --jsonl"},
       order_watch},
  };
}

}  // namespace backstitch::cli
