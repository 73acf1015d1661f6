#include "stores/crm/catalog_records.h"

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

constexpr int reads_max = 10;

std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value && value->is_object()) return write_json(*value);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<std::int64_t> whole(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value && value->is_int64()) return value->get_int64();
  if (value && value->is_double() && value->get_double() == static_cast<double>(static_cast<std::int64_t>(value->get_double())))
    return static_cast<std::int64_t>(value->get_double());  // a number of the CRM may come as 17.0
  return fail(Code::crm_failed, "{} is no whole number: {}", name, write_json(object).substr(0, 200));
}

/// A definition that is no object would be a catalog that nobody meant.
Status check(const CatalogEntity& entity) {
  const auto document = parse_json(entity.definition);
  if (!entity.section.empty() && !entity.key.empty() && document && document->is_object()) return {};
  return fail(Code::crm_failed, "a definition of the catalog that cannot be read: {} \"{}\"", entity.section, entity.key);
}

Status take(const Query& query, const std::string& soql, const char* section, const char* key, CatalogContent& content) {
  const auto records = query(soql);
  if (!records) return fail(records.error());
  for (const json::value& entry : *records) {
    if (!entry.is_object()) return fail(Code::crm_failed, "a record that is no object");
    const json::object& record = entry.get_object();
    CatalogEntity entity{section ? section : text(record, "Section__c"), text(record, key), text(record, "Definition__c")};
    if (section && entity.definition.empty()) continue;  // a product of theirs that is none of the catalog's
    BS_TRY(check(entity));
    content.entities.push_back(std::move(entity));
  }
  return {};
}

Result<std::int64_t> newest_index(const Query& query) {
  const auto records = query("SELECT Index__c FROM CatalogDelta__c ORDER BY Index__c DESC LIMIT 1");
  if (!records) return fail(records.error());
  if (records->empty()) return 0;
  return whole(records->front().as_object(), "Index__c");
}

}  // namespace

Result<CatalogContent> catalog_of(const Query& query) {
  auto index = newest_index(query);
  for (int reads = 0; index && reads < reads_max; ++reads) {
    CatalogContent content{*index, {}};
    BS_TRY(
        take(query, "SELECT ProductCode, Definition__c FROM Product2 ORDER BY ProductCode", "products", "ProductCode", content));
    BS_TRY(take(query, "SELECT Section__c, Key__c, Definition__c FROM CatalogEntity__c ORDER BY Section__c, Key__c", nullptr,
                "Key__c", content));
    index = newest_index(query);
    if (index && *index == content.index) return content;
  }
  if (!index) return fail(std::move(index.error()));
  return fail(Code::crm_failed, "the catalog was published {} times while it was read", reads_max);
}

Result<std::vector<CatalogDelta>> deltas_of(const Query& query, std::int64_t after) {
  const auto records =
      query(fmt::format("SELECT Index__c, Changes__c FROM CatalogDelta__c WHERE Index__c > {} ORDER BY Index__c", after));
  if (!records) return fail(records.error());
  std::vector<CatalogDelta> deltas;
  for (const json::value& entry : *records) {
    if (!entry.is_object()) return fail(Code::crm_failed, "a record that is no object");
    const auto index = whole(entry.get_object(), "Index__c");
    if (!index) return fail(index.error());
    CatalogDelta delta{*index, {}};
    const auto changes = parse_json(text(entry.get_object(), "Changes__c"));
    if (!changes || !changes->is_array()) return fail(Code::crm_failed, "delta {} of the catalog has no list of changes", *index);
    for (const json::value& change : changes->get_array()) {
      if (!change.is_object()) return fail(Code::crm_failed, "delta {}: a change that is no object", *index);
      CatalogEntity entity{text(change.get_object(), "section"), text(change.get_object(), "key"),
                           text(change.get_object(), "definition")};
      if (!entity.definition.empty() || entity.section.empty() || entity.key.empty()) BS_TRY(check(entity));
      delta.changes.push_back(std::move(entity));
    }
    deltas.push_back(std::move(delta));
  }
  return deltas;
}

}  // namespace backstitch::crm
