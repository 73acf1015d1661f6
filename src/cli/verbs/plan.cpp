#include <boost/json.hpp>

#include "base/json.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

using boost::json::value;

const std::vector<Column> columns{{"ITEM", "id"},     {"NAME", "name"},       {"TYPE", "type"},
                                  {"STATE", "state"}, {"ATTEMPT", "attempt"}, {"INTERFACE", "interface"},
                                  {"OWNER", "owner"}, {"ERROR", "error"},     {"WAITS FOR", "waitsFor"}};

Result<value> fetch(const Invocation& invocation, const char* suffix) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  return client->get("/plans/" + percent_encode(invocation.argument("PLAN")) + suffix);
}

Result<Answer> plan_show(const Invocation& invocation) {
  const auto plan = fetch(invocation, "");
  if (!plan) return fail(plan.error());
  if (!plan->is_object()) return fail(Code::defect, "the server's plan is no object");
  Answer answer{.schema = "plan.show/1", .data = write_json(*plan)};
  answer.text = describe(plan->as_object(), {"items"}) + table_of(items_of(*plan), columns);
  return answer;
}

/// A sentence an item, under its name.
std::string explanation_of(const value& item) {
  std::string out = fmt::format("{}  {}\n  {}\n", text_of(item, "name"), text_of(item, "state"), text_of(item, "why"));
  for (auto [title, member] : {std::pair{"made by", "scenario"}, std::pair{"made for", "for"}, std::pair{"calls", "interface"}})
    if (const std::string text = text_of(item, member); !text.empty()) out += fmt::format("  {} {}\n", title, text);
  return out;
}

Result<Answer> plan_explain(const Invocation& invocation) {
  const auto plan = fetch(invocation, "/explain");
  if (!plan) return fail(plan.error());
  if (!plan->is_object()) return fail(Code::defect, "the server's plan is no object");
  Answer answer{.schema = "plan.explain/1", .data = write_json(*plan)};
  answer.text = describe(plan->as_object(), {"items"});
  for (const value& item : items_of(*plan)) answer.text += explanation_of(item);
  return answer;
}

}  // namespace

std::vector<Verb> plan_verbs() {
  const Argument plan{"PLAN", "pln_…, or an order: ord_… or the id that it has in its source"};
  return {
      {"plan",
       "show",
       "the plan of an order with its items",
       {plan},
       {},
       {"plan show 801A1", "plan show pln_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "plan show 801A1 --json"},
       plan_show},
      {"plan",
       "explain",
       "which rule made what, and why an item waits",
       {plan},
       {},
       {"plan explain 801A1", "plan explain 801A1 --json", "plan explain pln_06GZ8Q2M6D9XK4W1T7B3RC5N0E"},
       plan_explain},
  };
}

}  // namespace backstitch::cli
