#include "standins/org/schema.h"

#include <algorithm>

namespace backstitch::standin {
namespace {

const std::vector<std::string>& common_fields() {
  static const std::vector<std::string> fields{"Id", "IsDeleted", "CreatedDate", "SystemModstamp",
                                               std::string(external_id_field)};
  return fields;
}

/// Epoch__c, Version__c and Payload__c are what a platform writes: its place, and all it said.
const std::vector<ObjectType>& object_types() {
  static const std::vector<ObjectType> types{
      {"Account", "001", {"Name"}, {"Name", "AccountNumber", "Description"}},
      {"Order",
       "801",
       {"AccountId", "EffectiveDate", "Status"},
       {"AccountId", "EffectiveDate", "Status", "Description", "OrderNumber", "PoNumber", "Source__c", "OrderVersion__c",
        "SubmittedAt__c", "Epoch__c", "Version__c", "Payload__c"}},
      {"OrderItem",
       "802",
       {"OrderId", "Quantity"},
       {"OrderId", "Quantity", "Status", "Description", "ServiceDate", "Epoch__c", "Version__c", "Payload__c"}},
      {"Asset",
       "02i",
       {"Name"},
       {"Name", "AccountId", "Quantity", "Status", "Description", "SerialNumber", "Epoch__c", "Version__c", "Payload__c"}},
      // The catalog: products, everything else that is a part of it, and what was published, with an index each.
      {"Product2", "01t", {"Name"}, {"Name", "ProductCode", "IsActive", "Description", "Definition__c"}},
      {"CatalogEntity__c", "a00", {"Section__c", "Key__c"}, {"Section__c", "Key__c", "Definition__c"}},
      {"CatalogDelta__c", "a01", {"Index__c"}, {"Index__c", "Changes__c"}}};
  return types;
}

bool holds(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

bool ObjectType::has_field(std::string_view field) const { return holds(common_fields(), field) || holds(fields, field); }

std::vector<std::string> ObjectType::all_fields() const {
  std::vector<std::string> all = common_fields();
  all.insert(all.end(), fields.begin(), fields.end());
  return all;
}

bool is_number_field(std::string_view field) { return field == "Quantity" || field == "Epoch__c" || field == "Index__c"; }

const ObjectType* object_type(std::string_view name) {
  for (const ObjectType& type : object_types())
    if (type.name == name) return &type;
  return nullptr;
}

const ObjectType* object_type_of_id(std::string_view id) {
  for (const ObjectType& type : object_types())
    if (id.starts_with(type.prefix)) return &type;
  return nullptr;
}

}  // namespace backstitch::standin
