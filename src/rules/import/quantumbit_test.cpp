#include "rules/import/quantumbit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rules/fixture.h"
#include "rules/import/csv.h"

namespace backstitch::import {
namespace {

using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, QuotesLineEndsAndBlanks) {
  EXPECT_EQ(parse_csv("a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n,\n").value(), (Rows{{"a", "b"}, {"1", "x, \"y\"\nz"}, {"", ""}}));
  EXPECT_EQ(parse_csv("\xEF\xBB\xBF"
                      "a\n1")
                .value(),
            (Rows{{"a"}, {"1"}}));
  EXPECT_EQ(parse_csv("").value(), Rows{});
  EXPECT_EQ(parse_csv("a\n\n\nb\n").value(), (Rows{{"a"}, {"b"}})) << "a blank line is no row";
  EXPECT_EQ(parse_csv("it\"s\n").value(), Rows{{"it\"s"}}) << "a quote inside a cell is a letter";
  const auto open = parse_csv("a\n\"b\nc");
  ASSERT_FALSE(open.has_value());
  EXPECT_NE(open.error().detail.find("line 2"), std::string::npos);
}

TEST(Csv, ATableKnowsWhatWasNotRead) {
  Table table = Table::read("t.csv", "used,quiet,flag,loud\n1,,false,x\n2,,false,#N/A\n").value();
  EXPECT_EQ(table.cell(1, "used"), "2");
  EXPECT_EQ(table.cell(0, "absent"), "");
  EXPECT_EQ(table.unread(), std::vector<std::string>{"loud (1 of 2 rows)"});
  EXPECT_EQ(table.not_available_cells(), 1u);
  EXPECT_FALSE(Table::read("t.csv", "a,b\n1\n").has_value());
  EXPECT_FALSE(Table::read("t.csv", "").has_value());
}

class QuantumBit : public testing::Test {
 protected:
  QuantumBit() : files(fixture::quantumbit_files()) {}
  Imported import_files() {
    auto imported = import_quantumbit(files, "quantumbit", 1);
    EXPECT_TRUE(imported.has_value()) << (imported ? "" : imported.error().text());
    return imported ? *imported : Imported{};
  }
  static bool says(const Imported& imported, const std::vector<std::string>& words) {
    return std::any_of(imported.notices.begin(), imported.notices.end(), [&](const std::string& notice) {
      return std::all_of(words.begin(), words.end(),
                         [&](const std::string& word) { return notice.find(word) != std::string::npos; });
    });
  }
  void replace(const std::string& file, const std::string& what, const std::string& instead) {
    const auto at = files[file].find(what);
    ASSERT_NE(at, std::string::npos) << file << ": " << what;
    files[file].replace(at, what.size(), instead);
  }
  std::map<std::string, std::string> files;
};

TEST_F(QuantumBit, LoadsWhole) {
  const Imported imported = import_files();
  const CatalogPtr catalog = parse_catalog_text(imported.catalog).value();
  EXPECT_EQ(catalog->products.size(), 314u);
  EXPECT_EQ(catalog->classes.size(), 18u);
  EXPECT_EQ(catalog->attributes.size(), 39u);
  EXPECT_EQ(catalog->decomposition.size(), 21u);
  EXPECT_EQ(catalog->plans.size(), 6u) << "five groups and the closing plan of the overlay";
  EXPECT_EQ(catalog->scenarios.size(), 11u);
  EXPECT_EQ(catalog->dependencies.size(), 14u);
  EXPECT_EQ(catalog->systems.size(), 4u);
  EXPECT_EQ(catalog_json(*catalog), imported.catalog);
  EXPECT_EQ(import_files().catalog, imported.catalog) << "the same input gives the same version";
}

TEST_F(QuantumBit, ManualStepsStayManual) {
  const CatalogPtr catalog = parse_catalog_text(import_files().catalog).value();
  const ItemDefinition* licensing = catalog->item("provisioning-activation", "provision-licensing-features");
  ASSERT_NE(licensing, nullptr);
  EXPECT_EQ(licensing->type, ItemType::manual_task) << "although it names an integration";
  EXPECT_EQ(licensing->manual_queue, "operations");
  EXPECT_EQ(licensing->process_after, "$line.field.StartDate");
  EXPECT_EQ(licensing->scope, ItemScope::order_item);
  EXPECT_TRUE(says(import_files(), {"manual steps stay manual", "Post Invoice"}));
  EXPECT_TRUE(says(import_files(), {"is not called", "Provision Licensing/Features"}));
}

TEST_F(QuantumBit, ScopesActionsAndRetriesAreChosenInWords) {
  const Imported imported = import_files();
  const CatalogPtr catalog = parse_catalog_text(imported.catalog).value();
  const Product* billing = catalog->product("QB-DRO-BILL");
  EXPECT_EQ(billing->scope, ProductScope::account);
  EXPECT_EQ(billing->scope_field, "") << "Ramp_Identifier beside Account";
  EXPECT_EQ(catalog->product("QB-DRO-QBD")->scope, ProductScope::custom);
  EXPECT_EQ(catalog->product("QB-DRO-QBD")->scope_field, "Group_Identifier");
  const ItemDefinition* tokens = catalog->item("usage-provisioning-activation", "activate-tokens");
  EXPECT_EQ(tokens->scope, ItemScope::custom);
  EXPECT_EQ(tokens->scope_field, "Group_Identifier");
  const ItemDefinition* stage = catalog->item("platform", "stage-new-tenant-for-provisioning-platform");
  ASSERT_NE(stage, nullptr);
  EXPECT_EQ(stage->type, ItemType::callout);
  EXPECT_EQ(stage->scope, ItemScope::global);
  EXPECT_EQ(stage->retries, 3) << "000000001, not the 1 of 000000003";
  EXPECT_EQ(stage->routes.size(), 3u);
  const Scenario& scenario = catalog->scenarios.at(0);
  EXPECT_EQ(scenario.actions,
            (std::vector<Action>{Action::add, Action::change, Action::renew, Action::no_change, Action::disconnect}));
  EXPECT_TRUE(says(imported, {"Callout: 000000001 wins over 000000003"}));
  EXPECT_TRUE(says(imported, {"Renew stays an action of its own"}));
  EXPECT_TRUE(says(imported, {"ignored", "QB-DRO-BILL (Ramp_Identifier, scope Account)"}));
  EXPECT_TRUE(says(imported, {"SourceLineStartDate", "Activate Tokens"}));
  EXPECT_TRUE(says(imported, {"21 of 21 relationships have a blank priority"}));
  EXPECT_TRUE(says(imported, {"FulfillmentStepDefinition.csv", "AssignedTo.Name"}));
  EXPECT_TRUE(says(imported, {"FulfillmentStepJeopardyRule.csv is not used (6 rows)"}));
  EXPECT_TRUE(says(imported, {"integrations that no callout names", "DROBillingService"}));
}

TEST_F(QuantumBit, NoticesAreNumbered) {
  const Imported imported = import_files();
  ASSERT_GE(imported.notices.size(), 20u);
  for (std::size_t i = 0; i < imported.notices.size(); ++i)
    EXPECT_TRUE(imported.notices[i].starts_with(fmt::format("N-{:03} ", i + 1))) << imported.notices[i];
}

TEST_F(QuantumBit, BundlesKeepTheirBounds) {
  const CatalogPtr catalog = parse_catalog_text(import_files().catalog).value();
  const Product* complete = catalog->product("QB-COMPLETE");
  ASSERT_EQ(complete->children.size(), 20u);
  const auto usage = std::find_if(complete->groups.begin(), complete->groups.end(),
                                  [](const ChildGroup& group) { return group.key == "QB-PCG-USAGE"; });
  ASSERT_NE(usage, complete->groups.end());
  EXPECT_EQ(usage->min, 1);
  EXPECT_EQ(usage->max, 1);
  const auto requests = std::find_if(complete->children.begin(), complete->children.end(),
                                     [](const ProductChild& child) { return child.product == "QB-API-REQT"; });
  EXPECT_EQ(requests->quantity, 100);
  EXPECT_TRUE(requests->selected);
  EXPECT_LT(requests->max, 0) << "blank: no bound";
}

TEST_F(QuantumBit, RoughDataIsTold) {
  replace("ProductFulfillmentDecompRule.csv", "QB-DRO-BILL,Services to Finance,,,Services",
          "QB-NOWHERE,Services to Finance,,,Services");
  replace("FulfillmentStepDependencyDef.csv", "Plan,Post Invoice,Receive Payment", "#N/A,Post Invoice,Receive Payment");
  replace("FulfillmentStepDefinition.csv", "Finance,Milestone", "Finance,Pause");
  replace("ProductFulfillmentScenario.csv", "Add;Amend;Renew", "Add;Swap;Renew");
  replace("Product2.fulfillment.csv", "Group_Identifier,Custom,Aggregate,Additional Flows", ",Galaxy,Aggregate,Additional Flows");
  replace("Product2.csv", "Software,true,true,false,AEH Environment Runtime",
          "Software,false,true,false,AEH Environment Runtime");
  files["Surprise.csv"] = "a\n1\n";
  const Imported imported = import_files();
  EXPECT_TRUE(says(imported, {"relationships without", "Services to Finance"}));
  EXPECT_TRUE(says(imported, {"unknown dependency scopes", "Post to Pay"}));
  EXPECT_TRUE(says(imported, {"#N/A", "FulfillmentStepDependencyDef.csv"}));
  EXPECT_TRUE(says(imported, {"unknown type", "Initiate Billing (Pause)"}));
  EXPECT_TRUE(says(imported, {"dependencies on steps that are not there", "Provision to Bill"}));
  EXPECT_TRUE(says(imported, {"unknown actions", "Swap"}));
  EXPECT_TRUE(says(imported, {"unknown scopes", "QB-DRO-AACR (Galaxy)"}));
  EXPECT_TRUE(says(imported, {"not active are left out", "QB-AEH-ENV"}));
  EXPECT_TRUE(says(imported, {"Surprise.csv is not known"}));
}

TEST_F(QuantumBit, WhatCannotBeImportedIsRefusedInWords) {
  auto refused = [&] {
    const auto imported = import_quantumbit(files, "quantumbit", 1);
    EXPECT_FALSE(imported.has_value());
    return imported ? std::string() : code_text(imported.error().code) + " " + imported.error().detail;
  };
  const auto whole = files;
  files.erase("overlay.json");
  EXPECT_NE(refused().find("Stage New Tenant for Provisioning - Platform (RLM_DFOTenantProvisioningCallout)"), std::string::npos);
  files = whole;
  files.erase("Product2.csv");
  EXPECT_EQ(refused(), "BS-2010 missing: Product2.csv");
  files = whole;
  files["Product2.csv"] += "\"open";
  EXPECT_NE(refused().find("Product2.csv: the quote"), std::string::npos);
  files = whole;
  files["overlay.json"] = "{";
  EXPECT_NE(refused().find("overlay.json"), std::string::npos);
  files = whole;
  replace("overlay.json", "\"tenant-keyed.stage\"", "\"tenant-kyed.stage\"");
  EXPECT_NE(refused().find("tenant-kyed.stage"), std::string::npos);
}

}  // namespace
}  // namespace backstitch::import
