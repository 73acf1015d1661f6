// Links that were lost come back by reference; what does not fit is refused whole.
#include "engine/account/repair_inventory.h"

#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using fixture::after;
using fixture::callout;
using fixture::catalog_with;
using fixture::Engine;

constexpr const char* other_id = "00000000000000000000000000";

class RepairInventory : public ::testing::Test {
 protected:
  void SetUp() override {
    engine.submit(R"({"lineId":"1","product":"P","action":"Add","assetRef":"ref-1","attributes":{"a":"x"}})");
    engine.answer("call", CallOutcome::done, "sys/200", R"({"b":"C-1"})");
    ASSERT_EQ(engine.order_state(), OrderState::activated);
  }
  InventoryRow& row() { return engine.tables.inventory.begin()->second; }
  const AssetRow& asset() { return engine.tables.assets.begin()->second; }
  /// The link is gone, as after a job that deleted and restored assets behind the engine's back.
  void break_link() { row().asset.reset(), row().no_asset_reason = "the asset was gone"; }
  /// As the fold does before it: everything the account has stands in the working set.
  void repair(const std::string& links) {
    const std::string account = row().account_id;
    AccountWork& work = engine.work.accounts[account];
    work.account_id = account, work.complete = true;
    work.inventory[row().product + "\n" + row().scope_key] = row();
    work.assets[asset().asset_ref] = asset();
    ++commands;
    engine.feed(Log::incoming, "incoming.inventory-repair/1",
                fmt::format(R"({{"commandId":"cmd_{:026}","accountId":"{}","actor":"ann","reason":"r","links":[{}]}})", commands,
                            account, links));
  }
  std::string link(const std::string& inventory, const std::string& asset_id) {
    return fmt::format(R"({{"inventoryId":"{}","assetId":"{}"}})", inventory, asset_id);
  }
  Engine engine{
      catalog_with(callout("call") + R"(,{"key":"keep","type":"autoTask","implementation":"assetize"})", after("keep", "call"))};
  int commands = 0;
};

TEST_F(RepairInventory, LinksByReference) {
  const Time before = row().changed_at;
  break_link();
  repair(link(row().id.text(), asset().id.text()));
  EXPECT_EQ(engine.last_command().state, "applied");
  EXPECT_EQ(engine.last_command().kind, "inventory-repair");
  EXPECT_EQ(row().asset, asset().id);
  EXPECT_EQ(row().no_asset_reason, "");
  EXPECT_EQ(row().changed_at, before) << "the row is what the log makes of it, as if the link had never been lost";
}

TEST_F(RepairInventory, ASecondTimeChangesNothing) {
  repair(link(row().id.text(), asset().id.text()));
  EXPECT_EQ(engine.last_command().state, "applied");
  EXPECT_EQ(row().asset, asset().id);
}

TEST_F(RepairInventory, OneWrongLinkRefusesAll) {
  break_link();
  repair(link(row().id.text(), asset().id.text()) + "," + link(std::string("inv_") + other_id, asset().id.text()));
  EXPECT_EQ(engine.last_command().state, "refused");
  EXPECT_EQ(engine.last_command().code, code_text(Code::inventory_missing));
  EXPECT_FALSE(row().asset.has_value()) << "nothing half done";
  repair(link(row().id.text(), std::string("ast_") + other_id));
  EXPECT_EQ(engine.last_command().state, "refused");
}

TEST_F(RepairInventory, AnotherReferenceIsNoLink) {
  break_link();
  row().asset_ref = "ref-2";
  repair(link(row().id.text(), asset().id.text()));
  EXPECT_EQ(engine.last_command().state, "refused");
  EXPECT_NE(engine.last_command().detail.find("ref-2"), std::string::npos) << engine.last_command().detail;
}

TEST_F(RepairInventory, ABrokenRecordIsRefusedInWriting) {
  engine.feed(Log::incoming, "incoming.inventory-repair/1", R"({"commandId":"cmd_00000000000000000000000001"})");
  EXPECT_EQ(engine.last_command().state, "refused");
}

}  // namespace
}  // namespace backstitch
