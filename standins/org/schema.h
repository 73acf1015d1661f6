// The objects that the org has, their fields, and what must be given when a record is made.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace backstitch::standin {

inline constexpr std::string_view external_id_field = "ExternalId__c";

struct ObjectType {
  std::string name, prefix;
  std::vector<std::string> required;  // of a record that is made by hand
  std::vector<std::string> fields;    // beside those that every object has
  bool has_field(std::string_view field) const;
  /// Every object's own first: Id IsDeleted CreatedDate SystemModstamp ExternalId__c.
  std::vector<std::string> all_fields() const;
};

bool is_number_field(std::string_view field);

/// Null when there is no such object.
const ObjectType* object_type(std::string_view name);
/// By the first three characters of an id.
const ObjectType* object_type_of_id(std::string_view id);

}  // namespace backstitch::standin
