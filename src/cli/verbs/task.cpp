#include <boost/json.hpp>

#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

const std::vector<Column> columns{{"ITEM", "itemId"},   {"NAME", "itemKey"},      {"KIND", "kind"},
                                  {"STATE", "state"},   {"ACCOUNT", "accountId"}, {"OWNER", "owner"},
                                  {"SYSTEM", "system"}, {"SINCE", "since"},       {"ERROR", "error"}};

Result<Answer> command(const Invocation& invocation, const std::string& verb) {
  const auto body = command_body(invocation);
  if (!body) return fail(body.error());
  return send_command(invocation, fmt::format("/tasks/{}/{}", percent_encode(invocation.argument("TASK")), verb), *body,
                      "task.command/1");
}

Result<Answer> task_list(const Invocation& invocation) {
  return fetch_list(invocation,
                    with_query("/tasks", {{"kind", invocation.option("--kind")},
                                          {"state", invocation.option("--state")},
                                          {"owner", invocation.option("--owner")},
                                          {"system", invocation.option("--system")},
                                          {"account", invocation.option("--account")},
                                          {"cursor", invocation.option("--cursor")},
                                          {"limit", limit_text(invocation)}}),
                    "task.list/1", columns);
}
Result<Answer> task_claim(const Invocation& invocation) { return command(invocation, "claim"); }
Result<Answer> task_complete(const Invocation& invocation) { return command(invocation, "complete"); }
Result<Answer> task_reassign(const Invocation& invocation) { return command(invocation, "reassign"); }

}  // namespace

std::vector<Verb> task_verbs() {
  const Argument task{"TASK", "itm_…, as task list shows it"};
  const Option owner{"--owner", "NAME", "who has it from now on"};
  const Option set{"--set", "NAME=VALUE", "an attribute that the task gives (may be repeated)", false, true};
  return {
      {"task",
       "list",
       "manual tasks and fallout",
       {},
       {{"--kind", "KIND", "manual, failed, fatally-failed, unknown-outcome"},
        {"--state", "STATE", "state of the item"},
        {"--owner", "NAME", "claimed by"},
        {"--system", "NAME", "of this system"},
        {"--account", "ACCOUNT", "of this account"},
        {"--cursor", "CURSOR", "where the last page ended"}},
       {"task list --kind manual", "task list --kind unknown-outcome --json", "task list --owner ann --limit 20"},
       task_list},
      {"task",
       "claim",
       "take a manual task",
       {task},
       {owner},
       {"task claim itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "task claim itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --as ann",
        "task claim itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --json"},
       task_claim},
      {"task",
       "complete",
       "finish a manual task",
       {task},
       {set},
       {"task complete itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E", "task complete itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --set port=7",
        "task complete itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --as ann --wait 30s"},
       task_complete},
      {"task",
       "reassign",
       "give a manual task to somebody else",
       {task},
       {{"--owner", "NAME", "who has it from now on", true}},
       {"task reassign itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --owner bob",
        "task reassign itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --owner bob --as ann",
        "task reassign itm_06GZ8Q2M6D9XK4W1T7B3RC5N0E --owner bob --dry-run"},
       task_reassign},
  };
}

}  // namespace backstitch::cli
