// Orphans on both sides, each planted and found.
#include "recovery/inventory/check.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "rules/catalog_json.h"

namespace backstitch::recovery {
namespace {

AssetId asset_id(int n) { return AssetId{{0, static_cast<std::uint64_t>(n)}}; }
InventoryId inventory_id(int n) { return InventoryId{{0, static_cast<std::uint64_t>(n)}}; }

/// One service and its asset, as an activated order leaves them.
database::StoredAccount sound() {
  database::StoredAccount account;
  account.account_id = "A-1";
  AssetRow asset;
  asset.id = asset_id(1), asset.account_id = "A-1", asset.asset_ref = "ref-1", asset.product = "P";
  InventoryRow row;
  row.id = inventory_id(7), row.account_id = "A-1", row.product = "T", row.asset = asset.id, row.asset_ref = "ref-1";
  account.assets.push_back(asset), account.inventory.push_back(row);
  return account;
}

std::string kinds(const std::vector<Orphan>& orphans) {
  std::string out;
  for (const Orphan& orphan : orphans) out += (out.empty() ? "" : " ") + orphan.kind;
  return out;
}

CatalogPtr catalog(const std::string& rule_more = "", const std::string& implementation = "assetize",
                   const std::string& scope = "OrderItem") {
  auto parsed = parse_catalog_text(
      R"({"format":"backstitch.catalog/1","source":"t","index":1,"attributes":[{"key":"a"}],
"products":[{"key":"P","kind":"commercial"},{"key":"T","kind":"technical","scope":")" +
      scope + R"(","inventory":true}],
"decomposition":[{"key":"d","from":{"product":"P"},"to":"T","priority":1)" +
      rule_more + R"(}],
"plans":[{"key":"plan","scope":"OrderItem","items":[{"key":"keep","type":"autoTask","implementation":")" +
      implementation + R"("}]}],"scenarios":[{"key":"s","for":{"product":"T"},"actions":["Add"],"plan":"plan"}]})");
  EXPECT_TRUE(parsed) << parsed.error().text() << (parsed.error().faults.empty() ? "" : parsed.error().faults[0].detail);
  return parsed ? *parsed : nullptr;
}

TEST(InventoryCheck, SoundRowsAreNotListed) { EXPECT_EQ(kinds(orphans_of(sound(), catalog().get())), ""); }

TEST(InventoryCheck, ALostLinkIsFoundWithWhatItMeans) {
  auto account = sound();
  account.inventory[0].asset.reset(), account.inventory[0].no_asset_reason = "gone";
  const auto orphans = orphans_of(account, nullptr);
  ASSERT_EQ(kinds(orphans), "unlinked");
  EXPECT_TRUE(orphans[0].repairable());
  EXPECT_EQ(orphans[0].asset, asset_id(1));
  EXPECT_EQ(orphans[0].inventory, inventory_id(7));
  account.assets.clear();
  EXPECT_EQ(kinds(orphans_of(account, nullptr)), "") << "its reason says why it has none";
}

TEST(InventoryCheck, ALinkToAnotherAssetIsFound) {
  auto account = sound();
  account.assets.push_back(account.assets[0]);
  account.assets[1].id = asset_id(2), account.assets[1].asset_ref = "ref-2";
  account.inventory[0].asset = asset_id(2);
  const auto orphans = orphans_of(account, nullptr);
  ASSERT_EQ(kinds(orphans), "unlinked");
  EXPECT_EQ(orphans[0].asset, asset_id(1));
}

TEST(InventoryCheck, AMissingAssetAndAnEndedOneAreFound) {
  auto account = sound();
  account.assets.clear();
  EXPECT_EQ(kinds(orphans_of(account, nullptr)), "asset-missing");
  account = sound();
  account.assets[0].state = AssetState::ended;
  EXPECT_EQ(kinds(orphans_of(account, nullptr)), "asset-ended");
  EXPECT_EQ(kinds(orphans_of(account, catalog().get())), "asset-ended");
  EXPECT_EQ(kinds(orphans_of(account, catalog("", "assetize", "Account").get())), "") << "other assets share it";
  account.inventory[0].state = InventoryState::ended;
  EXPECT_EQ(kinds(orphans_of(account, nullptr)), "") << "both have ended";
}

TEST(InventoryCheck, AnAssetWhoseServiceIsMissingIsFound) {
  auto account = sound();
  account.inventory.clear();
  const auto orphans = orphans_of(account, catalog().get());
  ASSERT_EQ(kinds(orphans), "no-inventory");
  EXPECT_EQ(orphans[0].product, "T");
  EXPECT_EQ(orphans[0].asset, asset_id(1));
  EXPECT_FALSE(orphans[0].repairable());
  EXPECT_EQ(kinds(orphans_of(account, nullptr)), "");
  account.assets[0].state = AssetState::ended;
  EXPECT_EQ(kinds(orphans_of(account, catalog().get())), "");
}

TEST(InventoryCheck, WhatIsNotAlwaysKeptIsNotDemanded) {
  auto account = sound();
  account.inventory.clear();
  const auto conditional = catalog(R"(,"when":{"all":[{"left":"attribute.a","op":"=","right":"x"}]})");
  EXPECT_EQ(kinds(orphans_of(account, conditional.get())), "");
  EXPECT_EQ(kinds(orphans_of(account, catalog("", "echo").get())), "") << "no plan keeps anything";
  EXPECT_EQ(kinds(orphans_of(account, catalog("", "assetize", "Account").get())), "") << "another asset's order brings it";
}

TEST(InventoryCheck, TheDocumentNamesEach) {
  InventoryCheck check{1, 1, 1, {}};
  auto account = sound();
  account.assets.clear();
  check.orphans = orphans_of(account, nullptr);
  const auto document = parse_json(inventory_check_json(check));
  ASSERT_TRUE(document);
  EXPECT_FALSE(document->at("ok").as_bool());
  EXPECT_EQ(document->at("items").at(0).at("inventoryId").as_string(), inventory_id(7).text());
  check.orphans.clear();
  EXPECT_TRUE(parse_json(inventory_check_json(check))->at("ok").as_bool());
}

}  // namespace
}  // namespace backstitch::recovery
