#include "api/field_table.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

using crm::Owner;

std::string changed(const std::string& from, const std::string& to) {
  std::string yaml(shipped_field_table());
  const auto at = yaml.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return yaml.replace(at, from.size(), to);
}

TEST(FieldTable, TheShippedOneSaysOfEveryFieldWhoOwnsIt) {
  const auto table = read_field_table(shipped_field_table());
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(table->order.object, "Order");
  EXPECT_EQ(table->of("OrderItem").object, "OrderItem");
  EXPECT_EQ(table->of("Asset").key, "ExternalId__c");
  EXPECT_EQ(table->order.rule_of("state")->owner, Owner::crm_until_submitted);
  EXPECT_EQ(table->order.rule_of("submittedAt")->kind, crm::FieldKind::time);
  EXPECT_EQ(table->line.rule_of("state")->owner, Owner::us);
  EXPECT_EQ(table->line.rule_of("quantity")->owner, Owner::crm_until_submitted);
  EXPECT_EQ(table->asset.rule_of("fields.Name")->owner, Owner::crm);
  EXPECT_EQ(table->asset.rule_of("version")->kind, crm::FieldKind::text) << "a number of the CRM would lose its last digits";
  EXPECT_EQ(table->asset.rule_of("nothing"), nullptr);
}

TEST(FieldTable, EveryFaultIsNamedWithItsPlace) {
  const auto refused = [](const std::string& yaml, const std::string& pointer) {
    const auto table = read_field_table(yaml);
    ASSERT_FALSE(table) << pointer;
    EXPECT_EQ(table.error().code, Code::config_invalid);
    bool named = false;
    for (const Fault& fault : table.error().faults) named = named || fault.pointer == pointer;
    EXPECT_TRUE(named) << table.error().text();
  };
  refused(changed("backstitch.crm-fields/1", "another/1"), "/format");
  refused(changed("owner: crm-until-submitted", "owner: nobody"), "/order/fields/0/owner");
  refused(changed("as: number", "as: day"), "/order/fields/1/as");
  refused(changed("crm: Version__c, owner: us", "crm: Version__c, owner: crm"), "/order/fields");
  refused(changed("object: OrderItem", "other: OrderItem"), "/line/object");
  refused(changed("crm: PoNumber", "crm: Description"), "/order/fields/10/crm");
  refused(changed("asset:", "assets:"), "/asset");
  refused("[]", "/order");
  EXPECT_FALSE(read_field_table("{"));
}

}  // namespace
}  // namespace backstitch
