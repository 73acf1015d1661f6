// inventory list.
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

const std::vector<Column> columns{
    {"INVENTORY", "id"},   {"ACCOUNT", "accountId"}, {"PRODUCT", "product"},       {"STATE", "state"},
    {"ASSET", "assetRef"}, {"SYSTEM", "system"},     {"SYSTEM'S ID", "systemRef"}, {"SERVICE RECORD", "serviceRecord"}};

Result<Answer> inventory_list(const Invocation& invocation) {
  return fetch_list(invocation,
                    with_query("/inventory", {{"account", invocation.option("--account")},
                                              {"state", invocation.option("--state")},
                                              {"system", invocation.option("--system")},
                                              {"cursor", invocation.option("--cursor")},
                                              {"limit", limit_text(invocation)}}),
                    "inventory.list/1", columns);
}

}  // namespace

std::vector<Verb> inventory_verbs() {
  return {
      {"inventory",
       "list",
       "services that run, and what identifies them",
       {},
       {{"--account", "ACCOUNT", "of this account"},
        {"--state", "STATE", "Active or Ended"},
        {"--system", "NAME", "run by this system"},
        {"--cursor", "CURSOR", "where the last page ended"}},
       {"inventory list --account A-1001", "inventory list --system noc --json", "inventory list --limit 20"},
       inventory_list},
  };
}

}  // namespace backstitch::cli
