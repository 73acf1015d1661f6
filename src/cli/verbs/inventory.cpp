// inventory list, assets export.
#include <boost/json.hpp>
#include <cstdio>

#include "base/json.h"
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

/// All of them, an object a line, page by page.
Result<Answer> assets_export(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  std::string cursor;
  std::uint64_t count = 0;
  do {
    const auto page =
        client->get(with_query("/assets", {{"account", invocation.option("--account")}, {"limit", "1000"}, {"cursor", cursor}}));
    if (!page) return fail(page.error());
    for (const auto& asset : items_of(*page)) {
      if (!invocation.json) fmt::print("{}\n", write_json(asset));
      ++count;
    }
    cursor = text_of(*page, "next");
  } while (!cursor.empty());
  Answer answer{.schema = "assets.export/1", .data = fmt::format("{{\"assets\":{}}}", count)};
  answer.streamed = !invocation.json;
  answer.notices.push_back(fmt::format("{} assets", count));
  return answer;
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
      {"assets",
       "export",
       "all assets, a JSON object a line",
       {},
       {{"--account", "ACCOUNT", "of this account"}},
       {"assets export >assets.jsonl", "assets export --account A-1001", "assets export --json"},
       assets_export},
  };
}

}  // namespace backstitch::cli
