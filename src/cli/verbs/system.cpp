#include <boost/json.hpp>

#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

const std::vector<Column> columns{
    {"SYSTEM", "system"}, {"UP", "up"}, {"PARTITIONS UP", "partitionsUp"}, {"DOWN", "partitionsDown"}, {"CHANGED", "changedAt"}};

Result<Answer> command(const Invocation& invocation, const char* verb) {
  const auto body = command_body(invocation);
  if (!body) return fail(body.error());
  return send_command(invocation, fmt::format("/systems/{}/{}", percent_encode(invocation.argument("SYSTEM")), verb), *body,
                      "system.command/1");
}

Result<Answer> system_list(const Invocation& invocation) { return fetch_list(invocation, "/systems", "system.list/1", columns); }
Result<Answer> system_up(const Invocation& invocation) { return command(invocation, "up"); }
Result<Answer> system_down(const Invocation& invocation) { return command(invocation, "down"); }
Result<Answer> system_unhold(const Invocation& invocation) { return command(invocation, "unhold"); }

}  // namespace

std::vector<Verb> system_verbs() {
  const Argument system{"SYSTEM", "as the catalog names it"};
  const Option reason{"--reason", "TEXT", "why"};
  return {
      {"system",
       "list",
       "systems that were switched",
       {},
       {},
       {"system list", "system list --json", "system list --quiet"},
       system_list},
      {"system",
       "up",
       "items may call it again",
       {system},
       {reason},
       {"system up noc", "system up noc --as ann", "system up noc --wait 30s"},
       system_up},
      {"system",
       "down",
       "items that would call it are held",
       {system},
       {reason},
       {"system down noc", "system down noc --reason \"maintenance till 6\"", "system down noc --dry-run"},
       system_down},
      {"system",
       "unhold",
       "let held items go on",
       {system},
       {reason},
       {"system unhold noc", "system unhold noc --as ann", "system unhold noc --json"},
       system_unhold},
  };
}

}  // namespace backstitch::cli
