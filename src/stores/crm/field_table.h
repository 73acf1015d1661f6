// Which field of the CRM is which of ours, and who owns it: crm/fields.yaml as plain data (read by api/field_table.h).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace backstitch::crm {

enum class Owner : unsigned char {
  crm,                  // they write, we take over
  us,                   // we write; what somebody else wrote there is a difference
  crm_until_submitted,  // theirs until an order was submitted, ours from then on
};
const char* to_text(Owner owner);  // "crm" "us" "crm-until-submitted"

/// How a value stands in the field.
enum class FieldKind : unsigned char { text, number, time, date };

struct FieldRule {
  /// Of an update: "state" "epoch" "version" "body" (all it said, as text), or "body.MEMBER". Of an order in the CRM:
  /// "submittedAt" "source" "orderVersion". Anything else: what we hold of it ("fields.Channel", "quantity"), which a refresh
  /// takes over.
  std::string ours;
  std::string field;  // its API name
  Owner owner = Owner::crm;
  FieldKind kind = FieldKind::text;
};

struct ObjectFields {
  std::string object;  // its API name
  std::string key;     // the external id field
  std::vector<FieldRule> rules;
  const FieldRule* rule_of(std::string_view ours) const;  // null when there is none
};

struct FieldTable {
  ObjectFields order, line, asset;
  /// By the type of an update: "Order" "OrderItem" "Asset".
  const ObjectFields& of(std::string_view type) const;
};
/// What every stand-in org has, and nothing beside it.
FieldTable standin_fields();

}  // namespace backstitch::crm
