#include "stores/crm/field_table.h"

namespace backstitch::crm {

const char* to_text(Owner owner) {
  switch (owner) {
    case Owner::crm: return "crm";
    case Owner::us: return "us";
    case Owner::crm_until_submitted: break;
  }
  return "crm-until-submitted";
}

const FieldRule* ObjectFields::rule_of(std::string_view ours) const {
  for (const FieldRule& rule : rules)
    if (rule.ours == ours) return &rule;
  return nullptr;
}

FieldTable standin_fields() {
  const std::vector<FieldRule> rules = {{"state", "Status", Owner::us},
                                        {"epoch", "Epoch__c", Owner::us, FieldKind::number},
                                        {"version", "Version__c", Owner::us},
                                        {"body", "Payload__c", Owner::us}};
  FieldTable table{{"Order", "ExternalId__c", rules}, {"OrderItem", "ExternalId__c", rules}, {"Asset", "ExternalId__c", rules}};
  table.order.rules.push_back({"submittedAt", "SubmittedAt__c", Owner::crm, FieldKind::time});
  return table;
}

const ObjectFields& FieldTable::of(std::string_view type) const {
  return type == "Order" ? order : type == "OrderItem" ? line : asset;
}

}  // namespace backstitch::crm
