#include "services/catalog_sync/assemble.h"

#include <boost/json.hpp>
#include <map>

#include "base/json.h"
#include "base/json_member.h"

namespace backstitch {
namespace json = boost::json;
namespace {

/// By section, then key: the order of a document, however it came to be.
using Sections = std::map<std::string, std::map<std::string, json::value>>;

/// A dependency has no key of its own: it is the two items that it names.
std::string key_of(const json::value& definition) {
  if (!definition.is_object()) return {};
  const json::object& object = definition.get_object();
  if (const std::string key = text_in(object, "key"); !key.empty()) return key;
  return text_in(object, "item") + ">" + text_in(object, "dependsOn");
}

Status put(Sections& sections, const crm::CatalogEntity& entity) {
  if (entity.definition.empty()) return sections[entity.section].erase(entity.key), Status();
  auto definition = parse_json(entity.definition);
  if (!definition) return fail(Code::crm_failed, "{} {}: {}", entity.section, entity.key, definition.error().detail);
  if (key_of(*definition) != entity.key)
    return fail(Code::crm_failed, "{} \"{}\" calls itself \"{}\"", entity.section, entity.key, key_of(*definition));
  sections[entity.section][entity.key] = std::move(*definition);
  return {};
}

std::string document_of(std::int64_t index, const Sections& sections) {
  json::object out{{"format", "backstitch.catalog/1"}, {"source", crm_catalog_source}, {"index", index}};
  for (const auto& [section, entities] : sections) {
    json::array list;
    for (const auto& [key, definition] : entities) list.push_back(definition);
    if (!list.empty()) out[section] = std::move(list);
  }
  return write_json(out);
}

}  // namespace

Result<std::string> assemble_catalog(const crm::CatalogContent& content) {
  Sections sections;
  for (const crm::CatalogEntity& entity : content.entities) BS_TRY(put(sections, entity));
  return document_of(content.index, sections);
}

Result<std::string> apply_deltas(const std::string& base, const std::vector<crm::CatalogDelta>& deltas) {
  const auto document = parse_json(base);
  if (!document) return fail(document.error());
  const json::object* object = document->if_object();
  const json::value* index = object ? object->if_contains("index") : nullptr;
  if (!index || !index->is_int64()) return fail(Code::json_invalid, "a catalog without an index");
  Sections sections;
  for (const auto& [section, list] : *object)
    if (list.is_array())
      for (const json::value& definition : list.get_array()) sections[std::string(section)][key_of(definition)] = definition;
  std::int64_t next = index->get_int64() + 1;
  for (const crm::CatalogDelta& delta : deltas) {
    if (delta.index < next) continue;
    if (delta.index > next) return fail(Code::crm_failed, "delta {} of the catalog is missing, {} is there", next, delta.index);
    for (const crm::CatalogEntity& change : delta.changes) BS_TRY(put(sections, change));
    ++next;
  }
  return document_of(next - 1, sections);
}

}  // namespace backstitch
