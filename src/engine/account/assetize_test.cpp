// What an order leaves with the account: assets, and inventory items with the service record.
#include "engine/account/assetize.h"

#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::after;
using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;

CatalogPtr with_assetize() {
  return catalog_with(callout("call") + R"(,{"key":"keep","type":"autoTask","implementation":"assetize"})",
                      after("keep", "call"));
}
std::string line(const std::string& action, const std::string& a) {
  return fmt::format(R"({{"lineId":"1","product":"P","action":"{}","assetRef":"ref-1","attributes":{{"a":"{}"}}}})", action, a);
}
void add(Engine& engine) {
  engine.submit(line("Add", "x"));
  engine.answer("call", CallOutcome::done, "sys/200", R"({"b":"C-1"})");
}

TEST(Assetize, AnAddBringsAssetAndInventoryWithTheServiceRecord) {
  Engine engine(with_assetize());
  add(engine);
  ASSERT_EQ(engine.order_state(), OrderState::activated);
  ASSERT_EQ(engine.tables.assets.size(), 1u);
  const AssetRow& asset = engine.tables.assets.begin()->second;
  EXPECT_EQ(asset.asset_ref, "ref-1");
  EXPECT_EQ(asset.product, "P");
  EXPECT_EQ(asset.state, AssetState::active);
  EXPECT_EQ(asset.values, R"({"a":"x"})");
  ASSERT_EQ(engine.tables.inventory.size(), 1u);
  const InventoryRow& row = engine.tables.inventory.begin()->second;
  EXPECT_EQ(row.asset, asset.id) << "the link a person follows";
  EXPECT_EQ(row.service_record, R"({"b":"C-1"})");
  EXPECT_EQ(row.system, "sys");
  EXPECT_EQ(row.system_ref, "C-1");
  EXPECT_EQ(row.state, InventoryState::active);
}

TEST(Assetize, TheCrmIsToldBeforeAndAfterWithTheServiceRecord) {
  Engine engine(with_assetize());
  add(engine);
  const auto told = std::find_if(engine.effects.crm.begin(), engine.effects.crm.end(),
                                 [](const CrmUpdate& update) { return update.type == "asset"; });
  ASSERT_NE(told, engine.effects.crm.end());
  EXPECT_NE(told->body.find(R"("before":null,"after":{"a":"x"},"serviceRecord":{"b":"C-1"})"), std::string::npos) << told->body;
  EXPECT_EQ(std::count_if(engine.effects.crm.begin(), engine.effects.crm.end(),
                          [](const CrmUpdate& update) { return update.type == "asset"; }),
            1)
      << "the end of the order does not say it again";
}

TEST(Assetize, AChangeKeepsIdentityAndADisconnectEnds) {
  Engine engine(with_assetize());
  add(engine);
  const AssetRow first = engine.tables.assets.begin()->second;
  const InventoryRow kept = engine.tables.inventory.begin()->second;
  engine.submit(line("Change", "y"), "O2");
  engine.feed(Log::completer, "completer.answer/1",
              fmt::format(R"({{"effectKey":"{}","itemId":"{}","outcome":"done","response":{{"b":"C-2"}}}})",
                          engine.task("call", "O2").key.text(), engine.item_id("call", "O2").text()));
  ASSERT_EQ(engine.order_state("O2"), OrderState::activated);
  ASSERT_EQ(engine.tables.assets.size(), 1u);
  ASSERT_EQ(engine.tables.inventory.size(), 1u);
  EXPECT_EQ(engine.tables.assets.begin()->second.id, first.id);
  EXPECT_EQ(engine.tables.assets.begin()->second.created_at, first.created_at);
  EXPECT_EQ(engine.tables.assets.begin()->second.values, R"({"a":"y"})");
  EXPECT_EQ(engine.tables.inventory.begin()->second.id, kept.id);
  EXPECT_EQ(engine.tables.inventory.begin()->second.system_ref, "C-2");

  engine.submit(line("Disconnect", "y"), "O3");
  engine.feed(Log::completer, "completer.answer/1",
              fmt::format(R"({{"effectKey":"{}","itemId":"{}","outcome":"done","response":{{}}}})",
                          engine.task("call", "O3").key.text(), engine.item_id("call", "O3").text()));
  EXPECT_EQ(engine.tables.assets.begin()->second.state, AssetState::ended);
  EXPECT_EQ(engine.tables.inventory.begin()->second.state, InventoryState::ended);
  engine.submit(line("Change", "z"), "O4");
  EXPECT_EQ(engine.order_state("O4"), OrderState::rejected) << "what has ended cannot change";
}

TEST(Assetize, WithoutTheItemAssetsAreKeptAtTheEndOfTheOrder) {
  Engine engine(catalog_with(callout("call")));
  add(engine);
  EXPECT_EQ(engine.tables.assets.size(), 1u);
  EXPECT_TRUE(engine.tables.inventory.empty());
}

TEST(AssetReference, IsDerivedWhenTheLineHasNone) {
  const Order order = fixture::order_of(fixture::one_line), other = fixture::order_of(fixture::one_line, "{}", "O2");
  EXPECT_EQ(asset_reference(order, order.lines[0]), asset_reference(order, order.lines[0]));
  EXPECT_NE(asset_reference(order, order.lines[0]), asset_reference(other, other.lines[0]));
}

}  // namespace
}  // namespace backstitch
