#include <boost/json.hpp>

#include "base/json.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

std::string path_of(const Invocation& invocation) { return "/plans/" + percent_encode(invocation.argument("PLAN")); }

Result<Answer> plan_show(const Invocation& invocation) { return fetch_one(invocation, path_of(invocation), "plan.show/1"); }

Result<Answer> plan_explain(const Invocation& invocation) { return fetch_one(invocation, path_of(invocation) + "/explain", "plan.explain/1"); }

}  // namespace

std::vector<Verb> plan_verbs() {
  const Argument plan{"PLAN", "pln_…, or an order: ord_… or the id that it has in its source"};
  return {
      {"plan", "show", "the plan of an order with its items", {plan}, {},
       {"plan show 801A1", "plan show pln_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "plan show 801A1 --json"}, plan_show},
      {"plan", "explain", "which rule made what, and why an item waits", {plan}, {},
       {"plan explain 801A1", "plan explain 801A1 --json", "plan explain pln_06GZ8Q2M6D9XK4W1T7B3RC5N0E"}, plan_explain},
  };
}

}  // namespace backstitch::cli
