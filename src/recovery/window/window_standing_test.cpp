// Classes of a window that was classified beforehand come out as if all of it were looked at, whatever came behind.
#include "recovery/window/window_standing.h"

#include "recovery/prepared/prepared_testing.h"
#include "recovery/window/window_step.h"
#include "stores/crm/strict_fake.h"
#include "stores/queue/strict_fake.h"

namespace backstitch::recovery {
namespace {

namespace json = boost::json;

class WindowStanding : public PreparedTest {
 protected:
  void SetUp() override {
    PreparedTest::SetUp();
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_TRUE(log.ensure_topic("order_orderitems", {true, 0}));
    world.queue = &log, world.crm = &crm;
    org_at(-300'000);
    order_of(accounts[0], "O1", "done", true);
    order_of(accounts[1], "O2", "done");
    order_of(accounts[2], "O3", "done", true);
    for (const char* id : {"O1", "O2", "O3"}) crm_says(id, "InProgress");
    crm_says("O9", "Rejected");  // of nobody; refused at the door
    for (const auto& [account, reference] : {std::pair(accounts[0], "ref-1"), {accounts[1], "ref-2"}}) {
      changed(account, reference, "Ended");
      org->take({{"Asset", reference, "Ended", fmt::format(R"({{"accountId":"{}"}})", account), 1, ++version}});
    }
  }
  void org_at(std::int64_t from_now_ms) { org->at({(wall_clock().ms() + from_now_ms) * 1000}); }
  void crm_says(const std::string& id, const std::string& state) {
    const std::string body = fmt::format(R"({{"source":"org1","sourceOrderId":"{}","orderVersion":1}})", id);
    org->take({{"Order", id, state, body, 1, ++version}});
  }
  void changed(const std::string& account, const std::string& reference, const std::string& state) {
    const std::string body = fmt::format(
        R"({{"assetRef":"{}","accountId":"{}","state":"{}","before":{{}},"after":{{"speed":1}}}})", reference, account, state);
    ASSERT_TRUE(log.append({{"order_orderitems", 0, account, "order_orderitems.asset/1", R"({"bs-epoch":1})", body, "", {}}}));
  }
  void prepare(Time cut = wall_clock()) {
    PreparedTest::prepare();
    world.database = std::move(database);
    EXPECT_OK(prepare_window(world, *journal, log, cut));
    database = std::move(world.database);
    org_at(0);
  }
  /// Classes, and what is left for people.
  std::string classes(bool prepared) {
    world.database = std::move(database), world.standing.reset();
    world.plan.id = prepared ? "rec-1" : "rec-2";
    EXPECT_OK(find_standing(world));
    const auto behind = window_behind(world, wall_clock());
    EXPECT_TRUE(behind) << behind.error().text();
    stands = behind && *behind;
    looked_at.clear();
    if (stands)
      for (const WindowClass& one : classify_orders((*behind)->input)) looked_at.insert(one.subject);
    auto found = classify_window(world, *journal);
    EXPECT_TRUE(found) << found.error().text();
    database = std::move(world.database);
    std::string text = found ? write_json(*found) : "";
    const auto work = load_work(safe, world.plan.id);
    if (work)
      for (const WorkRow& row : *work) text += "\n" + row.kind + " " + row.subject + ": " + row.evidence;
    return text;
  }
  void expect_the_same() {
    const std::string with = classes(true);
    EXPECT_TRUE(stands);
    const auto seen = looked_at;
    EXPECT_EQ(with, classes(false));
    EXPECT_FALSE(stands);
    looked_at = seen;
  }

  queue::StrictFake log{{.partitions = partitions}};
  std::shared_ptr<crm::Org> org = std::make_shared<crm::Org>();
  crm::StrictFake crm{org};
  std::uint64_t version = 0;
  bool stands = false;
  std::set<std::string> looked_at;
};

TEST_F(WindowStanding, NothingIsLookedAtWhereNothingIsNew) {
  prepare();
  expect_the_same();
  EXPECT_FALSE(looked_at.contains("org1 O1 1"));
  EXPECT_FALSE(looked_at.contains("org1 O9 1"));
}

TEST_F(WindowStanding, RowsThatTheTailChangedAreLookedAt) {
  prepare();
  submitter = accounts[1], called(item("then", "O2"), "done"), fold();  // Activated now
  expect_the_same();
  EXPECT_TRUE(looked_at.contains("org1 O2 1"));
  EXPECT_FALSE(looked_at.contains("org1 O1 1"));
}

TEST_F(WindowStanding, OrdersOfTheTailAreOfTheWindow) {
  prepare();
  order_of(accounts[3], "O4", "done");
  expect_the_same();
  EXPECT_TRUE(looked_at.contains("org1 O4 1"));
}

TEST_F(WindowStanding, WhatTheCrmSaysSinceCounts) {
  prepare();
  crm_says("O1", "Cancelled");
  expect_the_same();
  EXPECT_NE(classes(true).find("L7 org1 O1 1"), std::string::npos);
}

TEST_F(WindowStanding, WhatWasNotSettledIsListedAgain) {
  crm_says("O3", "Superseded");
  prepare();
  expect_the_same();
  EXPECT_NE(classes(true).find("L6 org1 O3 1"), std::string::npos);
}

TEST_F(WindowStanding, AssetsThatAreToldOfAgainAreLookedAt) {
  prepare();
  changed(accounts[0], "ref-1", "Active");
  expect_the_same();
  EXPECT_NE(classes(true).find("ref-1"), std::string::npos);
  EXPECT_EQ(classes(true).find("ref-2"), std::string::npos);
}

TEST_F(WindowStanding, ALaterCutTakesInWhatWasBehindTheFirst) {
  at = at.plus_ms(200'000);
  order_of(accounts[3], "O4", "done", true);  // neither the CRM nor the archive of the window knows it
  json::array begins;
  for (Partition one = 0; one < partitions; ++one)
    begins.push_back(json::array{one, one == partition ? offsets["incoming"] + 1 : 1, 1});
  ASSERT_TRUE(journal->note("restoredPositions", std::move(begins)));
  prepare(t0.plus_ms(1));
  expect_the_same();
  EXPECT_TRUE(looked_at.contains("org1 O4 1"));
  EXPECT_NE(classes(true).find("L10 org1 O4 1"), std::string::npos);
}

TEST_F(WindowStanding, AllOfItIsLookedAtWhereTheCrmDoesNotAnswerAnyMore) {
  prepare();
  org->be(crm::Mood::gone);
  EXPECT_EQ(classes(true), classes(false));
  classes(true);
  EXPECT_FALSE(stands);
}

TEST_F(WindowStanding, AllOfItIsLookedAtWhereTheCopyWasFoldedOnAndNotClassified) {
  prepare();
  submitter = accounts[1], called(item("then", "O2"), "done"), fold();
  PreparedTest::prepare();  // killed before the window
  EXPECT_EQ(classes(true), classes(false));
  classes(true);
  EXPECT_FALSE(stands);
}

TEST_F(WindowStanding, AllOfItIsLookedAtInALogThatEndsBefore) {
  prepare();
  queue::StrictFake other{{.partitions = partitions}};
  ASSERT_TRUE(other.ensure_topic("order_orderitems", {true, 0}));
  world.queue = &other;
  EXPECT_EQ(classes(true), classes(false));
  classes(true);
  EXPECT_FALSE(stands);
}

}  // namespace
}  // namespace backstitch::recovery
