// inventory check, inventory sheet.
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "base/json.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/inventory/sheet.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// A fold of the archive takes minutes, not the seconds of other calls.
constexpr std::int64_t patient_timeout_ms = 1'800'000;

Result<Answer> inventory_check(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  object body{{"actor", invocation.actor},
              {"account", invocation.option("--account")},
              {"repair", invocation.has("--repair")},
              {"dryRun", invocation.dry_run},
              {"reason", invocation.option("--reason")}};
  const auto found = client->post("/inventory/check", write_json(body));
  if (!found) return fail(found.error());
  Answer answer{.schema = "inventory.check/1", .data = write_json(*found)};
  answer.text = table_of(items_of(*found), {{"KIND", "kind"},
                                            {"ACCOUNT", "accountId"},
                                            {"INVENTORY", "inventoryId"},
                                            {"ASSET", "assetRef"},
                                            {"PRODUCT", "product"},
                                            {"REPAIRABLE", "repairable"},
                                            {"DETAIL", "detail"}});
  answer.notices.push_back(fmt::format("{} accounts, {} inventory items and {} assets looked at", text_of(*found, "accounts"),
                                       text_of(*found, "inventory"), text_of(*found, "assets")));
  if (const value* repair = found->as_object().if_contains("repair"))
    answer.notices.push_back(fmt::format("{} links: {} commands applied, {} refused, {} not decided yet",
                                         text_of(*repair, "links"), text_of(*repair, "applied"), text_of(*repair, "refused"),
                                         text_of(*repair, "open")));
  answer.exit_status = items_of(*found).empty() ? 0 : 1;
  return answer;
}

/// Out of the safe of the data folder: no platform and no database is asked.
Result<value> from_safe(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  const auto safe = open_safe(*config);
  if (!safe) return fail(safe.error());
  say(invocation, "folding the archive into a scratch cluster");
  const auto accounts = recovery::accounts_from_evidence(
      **safe, {config->partitions, {config->default_retries, config->default_retry_interval_ms}, invocation.option("--account")});
  if (!accounts) return fail(accounts.error());
  std::string items;
  for (const database::StoredAccount& account : *accounts) {
    const std::string entries = recovery::sheet_entries(account);
    items += (items.empty() || entries.empty() ? "" : ",") + entries;
  }
  return parse_json(R"({"from":"evidence","items":[)" + items + R"(],"next":null})");
}

Result<value> read_sheet(const Invocation& invocation) {
  if (invocation.has("--evidence") && invocation.server.empty()) return from_safe(invocation);
  Invocation patient = invocation;
  if (patient.timeout_ms == Invocation{}.timeout_ms) patient.timeout_ms = patient_timeout_ms;
  auto client = Client::connect(patient);
  if (!client) return fail(std::move(client.error()));
  return client->get(with_query("/inventory/sheet", {{"account", invocation.option("--account")},
                                                     {"evidence", invocation.has("--evidence") ? "true" : ""}}));
}

Result<Answer> inventory_sheet(const Invocation& invocation) {
  const auto sheet = read_sheet(invocation);
  if (!sheet) return fail(sheet.error());
  Answer answer{.schema = "inventory.sheet/1", .data = write_json(*sheet)};
  for (const value& service : items_of(*sheet))
    answer.text += fmt::format("{} of {}\n{}\n", text_of(service, "product"), text_of(service, "accountId"),
                               describe(service.as_object(), {"product", "accountId"}));
  answer.notices.push_back(fmt::format("{} services, from {}", items_of(*sheet).size(),
                                       text_of(*sheet, "from") == "evidence" ? "the archive alone" : "the rows"));
  return answer;
}

}  // namespace

std::vector<Verb> inventory_tool_verbs() {
  return {
      {"inventory",
       "check",
       "orphans between inventory and assets",
       {},
       {{"--account", "ACCOUNT", "of this account"},
        {"--repair", "", "link inventory items to the assets that their references name"},
        {"--reason", "TEXT", "why; it stands in the command"}},
       {"inventory check", "inventory check --repair --dry-run",
        "inventory check --account A-1001 --repair --reason \"after rec-1\""},
       inventory_check},
      {"inventory",
       "sheet",
       "what a person needs to restore services",
       {},
       {{"--account", "ACCOUNT", "of this account"},
        {"--evidence", "", "rebuilt from the archive alone; works with platform and database down"}},
       {"inventory sheet --account A-1001", "inventory sheet --account A-1001 --evidence", "inventory sheet --evidence --json"},
       inventory_sheet},
  };
}

}  // namespace backstitch::cli
