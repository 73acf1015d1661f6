// The contract on PostgreSQL, on the strict fake, and on fakes that are wrong.
#include "contract/database_contract.h"

#include <algorithm>

#include "stores/database/strict_fake.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch::database {
namespace {

class PostgresWorld : public contract::World {
 public:
  PostgresWorld() {
    auto fresh = shared_cluster().fresh(4);
    EXPECT_TRUE(fresh.has_value()) << (fresh ? "" : fresh.error().text());
    database_ = std::move(*fresh);
  }
  Result<std::unique_ptr<Shard>> open_shard() override { return database_->open_shard(); }
  Result<std::vector<Position>> positions() override { return database_->positions(); }
  Status set_epoch(std::uint64_t n, bool open) override { return database_->set_epoch(n, open); }
  Result<AccessRows> access(const std::string& user) override { return database_->access(user); }

 private:
  std::unique_ptr<Database> database_;
};

class FakeWorld : public contract::World {
 public:
  explicit FakeWorld(std::vector<Flaw> flaws = {}) : truth_(4, std::move(flaws)) {}
  Result<std::unique_ptr<Shard>> open_shard() override { return truth_.open_shard(); }
  Result<std::vector<Position>> positions() override { return truth_.positions(); }
  Status set_epoch(std::uint64_t n, bool open) override { return truth_.set_epoch(n, open); }
  Result<AccessRows> access(const std::string& user) override { return truth_.access(user); }

 private:
  FakeTruth truth_;
};

class DatabaseContract : public ::testing::TestWithParam<contract::Case<contract::World>> {};

TEST_P(DatabaseContract, HoldsOnPostgres) {
  PostgresWorld world;
  EXPECT_EQ(GetParam().run(world), "");
}

TEST_P(DatabaseContract, HoldsOnTheStrictFake) {
  FakeWorld world;
  EXPECT_EQ(GetParam().run(world), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, DatabaseContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& one) { return one.param.name; });

std::vector<std::string> broken_cases(const std::vector<Flaw>& flaws) {
  std::vector<std::string> broken;
  for (const auto& one : contract::cases()) {
    FakeWorld world(flaws);
    if (!one.run(world).empty()) broken.push_back(one.name);
  }
  return broken;
}

TEST(DatabaseContractCases, EveryFlawIsSeen) {
  for (Flaw flaw : {Flaw::forgets_terms, Flaw::any_turn_number, Flaw::deaf_to_epochs, Flaw::half_turns, Flaw::last_write_wins,
                    Flaw::loses_positions, Flaw::keeps_grants, Flaw::keeps_taken})
    EXPECT_FALSE(broken_cases({flaw}).empty()) << static_cast<int>(flaw);
}

TEST(DatabaseContractCases, AWrongFakeFailsAtLeastFiveCases) {
  const auto broken =
      broken_cases({Flaw::forgets_terms, Flaw::any_turn_number, Flaw::deaf_to_epochs, Flaw::half_turns, Flaw::loses_positions});
  EXPECT_GE(broken.size(), 5u);
  EXPECT_NE(std::find(broken.begin(), broken.end(), "an_old_owner_is_fenced"), broken.end());
}

}  // namespace
}  // namespace backstitch::database
