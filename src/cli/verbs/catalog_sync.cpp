// catalog sync.
#include <boost/json.hpp>

#include "base/json.h"
#include "cli/requests.h"
#include "cli/verbs/crm.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

Result<Answer> catalog_sync(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const bool look = invocation.has("--status");
  const object body{{"actor", invocation.actor}, {"full", invocation.has("--full")}, {"dryRun", invocation.dry_run}};
  const auto done = look ? client->get("/catalog/sync") : client->post("/catalog/sync", write_json(body));
  if (!done) return fail(done.error());
  Answer answer{.schema = "catalog.sync/1", .data = write_json(*done)};
  answer.text = done->is_object() ? describe(done->as_object()) : "";
  if (invocation.dry_run && !look) answer.notices.emplace_back("nothing was kept");
  return answer;
}

}  // namespace

std::vector<Verb> catalog_sync_verbs() {
  return {{"catalog",
           "sync",
           "bring the catalog of the CRM here now",
           {},
           {{"--full", "", "read everything, also over a catalog that came from elsewhere"},
            {"--status", "", "how the last look ended; nothing is begun"}},
           {"catalog sync", "catalog sync --full --dry-run", "catalog sync --status --json"},
           catalog_sync}};
}

}  // namespace backstitch::cli
