// A fixture per class of the window: L1 … L10, K1 … K7.
#include "recovery/window/window.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace backstitch::recovery {
namespace {

constexpr Time since{1'800'000'000'000'000}, inside = Time{since.us + 600'000'000}, cut = Time{since.us + 1'200'000'000},
                                             before = Time{since.us - 3'600'000'000};

class OrdersOfTheWindow : public ::testing::Test {
 protected:
  OrdersOfTheWindow() { input_.since = since, input_.cut = cut, input_.at_since_known = true; }
  using Side = std::map<std::string, WindowOrder> WindowInput::*;
  void say(Side side, const std::string& state, Time changed = inside, Time submitted = inside) {
    (input_.*side)["org1 801A1 1"] = {"org1 801A1 1", state, submitted, changed};
  }
  /// "L1 settled" of the one order.
  std::string judged() const {
    const auto classes = classify_orders(input_);
    if (classes.size() != 1) return fmt::format("{} classes", classes.size());
    EXPECT_FALSE(classes[0].why.empty());
    EXPECT_FALSE(classes[0].handling.empty());
    EXPECT_EQ(classes[0].subject, "org1 801A1 1");
    return classes[0].kind + (classes[0].settled ? " settled" : " open");
  }
  WindowInput input_;
};

constexpr auto crm = &WindowInput::crm, database = &WindowInput::database, archive = &WindowInput::archive,
               restored = &WindowInput::database_at_since;

TEST_F(OrdersOfTheWindow, L1SubmittedAndInTheArchiveIsSettledByTheReplay) {
  say(crm, "Submitted"), say(archive, "Submitted");
  EXPECT_EQ(judged(), "L1 open") << "the replay did not bring it";
  say(database, "InProgress");
  EXPECT_EQ(judged(), "L1 settled");
}

TEST_F(OrdersOfTheWindow, L1IsAlsoWhatTheCrmWasNeverToldOf) {
  say(archive, "Submitted"), say(database, "InProgress");
  EXPECT_EQ(judged(), "L1 settled");
  say(crm, "Queued");  // the acknowledgement got lost
  EXPECT_EQ(judged(), "L1 settled");
  input_.database.clear();
  EXPECT_EQ(judged(), "L1 open");
}

TEST_F(OrdersOfTheWindow, L1LeftOutIsWorkOnceTheCrmWasToldMore) {
  input_.excluded["org1 801A1 1"] = "poison";
  EXPECT_EQ(judged(), "L1 settled");
  say(crm, "Submitted");
  EXPECT_EQ(judged(), "L1 settled");
  say(crm, "Activated");
  EXPECT_EQ(judged(), "L1 open");
}

TEST_F(OrdersOfTheWindow, L2IsInNoArchive) {
  say(crm, "Submitted");
  EXPECT_EQ(judged(), "L2 open");
  say(crm, "InProgress", inside, Time{});
  EXPECT_EQ(judged(), "L2 open");
}

TEST_F(OrdersOfTheWindow, L3ProgressedInTheWindow) {
  say(restored, "Submitted", before, before), say(crm, "InProgress", inside, before);
  say(database, "Submitted", before, before);
  EXPECT_EQ(judged(), "L3 open");
  say(database, "InProgress");
  EXPECT_EQ(judged(), "L3 settled");
  say(database, "Failed");
  EXPECT_EQ(judged(), "L3 settled") << "of the same rank; who looks after it is in the attention list";
}

TEST_F(OrdersOfTheWindow, L3AlsoOutsideTheWindowWhenTheStatesDisagree) {
  say(restored, "InProgress", before, before), say(crm, "Rejected", before, before), say(database, "InProgress", before, before);
  EXPECT_EQ(judged(), "L3 open");
}

TEST_F(OrdersOfTheWindow, L4ActivatedInTheWindow) {
  say(restored, "InProgress", before, before), say(crm, "Activated", inside, before), say(database, "InProgress");
  EXPECT_EQ(judged(), "L4 open");
  say(database, "Activated");
  EXPECT_EQ(judged(), "L4 settled");
}

TEST_F(OrdersOfTheWindow, L4AlsoOfAnOrderThatIsAsNewAsTheWindow) {
  say(archive, "Submitted"), say(crm, "Activated"), say(database, "InProgress");
  EXPECT_EQ(judged(), "L4 open");
  say(database, "Activated");
  EXPECT_EQ(judged(), "L1 settled");
}

TEST_F(OrdersOfTheWindow, L5L6L7AreSettledWhenTheSupplementWasReplayed) {
  for (const auto& [state, kind] : {std::pair("Frozen", "L5"), {"Superseded", "L6"}, {"Cancelled", "L7"}}) {
    say(restored, "InProgress", before, before), say(crm, state, inside, before), say(database, "InProgress");
    EXPECT_EQ(judged(), std::string(kind) + " open");
    say(database, state);
    EXPECT_EQ(judged(), std::string(kind) + " settled");
  }
}

TEST_F(OrdersOfTheWindow, L8WaitsInTheCrm) {
  say(crm, "Queued", inside, Time{});
  EXPECT_EQ(judged(), "L8 settled");
}

TEST_F(OrdersOfTheWindow, L9DidNotChange) {
  say(restored, "InProgress", before, before), say(crm, "InProgress", before, before),
      say(database, "InProgress", before, before);
  EXPECT_EQ(judged(), "L9 settled");
  input_.crm.clear();
  EXPECT_EQ(judged(), "L9 settled");
  input_.database.clear(), input_.database_at_since.clear();
  say(crm, "Rejected", inside, Time{});
  EXPECT_EQ(judged(), "L9 settled") << "refused at the door";
}

TEST_F(OrdersOfTheWindow, L10IsInTheDatabaseAlone) {
  say(database, "InProgress", inside, before), say(restored, "InProgress", before, before);
  EXPECT_EQ(judged(), "L10 open");
  input_.database.clear();
  EXPECT_EQ(judged(), "L10 open") << "it was restored, and the replay lost it";
}

TEST_F(OrdersOfTheWindow, WithoutACrmNothingIsHeldAgainstTheDatabase) {
  input_.crm_known = false;
  say(database, "InProgress");
  EXPECT_EQ(judged(), "L9 settled");
  say(archive, "Submitted");
  EXPECT_EQ(judged(), "L1 settled");
  input_.database.clear();
  EXPECT_EQ(judged(), "L1 open");
}

TEST_F(OrdersOfTheWindow, TheWindowIsWiderByTheMargin) {
  say(database, "InProgress", cut.plus_ms(60'000), before);
  EXPECT_EQ(judged(), "L10 open");
  say(database, "InProgress", cut.plus_ms(60'001), before);
  EXPECT_EQ(judged(), "L9 settled");
  say(database, "InProgress", since.plus_ms(-60'000), before);
  EXPECT_EQ(judged(), "L9 settled") << "T itself is not of the window";
}

class AssetsOfTheWindow : public ::testing::Test {
 protected:
  AssetsOfTheWindow() { input_.since = since, input_.cut = cut; }
  using Side = std::map<std::string, WindowAsset> WindowInput::*;
  void say(Side side, const std::string& state, const std::string& attributes, Time changed = inside, bool created = false) {
    (input_.*side)["ref-1"] = {"ref-1", "A-1", "org1 801A1 1", state, attributes, changed, created};
  }
  std::string judged() const {
    const auto classes = classify_assets(input_);
    if (classes.size() != 1) return fmt::format("{} classes", classes.size());
    EXPECT_FALSE(classes[0].why.empty());
    EXPECT_FALSE(classes[0].handling.empty());
    return classes[0].kind + (classes[0].settled ? " settled" : " open");
  }
  WindowInput input_;
};

constexpr auto crm_asset = &WindowInput::crm_assets, row = &WindowInput::database_assets, item = &WindowInput::inventory,
               exported = &WindowInput::exported;

TEST_F(AssetsOfTheWindow, K1CreatedInTheWindow) {
  say(exported, "Active", "{\"a\":1}", inside, true), say(crm_asset, "Active", "{\"a\":1}");
  EXPECT_EQ(judged(), "K1 open");
  say(row, "Active", "{\"a\":1}");
  EXPECT_EQ(judged(), "K1 settled");
  say(item, "Ended", "{}");
  EXPECT_EQ(judged(), "K1 open");
}

TEST_F(AssetsOfTheWindow, K1OfAnExcludedOrderIsAnOrphan) {
  say(exported, "Active", "{}", inside, true), say(crm_asset, "Active", "{}");
  input_.excluded["org1 801A1 1"] = "poison";
  ASSERT_EQ(judged(), "K1 open");
  EXPECT_NE(classify_assets(input_)[0].why.find("orphan"), std::string::npos);
}

TEST_F(AssetsOfTheWindow, K2ChangedInTheWindow) {
  say(exported, "Active", "{\"a\":2}"), say(crm_asset, "Active", "{\"a\":2}"), say(row, "Active", "{\"a\":1}", before);
  EXPECT_EQ(judged(), "K2 open");
  say(row, "Active", "{\"a\":2}");
  EXPECT_EQ(judged(), "K2 settled");
  say(crm_asset, "Active", "{\"a\":3}", cut);  // somebody changed it there, behind our last word
  EXPECT_EQ(judged(), "K2 open");
}

TEST_F(AssetsOfTheWindow, K3EndedInTheWindow) {
  say(exported, "Ended", "null"), say(crm_asset, "Ended", "null"), say(row, "Active", "{\"a\":1}");
  EXPECT_EQ(judged(), "K3 open");
  say(row, "Ended", "{\"a\":1}"), say(item, "Active", "{}");
  EXPECT_EQ(judged(), "K3 open");
  say(item, "Ended", "{}");
  EXPECT_EQ(judged(), "K3 settled");
}

TEST_F(AssetsOfTheWindow, K4IsAnInventoryItemAlone) {
  say(item, "Active", "{}");
  EXPECT_EQ(judged(), "K4 open");
}

TEST_F(AssetsOfTheWindow, K5HasNoInventoryItemAndIsOlder) {
  say(row, "Active", "{}", before);
  EXPECT_EQ(judged(), "K5 settled");
}

TEST_F(AssetsOfTheWindow, K6IsTheSameEverywhere) {
  say(row, "Active", "{}", before), say(item, "Active", "{}", before), say(crm_asset, "Active", "{}", before);
  EXPECT_EQ(judged(), "K6 settled");
  say(crm_asset, "Active", "{\"a\":1}", before);
  EXPECT_EQ(judged(), "K2 open");
}

TEST_F(AssetsOfTheWindow, K7WasNotDelivered) {
  say(exported, "Active", "{\"a\":2}"), say(crm_asset, "Active", "{\"a\":1}", before), say(row, "Active", "{\"a\":2}");
  EXPECT_EQ(judged(), "K7 settled");
  input_.crm_assets.clear();
  EXPECT_EQ(judged(), "K7 settled");
  say(row, "Active", "{\"a\":1}");
  EXPECT_EQ(judged(), "K7 open");
}

TEST_F(AssetsOfTheWindow, WithoutACrmTheExportSpeaks) {
  input_.crm_known = false;
  say(exported, "Active", "{\"a\":2}"), say(row, "Active", "{\"a\":2}");
  EXPECT_EQ(judged(), "K2 settled");
}

TEST(WindowHandling, EveryClassHasOne) {
  for (int i = 1; i <= 10; ++i) EXPECT_FALSE(default_handling(fmt::format("L{}", i)).empty()) << i;
  for (int i = 1; i <= 7; ++i) EXPECT_FALSE(default_handling(fmt::format("K{}", i)).empty()) << i;
  EXPECT_TRUE(default_handling("L11").empty());
}

}  // namespace
}  // namespace backstitch::recovery
