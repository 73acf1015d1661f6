#include "recovery/catalog/resync.h"

#include <boost/json.hpp>
#include <map>

#include "base/json.h"
#include "rules/catalog_json.h"

namespace backstitch::recovery {
namespace {

/// One version as every place has it.
struct Found {
  ResyncedVersion version;
  std::string content;  // the good one
  CatalogPtr catalog;
};

/// "ok", "missing" or "damaged"; the first good content is kept.
Result<std::string> look(const Result<std::string>& content, const char* place, Found& found) {
  if (!content) {
    const Code code = content.error().code;
    if (code == Code::object_not_found || code == Code::catalog_version_missing) return "missing";
    if (code == Code::checksum_mismatch) return "damaged";
    return fail(content.error());
  }
  const auto catalog = parse_catalog_text(*content);
  if (!catalog || (*catalog)->digest != found.version.digest) return "damaged";
  if (found.content.empty()) {
    found.content = *content, found.catalog = *catalog, found.version.from = place;
    found.version.source = (*catalog)->source, found.version.index = (*catalog)->index;
  }
  return "ok";
}

Status look_everywhere(safe::Safe& safe, database::Database& database, objects::Objects* objects, Found& found) {
  auto in_safe = look(safe.get("catalogs/" + found.version.digest), "safe", found);
  if (!in_safe) return fail(std::move(in_safe.error()));
  auto in_database = look(database.catalog_content(found.version.digest), "database", found);
  if (!in_database) return fail(std::move(in_database.error()));
  found.version.safe = *in_safe, found.version.database = *in_database;
  if (!objects) return {};
  auto in_objects = look(objects->get("catalog/" + found.version.digest), "objects", found);
  if (!in_objects) return fail(std::move(in_objects.error()));
  found.version.objects = *in_objects;
  return {};
}

/// The safe first: what it holds is never rewound.
Status write_again(safe::Safe& safe, database::Database& database, objects::Objects* objects, Time now, Found& found) {
  ResyncedVersion& version = found.version;
  if (version.same() || found.content.empty()) return {};
  if (version.safe != "ok") BS_TRY(safe.put("catalogs/" + version.digest, found.content));
  if (version.database != "ok")
    BS_TRY(database.store_catalog_version(version.digest, version.index, version.source, now, found.content));
  if (objects && version.objects != "ok")
    if (auto put = objects->put("catalog/" + version.digest, found.content); !put) return fail(std::move(put.error()));
  version.written = true;
  return {};
}

/// Every digest that any place names, also one that is active and stands nowhere.
Result<std::map<std::string, Found>> all_versions(safe::Safe& safe, database::Database& database, objects::Objects* objects) {
  std::map<std::string, Found> out;
  auto note = [&](const std::string& digest) {
    if (!digest.empty()) out[digest].version.digest = digest;
  };
  const auto in_safe = safe.list("catalogs/");
  if (!in_safe) return fail(in_safe.error());
  for (const std::string& name : *in_safe) note(name.substr(sizeof("catalogs/") - 1));
  const auto listed = database.catalog_versions();
  if (!listed) return fail(listed.error());
  const auto page = parse_json(*listed);
  if (page && page->is_object())
    for (const auto& item : page->at("items").as_array()) note(std::string(item.at("digest").as_string()));
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  for (const database::Position& position : *positions) note(position.catalog_digest);
  if (!objects) return out;
  const auto kept = objects->list("catalog/");
  if (!kept) return fail(kept.error());
  for (const objects::ObjectInfo& object : *kept) note(object.name.substr(sizeof("catalog/") - 1));
  return out;
}

}  // namespace

Result<std::vector<ResyncedVersion>> resync_catalogs(safe::Safe& safe, database::Database& database, objects::Objects* objects,
                                                     const std::string& content, Time now, bool dry_run) {
  auto versions = all_versions(safe, database, objects);
  if (!versions) return fail(std::move(versions.error()));
  if (!content.empty()) {
    const auto catalog = parse_catalog_text(content);
    if (!catalog) return fail(catalog.error());
    Found& given = (*versions)[(*catalog)->digest];
    given.version.digest = (*catalog)->digest;
    BS_TRY(look(Result<std::string>(content), "source", given));
  }
  std::vector<ResyncedVersion> out;
  for (auto& [digest, found] : *versions) {
    BS_TRY(look_everywhere(safe, database, objects, found));
    if (!dry_run) BS_TRY(write_again(safe, database, objects, now, found));
    out.push_back(found.version);
  }
  return out;
}

std::string resync_json(const std::vector<ResyncedVersion>& versions) {
  namespace json = boost::json;
  json::array items;
  bool ok = true;
  int written = 0;
  for (const ResyncedVersion& version : versions) {
    ok = ok && (version.same() || version.written), written += version.written ? 1 : 0;
    items.push_back(json::object{{"digest", version.digest},
                                 {"source", version.source},
                                 {"index", version.index},
                                 {"safe", version.safe},
                                 {"database", version.database},
                                 {"objects", version.objects.empty() ? json::value(nullptr) : json::value(version.objects)},
                                 {"from", version.from.empty() ? json::value(nullptr) : json::value(version.from)},
                                 {"written", version.written}});
  }
  return write_json(json::object{{"ok", ok}, {"written", written}, {"items", std::move(items)}});
}

}  // namespace backstitch::recovery
