// catalog import|validate|show|activate.
#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"
#include "cli/catalog_source.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

Result<CatalogSource> read_source(const Invocation& invocation) {
  const std::string text = invocation.option("--index", "1");
  std::int64_t index = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
  if (read.ptr != text.data() + text.size() || index < 0) return fail(Code::usage, "--index takes a number, not \"{}\"", text);
  return read_catalog_source(invocation.argument("SOURCE"), invocation.option("--source", "org1"), index);
}

object summary(const Catalog& catalog) {
  return {{"digest", catalog.digest},         {"source", catalog.source},
          {"index", catalog.index},           {"products", catalog.products.size()},
          {"plans", catalog.plans.size()},    {"scenarios", catalog.scenarios.size()},
          {"systems", catalog.systems.size()}};
}

Result<Answer> catalog_validate(const Invocation& invocation) {
  auto source = read_source(invocation);
  if (!source) return fail(std::move(source.error()));
  const object data = summary(*source->catalog);
  Answer answer{
      .schema = "catalog.validate/1", .data = write_json(data), .text = "valid\n" + describe(data), .notices = source->notices};
  if (invocation.has("--print")) answer.text = source->text + "\n";
  return answer;
}

Result<Answer> catalog_import(const Invocation& invocation) {
  auto source = read_source(invocation);
  if (!source) return fail(std::move(source.error()));
  Answer answer{.schema = "catalog.import/1", .notices = source->notices};
  object data = summary(*source->catalog);
  data["active"] = false;
  if (!invocation.dry_run) {
    auto client = Client::connect(invocation);
    if (!client) return fail(std::move(client.error()));
    const auto stored = client->post("/catalog/versions", source->text);
    if (!stored) return fail(stored.error());
    const std::string digest = text_of(*stored, "digest");
    if (digest != source->catalog->digest)
      return fail(Code::checksum_mismatch, "stored as {}, sent as {}", digest, source->catalog->digest);
    if (!invocation.has("--no-activate")) {
      const auto activated =
          send_command(invocation, "/catalog/versions/" + digest + "/activate", object{{"actor", invocation.actor}}, "");
      if (!activated) return fail(activated.error());
      data["active"] = true;
    }
  }
  answer.data = write_json(data);
  answer.text = describe(data);
  if (invocation.dry_run) answer.notices.emplace_back("nothing was sent");
  return answer;
}

/// What a version holds: its products and plans by name, not the whole document (which --json prints).
std::string content_text(const object& catalog) {
  std::string out = describe({{"source", catalog.at("source")}, {"index", catalog.at("index")}});
  for (const char* part : {"products", "plans", "systems"}) {
    const value* entries = catalog.if_contains(part);
    if (!entries || !entries->is_array()) continue;
    std::vector<Row> rows;
    for (const value& entry : entries->as_array())
      rows.push_back({text_of(entry, "key"), text_of(entry, "kind") + text_of(entry, "url"), text_of(entry, "scope"),
                      text_of(entry, "class")});
    out += fmt::format("\n{}\n{}", part, table_text({"KEY", "KIND", "SCOPE", "CLASS"}, rows));
  }
  return out;
}

Result<Answer> catalog_show(const Invocation& invocation) {
  const std::string digest = invocation.argument("VERSION");
  if (digest.empty())
    return fetch_list(invocation, "/catalog/versions", "catalog.versions/1",
                      {{"DIGEST", "digest"},
                       {"INDEX", "index"},
                       {"SOURCE", "source"},
                       {"ACTIVE IN PARTITIONS", "activePartitions"},
                       {"SINCE", "at"}});
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const auto content = client->get("/catalog/versions/" + percent_encode(digest));
  if (!content) return fail(content.error());
  if (!content->is_object()) return fail(Code::defect, "the server's catalog is no object");
  return Answer{.schema = "catalog.show/1", .data = write_json(*content), .text = content_text(content->as_object())};
}

Result<Answer> catalog_activate(const Invocation& invocation) {
  return send_command(invocation, "/catalog/versions/" + percent_encode(invocation.argument("VERSION")) + "/activate",
                      object{{"actor", invocation.actor}}, "catalog.activate/1");
}

}  // namespace

std::vector<Verb> catalog_verbs() {
  const Argument source{"SOURCE", "JSON file, folder with catalog.json or a CSV export; - is standard input"};
  const Option name{"--source", "NAME", "name of the source of a CSV export (default org1)"},
      index{"--index", "N", "its index there (default 1)"};
  return {
      {"catalog",
       "import",
       "store a version and make it the active one",
       {source},
       {name, index, {"--no-activate", "", "store it only"}},
       {"catalog import catalogs/mini", "catalog import catalogs/quantumbit --source org1 --index 17",
        "catalog import catalog.json --no-activate"},
       catalog_import},
      {"catalog",
       "validate",
       "check it completely; every fault with its pointer; needs no platform",
       {source},
       {name, index, {"--print", "", "the catalog as JSON in place of its summary"}},
       {"catalog validate catalogs/mini", "catalog validate catalogs/quantumbit --print >catalog.json",
        "catalog validate - --json <catalog.json"},
       catalog_validate},
      {"catalog",
       "show",
       "the versions, or the content of one",
       {{"VERSION", "digest, or active", Argument::Count::optional}},
       {},
       {"catalog show", "catalog show active", "catalog show active --json"},
       catalog_show},
      {"catalog",
       "activate",
       "make a stored version the active one",
       {{"VERSION", "digest"}},
       {},
       {"catalog activate 4c1f0e", "catalog activate 4c1f0e --as ann", "catalog activate 4c1f0e --dry-run"},
       catalog_activate},
  };
}

}  // namespace backstitch::cli
