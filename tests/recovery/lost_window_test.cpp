// The lost window of a world: what CRM, archive and exported changes say, laid beside real rows before and after a replay.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/log.h"
#include "base/testing.h"
#include "recovery/window/collect.h"
#include "recovery/window/window_answer.h"
#include "services/crm_sync/crm_sync.h"
#include "stores/crm/strict_fake.h"
#include "stores/safe/strict_fake.h"
#include "world/world.h"

namespace backstitch::world {
namespace {

using recovery::WindowClass;
using testing::wait_until;

class LostWindow : public ::testing::Test {
 protected:
  void SetUp() override {
    open_log("/dev/null", LogLevel::error, "test");
    ASSERT_TRUE(world_.start());
    ASSERT_TRUE(world_.activate_catalog(catalog_text(1), "first"));
    for (const char* id : {"O1", "O2", "O3"}) submit(id);
    ASSERT_TRUE(wait_until([this] { return all_activated(); }, 30'000));
    auto changes = recovery::read_asset_changes(world_.queue(), {});
    ASSERT_TRUE(changes) << changes.error().text();
    exported_ = std::move(*changes);
    take_updates();
    ASSERT_TRUE(world_.stop());
    empty_ = new_database(world_.settings().partitions);
  }

  void submit(const std::string& id) {
    const std::string body = R"({"source":"org1","sourceOrderId":")" + id + R"(","version":1,"accountId":"A-)" + id +
                             R"(","items":[{"lineId":"1","product":"FIBER","action":"Add","assetRef":"ref-)" + id +
                             R"(","attributes":{"speed":500}}]})";
    ASSERT_TRUE(world_.intake().submit(body, "client"));
  }
  bool all_activated() {
    for (const char* id : {"O1", "O2", "O3"}) {
      const auto found = world_.database().find_order("org1", id, 1);
      if (!found || !*found) return false;
      const auto stored = world_.database().stored_order(**found);
      if (!stored || stored->order.state != OrderState::activated) return false;
    }
    // CRM updates leave after the commit: the assets' too.
    const auto changes = recovery::read_asset_changes(world_.queue(), {});
    return changes && changes->items.size() == 3;
  }
  /// All that was to be told so far.
  void take_updates() {
    for (Partition partition = 0; partition < world_.settings().partitions; ++partition) {
      const auto records = world_.queue().read("order_orderitems", partition, 1, 1000);
      ASSERT_TRUE(records) << records.error().text();
      for (const queue::Record& record : *records) updates_.push_back(crm_update_of(record));
    }
  }
  /// The CRM knows it all, as of the cut.
  void tell_crm() {
    org_->at(Time{wall_clock().ms() * 1000});
    for (const char* id : {"O1", "O2", "O3"}) org_->submitted(id);
    for (const crm::Update& update : updates_) ASSERT_TRUE(crm_.deliver({update}));
  }
  recovery::WindowSources sources() {
    recovery::WindowSources sources{.crm = &crm_, .safe = &world_.safe(), .exported = &exported_};
    for (Partition partition = 0; partition < world_.settings().partitions; ++partition) {
      sources.positions.emplace_back();
      sources.positions.back().partition = partition;
    }
    return sources;
  }
  recovery::WindowInput collect(const recovery::WindowSources& from, database::Database& replayed) {
    const Time now = wall_clock();
    auto input = recovery::collect_window(now.plus_ms(-600'000), now, from, empty_.get(), replayed);
    EXPECT_TRUE(input) << input.error().text();
    return input ? std::move(*input) : recovery::WindowInput{};
  }
  static std::string text(const std::vector<WindowClass>& classes) {
    std::string out;
    for (const WindowClass& one : classes)
      out += fmt::format("{}{} {} {}", out.empty() ? "" : ", ", one.subject, one.kind, one.settled ? "settled" : "open");
    return out;
  }

  StubSystems systems_{1, 0};
  World world_{{}, systems_};
  std::unique_ptr<database::Database> empty_;  // as restored: nothing of the window is in it
  std::shared_ptr<crm::Org> org_ = std::make_shared<crm::Org>();
  crm::StrictFake crm_{org_};
  std::vector<crm::Update> updates_;
  recovery::AssetChanges exported_;
};

TEST_F(LostWindow, WhatTheReplayBroughtBackIsSettled) {
  tell_crm();
  const auto input = collect(sources(), world_.database());
  EXPECT_TRUE(input.gaps.empty());
  EXPECT_EQ(text(recovery::classify_orders(input)), "org1 O1 1 L1 settled, org1 O2 1 L1 settled, org1 O3 1 L1 settled");
  EXPECT_EQ(text(recovery::classify_assets(input)), "ref-O1 K1 settled, ref-O2 K1 settled, ref-O3 K1 settled");
  EXPECT_EQ(input.database.at("org1 O1 1").state, "Activated");
  EXPECT_EQ(input.inventory.size(), 3u) << "read with the accounts that the export names";
}

TEST_F(LostWindow, WhatWasNotReplayedIsOpen) {
  tell_crm();
  const auto input = collect(sources(), *empty_);
  EXPECT_EQ(text(recovery::classify_orders(input)), "org1 O1 1 L1 open, org1 O2 1 L1 open, org1 O3 1 L1 open");
  EXPECT_EQ(text(recovery::classify_assets(input)), "ref-O1 K1 open, ref-O2 K1 open, ref-O3 K1 open");
}

TEST_F(LostWindow, IsAListForWhoeverPutTheDatabaseBackHimself) {
  tell_crm();
  ASSERT_TRUE(world_.start());
  const Time now = wall_clock();
  const auto asked = recovery::window_asked("10m", "", false, now);
  ASSERT_TRUE(asked) << asked.error().text();
  EXPECT_EQ(asked->since.us, now.plus_ms(-600'000).us);
  const auto settled_of = [&](database::Database& database, bool open_only) {
    auto with = *asked;
    with.open_only = open_only;
    const auto answer = recovery::answer_window(with, {world_.queue(), world_.safe(), database, &crm_});
    if (!answer) return answer.error().text();
    EXPECT_TRUE(answer->at("gaps").as_array().empty());
    std::string out;
    for (const char* list : {"orders", "assets"})
      for (const auto& one : answer->at(list).as_array())
        out += fmt::format("{} {} {}, ", std::string_view(one.at("subject").as_string()),
                           std::string_view(one.at("class").as_string()), one.at("settled").as_bool() ? "settled" : "open");
    return out;
  };
  EXPECT_EQ(settled_of(world_.database(), false),
            "org1 O1 1 L1 settled, org1 O2 1 L1 settled, org1 O3 1 L1 settled, ref-O1 K1 settled, ref-O2 K1 settled, ref-O3 K1 "
            "settled, ");
  EXPECT_EQ(settled_of(world_.database(), true), "");
  EXPECT_EQ(settled_of(*empty_, true),
            "org1 O1 1 L1 open, org1 O2 1 L1 open, org1 O3 1 L1 open, ref-O1 K1 open, ref-O2 K1 open, ref-O3 K1 open, ");
}

TEST_F(LostWindow, KnowsWhatWasReceivedAndNotArchivedYet) {
  tell_crm();
  ASSERT_TRUE(world_.start());
  safe::StrictFake behind;  // the archiver has not come so far
  const auto answer =
      recovery::answer_window({wall_clock().plus_ms(-600'000), wall_clock(), false}, {world_.queue(), behind, *empty_, &crm_});
  ASSERT_TRUE(answer) << answer.error().text();
  ASSERT_EQ(answer->at("orders").as_array().size(), 3u);
  for (const auto& one : answer->at("orders").as_array()) EXPECT_EQ(one.at("class").as_string(), "L1") << "it is in the log";
}

TEST_F(LostWindow, NamesWhatNobodyCanTell) {
  ASSERT_TRUE(world_.start());
  const auto answer = recovery::answer_window({wall_clock().plus_ms(-600'000), wall_clock(), false},
                                              {world_.queue(), world_.safe(), *empty_, nullptr});
  ASSERT_TRUE(answer) << answer.error().text();
  ASSERT_EQ(answer->at("gaps").as_array().size(), 1u);
  EXPECT_EQ(answer->at("gaps").at(0).at("store").as_string(), "crm");
  EXPECT_NE(recovery::window_text(*answer).find("gap  crm: "), std::string::npos);
}

TEST(WindowAsked, IsRefusedInWords) {
  for (const auto& [from, to] : {std::pair{"", ""}, {"yesterday", ""}, {"10m", "tomorrow"}, {"10m", "20m"}})
    EXPECT_EQ(recovery::window_asked(from, to, false, wall_clock()).error().code, Code::usage) << from << " " << to;
}

TEST_F(LostWindow, AnExcludedOrderLeavesItsAssetAnOrphan) {
  tell_crm();
  auto from = sources();
  const auto partition = partition_of("A-O2", world_.settings().partitions);
  ASSERT_TRUE(world_.safe().read_archive("incoming", partition, 1, [&](const queue::Record& record) {
    if (record.key == "A-O2") from.exclusions[{partition, record.offset}] = {partition, record.offset, "", "poison"};
    return true;
  }));
  ASSERT_EQ(from.exclusions.size(), 1u);
  const auto input = collect(from, *empty_);
  EXPECT_EQ(input.excluded.at("org1 O2 1"), "poison");
  const auto classes = recovery::classify_assets(input);
  ASSERT_EQ(classes.size(), 3u);
  EXPECT_NE(classes[1].why.find("org1 O2 1 is left out (poison): the asset is an orphan"), std::string::npos) << classes[1].why;
}

TEST_F(LostWindow, WithoutTheArchiveAnOrderOfTheWindowIsToBeSubmittedAgain) {
  tell_crm();
  auto from = sources();
  from.safe = nullptr;
  const auto input = collect(from, *empty_);
  EXPECT_EQ(text(recovery::classify_orders(input)), "org1 O1 1 L2 open, org1 O2 1 L2 open, org1 O3 1 L2 open");
  ASSERT_EQ(input.gaps.size(), 1u);
  EXPECT_EQ(input.gaps[0].store, "incoming");
}

TEST_F(LostWindow, ACrmThatDoesNotAnswerIsAGap) {
  org_->be(crm::Mood::gone);
  auto from = sources();
  from.exported = nullptr;
  const auto input = collect(from, world_.database());
  EXPECT_FALSE(input.crm_known);
  ASSERT_EQ(input.gaps.size(), 2u);
  EXPECT_EQ(input.gaps[0].store, "crm");
  EXPECT_EQ(input.gaps[1].store, "order_orderitems");
  EXPECT_EQ(text(recovery::classify_orders(input)), "org1 O1 1 L1 settled, org1 O2 1 L1 settled, org1 O3 1 L1 settled");
}

TEST_F(LostWindow, WhatWasRestoredIsKeptOverARestart) {
  std::map<std::string, recovery::WindowOrder> orders;
  orders["org1 a \"b\" 2"] = {"org1 a \"b\" 2", "Failed", Time{5}, Time{7}};
  const auto again = recovery::window_orders_from_json(recovery::window_orders_json(orders));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->at("org1 a \"b\" 2").changed_at.us, 7);
  EXPECT_EQ(again->at("org1 a \"b\" 2").state, "Failed");
  EXPECT_EQ(recovery::window_orders_from_json("[{}]").error().code, Code::json_invalid);
}

}  // namespace
}  // namespace backstitch::world
