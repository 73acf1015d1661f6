#include "services/crm_sync/crm_sync.h"

#include <set>

#include "services/testing.h"

namespace backstitch {
namespace {

using namespace testing;

/// Keeps what it took. `judge` may refuse a single update, `away` the whole call.
class StubCrm : public crm::Crm {
 public:
  std::function<crm::Delivered(const crm::Update&)> judge = [](const crm::Update&) { return crm::Delivered::ok; };
  std::atomic<bool> away{false};
  std::atomic<int> calls{0};

  Result<std::vector<crm::DeliveryResult>> deliver(const std::vector<crm::Update>& updates) override {
    ++calls;
    if (away) return fail(Code::unreachable, "the org");
    const std::lock_guard lock(mutex_);
    std::vector<crm::DeliveryResult> results;
    for (const crm::Update& update : updates) {
      results.push_back({judge(update), "as the test asked"});
      if (results.back().state == crm::Delivered::ok) taken_.push_back(update);
    }
    return results;
  }
  Result<std::vector<crm::Record>> changed_since(Time) override { return std::vector<crm::Record>(); }
  std::vector<crm::Update> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<crm::Update> taken_;
};

class CrmSyncTest : public ::testing::Test {
 protected:
  void SetUp() override { ensure_topics(queue); }
  std::unique_ptr<CrmSync> open() { return std::make_unique<CrmSync>(queue, database, org, partitions); }

  static queue::Append update(const std::string& id, const std::string& state, int version, int epoch = 1,
                              Partition partition = 1) {
    queue::Append append;
    append.topic = "order_orderitems", append.partition = partition, append.key = "A-1",
    append.schema = "order_orderitems.order/1";
    append.value = fmt::format(R"({{"type":"order","version":{},"sourceOrderId":"{}","state":"{}"}})", version, id, state);
    append.headers = fmt::format("{{\"bs-epoch\":{}}}", epoch);
    return append;
  }
  void put(std::vector<queue::Append> updates) { ASSERT_TRUE(queue.append(std::move(updates)).has_value()); }
  bool position_is(Partition partition, std::uint64_t position) {
    return wait_until([&] {
      const auto stored = database.stored_crm_positions();
      return stored.contains(partition) && stored.at(partition) == position;
    });
  }

  HookedQueue queue{queue::StrictSettings{partitions, wall_clock}};
  FakeDatabase database;
  StubCrm org;
};

TEST_F(CrmSyncTest, RecordIsAnUpdateOfItsThing) {
  queue::Record record;
  record.headers = "{\"bs-epoch\":3}";
  record.value = R"({"type":"orderItem","version":12,"sourceOrderId":"O1","lineId":"1.1","state":"Activated"})";
  crm::Update update = crm_update_of(record);
  EXPECT_EQ(update.type, "OrderItem");
  EXPECT_EQ(update.external_id, "O1:1.1");
  EXPECT_EQ(update.state, "Activated");
  EXPECT_EQ(update.version, 12u);
  EXPECT_EQ(update.epoch, 3u);
  EXPECT_EQ(update.body, record.value);
  record.value = R"({"type":"asset","version":1,"assetRef":"ref-9","state":"Active"})";
  update = crm_update_of(record);
  EXPECT_EQ(update.type, "Asset");
  EXPECT_EQ(update.external_id, "ref-9");
}

TEST_F(CrmSyncTest, OnlyTheLastStateOfEachThingIsDelivered) {
  put({update("O1", "InProgress", 1), update("O2", "InProgress", 1), update("O1", "Activated", 2),
       update("O1", "InProgress", 1)});
  const auto sync = open();
  ASSERT_TRUE(position_is(1, 5));
  std::map<std::string, std::string> states;
  for (const crm::Update& taken : org.taken())
    EXPECT_TRUE(states.emplace(taken.external_id, taken.state).second) << "twice: " << taken.external_id;
  EXPECT_EQ(states, (std::map<std::string, std::string>{{"O1", "Activated"}, {"O2", "InProgress"}}));
  EXPECT_EQ(sync->delivered(), 2u);
  EXPECT_TRUE(wait_until([&] { return sync->lag() == 0; }));
}

TEST_F(CrmSyncTest, StateOfALaterEpochWins) {
  put({update("O1", "Activated", 9, 1), update("O1", "InProgress", 2, 2)});
  const auto sync = open();
  ASSERT_TRUE(position_is(1, 3));
  ASSERT_EQ(org.taken().size(), 1u);
  EXPECT_EQ(org.taken().front().state, "InProgress");
}

TEST_F(CrmSyncTest, WhatAGhostPutsBehindASealIsNotDelivered) {
  queue::Append seal;
  seal.topic = "order_orderitems", seal.partition = 1, seal.key = "*", seal.schema = "order_orderitems.seal/1";
  seal.value = R"({"epoch":2,"recovery":"rec-1"})";
  put({update("O1", "InProgress", 1, 1), std::move(seal), update("O2", "Activated", 9, 1), update("O3", "InProgress", 1, 3)});
  const CrmSync sync(queue, database, org, partitions, {{1, {{2, 2}}}});
  ASSERT_TRUE(position_is(1, 5));
  std::set<std::string> told;
  for (const crm::Update& taken : org.taken()) told.insert(taken.external_id);
  EXPECT_EQ(told, (std::set<std::string>{"O1", "O3"})) << "before the seal, and of an epoch behind it";
}

TEST_F(CrmSyncTest, UpdatesThatComeLaterAreDelivered) {
  const auto sync = open();
  put({update("O1", "InProgress", 1)});
  ASSERT_TRUE(position_is(1, 2));
  put({update("O1", "Activated", 2), update("O3", "InProgress", 1, 1, 3)});
  ASSERT_TRUE(position_is(1, 3));
  ASSERT_TRUE(position_is(3, 2));
  EXPECT_EQ(org.taken().back().state.empty(), false);
  EXPECT_EQ(sync->delivered(), 3u);
}

TEST_F(CrmSyncTest, TransientRefusalOfOneIsTriedAgainAlone) {
  std::atomic<int> locked{0};
  org.judge = [&](const crm::Update& asked) {
    return asked.external_id == "O1" && ++locked <= 3 ? crm::Delivered::retry : crm::Delivered::ok;
  };
  put({update("O1", "Activated", 1), update("O2", "Activated", 1)});
  const auto sync = open();
  ASSERT_TRUE(position_is(1, 3));
  const auto taken = org.taken();
  ASSERT_EQ(taken.size(), 2u);  // O2 went once
  EXPECT_EQ(taken[0].external_id, "O2");
  EXPECT_EQ(taken[1].external_id, "O1");
  EXPECT_EQ(org.calls, 4);
}

TEST_F(CrmSyncTest, FinalRefusalIsCountedAndHoldsNothingBack) {
  org.judge = [](const crm::Update& asked) { return asked.external_id == "O1" ? crm::Delivered::refused : crm::Delivered::ok; };
  put({update("O1", "Activated", 1), update("O2", "Activated", 1)});
  const auto sync = open();
  ASSERT_TRUE(position_is(1, 3));
  EXPECT_EQ(sync->refused(), 1u);
  EXPECT_EQ(sync->delivered(), 1u);
}

TEST_F(CrmSyncTest, PositionMovesOnlyBehindDelivery) {
  org.away = true;
  put({update("O1", "Activated", 1)});
  const auto sync = open();
  ASSERT_TRUE(wait_until([&] { return org.calls >= 3; }));  // it goes on asking
  EXPECT_TRUE(database.stored_crm_positions().empty());
  EXPECT_EQ(sync->lag(), 1u);
  org.away = false;
  ASSERT_TRUE(position_is(1, 2));
  EXPECT_EQ(org.taken().size(), 1u);
}

TEST_F(CrmSyncTest, EndInTheMiddleOfARetryLeavesThePosition) {
  org.judge = [](const crm::Update&) { return crm::Delivered::retry; };
  put({update("O1", "Activated", 1)});
  {
    const auto sync = open();
    ASSERT_TRUE(wait_until([&] { return org.calls >= 2; }));
  }
  EXPECT_TRUE(database.stored_crm_positions().empty());
}

TEST_F(CrmSyncTest, RestartGoesOnBehindTheStoredPosition) {
  put({update("O1", "InProgress", 1)});
  {
    const auto sync = open();
    ASSERT_TRUE(position_is(1, 2));
  }
  put({update("O1", "Activated", 2)});
  const auto sync = open();
  ASSERT_TRUE(position_is(1, 3));
  ASSERT_EQ(org.taken().size(), 2u);
  EXPECT_EQ(org.taken()[1].state, "Activated");
}

TEST_F(CrmSyncTest, DeliveredButNotStoredIsDeliveredAgain) {
  database.reachable = false;
  put({update("O1", "Activated", 1)});
  {
    const auto sync = open();
    EXPECT_FALSE(wait_until([&] { return org.calls > 0; }, 250));  // where to begin is not known yet
    database.reachable = true;
    ASSERT_TRUE(position_is(1, 2));
  }
  ASSERT_TRUE(database.store_crm_positions({{1, 1}}));  // as if the store had come back empty-handed
  const auto sync = open();
  ASSERT_TRUE(wait_until([&] { return org.taken().size() == 2; }));
  EXPECT_EQ(org.taken()[0].body, org.taken()[1].body);
}

TEST_F(CrmSyncTest, WhatWasDrainedIsPassedOver) {
  org.away = true;
  const auto sync = open();
  put({update("O1", "InProgress", 1), update("O2", "InProgress", 2)});
  ASSERT_TRUE(wait_until([&] { return org.calls > 0; }));
  sync->pass_over({{1, 3}});
  ASSERT_TRUE(queue.trim("order_orderitems", 1, 3));
  EXPECT_TRUE(position_is(1, 3)) << "the position moves while the CRM is away";
  org.away = false;
  put({update("O3", "InProgress", 3)});
  EXPECT_TRUE(position_is(1, 4));
  EXPECT_EQ(org.taken().size(), 1u) << "what was drained stands in the evidence, not in the CRM";
}

}  // namespace
}  // namespace backstitch
