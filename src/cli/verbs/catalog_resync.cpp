// catalog resync.
#include <boost/json.hpp>

#include "base/json.h"
#include "cli/catalog_source.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

Result<Answer> catalog_resync(const Invocation& invocation) {
  object body{{"actor", invocation.actor}, {"dryRun", invocation.dry_run}};
  Answer answer{.schema = "catalog.resync/1"};
  if (invocation.has("--from")) {
    auto source = read_catalog_source(invocation.option("--from"), invocation.option("--source", "org1"), 1);
    if (!source) return fail(std::move(source.error()));
    body["content"] = source->text;
    answer.notices = source->notices;
  }
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const auto done = client->post("/catalog/resync", write_json(body));
  if (!done) return fail(done.error());
  answer.data = write_json(*done);
  answer.text = table_of(items_of(*done), {{"DIGEST", "digest"},
                                           {"INDEX", "index"},
                                           {"SAFE", "safe"},
                                           {"DATABASE", "database"},
                                           {"OBJECTS", "objects"},
                                           {"FROM", "from"},
                                           {"WRITTEN", "written"}});
  answer.notices.push_back(fmt::format("{} versions, {} written again", items_of(*done).size(), text_of(*done, "written")));
  if (invocation.dry_run) answer.notices.emplace_back("nothing was written");
  const value* ok = done->as_object().if_contains("ok");
  answer.exit_status = ok && ok->is_bool() && ok->get_bool() ? 0 : 1;
  return answer;
}

}  // namespace

std::vector<Verb> resync_verbs() {
  return {{"catalog",
           "resync",
           "compare the stored versions by digest, and write again what is missing",
           {},
           {{"--from", "SOURCE", "also keep the version of this file or folder"},
            {"--source", "NAME", "name of that source (default org1)"}},
           {"catalog resync", "catalog resync --dry-run", "catalog resync --from catalogs/mini --json"},
           catalog_resync}};
}

}  // namespace backstitch::cli
