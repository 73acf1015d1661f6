#include <boost/json.hpp>

#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

std::string path_of(const Invocation& invocation) { return "/items/" + percent_encode(invocation.argument("ITEM")); }

Result<Answer> command(const Invocation& invocation, const std::string& verb) {
  if (verb != "retry" && !invocation.has("--reason")) return fail(Code::reason_missing, "item {}", verb);
  const auto body = command_body(invocation);
  if (!body) return fail(body.error());
  return send_command(invocation, path_of(invocation) + "/" + verb, *body, "item.command/1");
}

Result<Answer> item_show(const Invocation& invocation) { return fetch_one(invocation, path_of(invocation), "item.show/1"); }
Result<Answer> item_explain(const Invocation& invocation) {
  return fetch_one(invocation, path_of(invocation) + "/explain", "item.explain/1");
}
Result<Answer> item_retry(const Invocation& invocation) { return command(invocation, "retry"); }
Result<Answer> item_complete(const Invocation& invocation) { return command(invocation, "complete"); }
Result<Answer> item_fail(const Invocation& invocation) {
  if (!invocation.dry_run) BS_TRY(confirm(invocation, "The item becomes Fatally Failed."));
  return command(invocation, "fail");
}

}  // namespace

std::vector<Verb> item_verbs() {
  const Argument item{"ITEM", "itm_…"};
  const Option reason{"--reason", "TEXT", "why; it stands in the order's events"};
  const Option set{"--set", "NAME=VALUE", "an attribute that the item would have given (may be repeated)", false, true};
  return {
      {"item",
       "show",
       "one orchestration item",
       {item},
       {},
       {"item show itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "item show itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --json",
        "--server http://127.0.0.1:8480 item show itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E"},
       item_show},
      {"item",
       "explain",
       "why it waits",
       {item},
       {},
       {"item explain itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "item explain itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --json",
        "item explain itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --timeout 5s"},
       item_explain},
      {"item",
       "retry",
       "try a failed item again",
       {item},
       {reason},
       {"item retry itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "item retry itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --reason \"line is back\"",
        "item retry itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --as bob --wait 30s"},
       item_retry},
      {"item",
       "complete",
       "say that its work is done",
       {item},
       {reason, set},
       {"item complete itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --reason \"done by phone\"",
        "item complete itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --reason \"done by phone\" --set circuit=C-77",
        "item complete itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --reason done --dry-run"},
       item_complete},
      {"item",
       "fail",
       "give it up: Fatally Failed",
       {item},
       {reason},
       {"item fail itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --reason \"no such address\"",
        "item fail itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --reason refused --yes",
        "item fail itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --reason refused --dry-run"},
       item_fail},
  };
}

}  // namespace backstitch::cli
