// repair plan|show|apply: single accounts become again what their log says, while everything goes on.
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "base/json.h"
#include "cli/beside_live.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/repair/repair_plan.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

Answer plan_answer(const std::string& document) {
  Answer answer{.schema = "repair.plan/1", .data = document, .text = recovery::repair_text(document)};
  const auto plan = parse_json(document);
  const bool refused = plan && plan->is_object() && (plan->at("refused") != 0 || plan->at("leftOut") != 0);
  if (refused) {
    answer.exit_status = 1;
    answer.notices.push_back("some accounts cannot be put right by a repair: recover plan is the way back for them");
  }
  return answer;
}

Result<Answer> plan(const Invocation& invocation) {
  if (invocation.has("--account") == invocation.has("--all-damaged"))
    return fail(Code::usage, "--account names an account, and may be repeated; or --all-damaged");
  const auto beside = BesideLive::open(invocation);
  if (!beside) return fail(beside.error());
  if (invocation.dry_run)
    return Answer{.schema = "dry-run/1", .text = "would fold the log again beside the running platform and compare rows\n"};
  recovery::RepairRequest request{.id = invocation.option("--id"), .accounts = {}, .actor = invocation.actor};
  if (invocation.has("--account")) request.accounts = invocation.options.at("--account");
  BesideLive::heed_signals();
  const auto done = recovery::plan_repair(request, beside->settings, beside->sources());
  if (!done) return fail(done.error());
  return plan_answer(*done);
}

Result<std::string> repair_of(safe::Safe& safe, const Invocation& invocation) {
  if (const std::string id = invocation.argument("REPAIR"); !id.empty()) return id;
  const auto ids = recovery::repairs(safe);
  if (!ids) return fail(ids.error());
  if (ids->empty()) return fail(Code::repair_not_found, "no repair was ever planned here");
  return ids->back();
}

Result<Answer> show(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  const auto safe = open_safe(*config);
  if (!safe) return fail(safe.error());
  const auto id = repair_of(**safe, invocation);
  if (!id) return fail(id.error());
  const auto document = recovery::load_repair(**safe, *id);
  if (!document) return fail(document.error());
  return plan_answer(*document);
}

Result<Answer> apply(const Invocation& invocation) {
  if (invocation.has("--account") == invocation.has("--all"))
    return fail(Code::usage, "--account names an account, and may be repeated; or --all that the plan can put right");
  if (!invocation.dry_run && !invocation.has("--reason")) return fail(Code::reason_missing, "repair apply");
  const std::string id = invocation.argument("REPAIR");
  array accounts;
  if (invocation.has("--account"))
    for (const std::string& account : invocation.options.at("--account")) accounts.emplace_back(account);
  const object body{{"actor", invocation.actor},
                    {"accounts", std::move(accounts)},
                    {"all", invocation.has("--all")},
                    {"reason", invocation.option("--reason")},
                    {"dryRun", invocation.dry_run}};
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  if (!invocation.dry_run) BS_TRY(confirm(invocation, fmt::format("rows of the chosen accounts become what {} says.", id)));
  const auto done = client->post("/repairs/" + percent_encode(id) + "/apply", write_json(body));
  if (!done) return fail(done.error());
  Answer answer{.schema = "repair.apply/1", .data = write_json(*done)};
  answer.text =
      table_of(items_of(*done),
               {{"ACCOUNT", "accountId"}, {"STATE", "state"}, {"CODE", "code"}, {"DETAIL", "detail"}, {"COMMAND", "commandId"}});
  answer.exit_status = done->at("ok") == value(true) ? 0 : 1;
  if (!invocation.dry_run) answer.notices.push_back("backstitch audit proves it");
  return answer;
}

}  // namespace

std::vector<Verb> repair_verbs() {
  const Option account{"--account", "ACCOUNT", "this account", false, true};
  return {
      {"repair",
       "plan",
       "compare accounts with their log, row by row; nothing is changed",
       {},
       {account,
        {"--all-damaged", "", "every account that differs"},
        {"--from-start", "", "all of history into an empty database, not only what lies behind the oldest backup"},
        {"--id", "NAME", "of the plan, instead of one made of the time"}},
       {"repair plan --all-damaged", "repair plan --account A-1001 --account A-1002", "repair plan --all-damaged --json"},
       plan},
      {"repair",
       "show",
       "a plan once more",
       {{"REPAIR", "as repair plan printed it; the newest when not given", Argument::Count::optional}},
       {},
       {"repair show", "repair show rep-20261127T031500.123456Z", "repair show --json"},
       show},
      {"repair",
       "apply",
       "put chosen accounts right: an input for each, no outage, nothing is called",
       {{"REPAIR", "as repair plan printed it"}},
       {account, {"--all", "", "every account that the plan can put right"}, {"--reason", "TEXT", "why; it stands in the log"}},
       {"repair apply rep-20261127T031500.123456Z --account A-1001 --reason \"job 4711\" --yes",
        "repair apply rep-20261127T031500.123456Z --all --reason \"job 4711\" --yes",
        "repair apply rep-20261127T031500.123456Z --all --dry-run"},
       apply},
  };
}

}  // namespace backstitch::cli
