// What a database must be that somebody else runs, and the contract of the database role on it, with no more rights than it
// needs.
#include "contract/database_contract.h"
#include "postgres_house.h"
#include "stores/database/postgres/database.h"

namespace backstitch::servers {
namespace {

using database::ExternalAddress;

class External : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house = new PostgresHouse(); }
  static void TearDownTestSuite() {
    delete house;
    house = nullptr;
  }
  static Status check(const ExternalAddress& address) { return database::check_external(address); }
  /// Places and words of everything that is said to be wrong.
  static std::string faults_of(const ExternalAddress& address) {
    const Status found = check(address);
    if (found) return {};
    EXPECT_EQ(found.error().code, Code::store_unfit) << found.error().text();
    std::string words;
    for (const Fault& fault : found.error().faults) words += fault.pointer + ": " + fault.detail + "\n";
    return words;
  }
  static std::unique_ptr<database::Database> migrated(const ExternalAddress& address) {
    auto opened = database::make_postgres_database({address.connection});
    const Status done = opened->migrate();
    EXPECT_TRUE(done) << done.error().text();
    return opened;
  }
  static inline PostgresHouse* house = nullptr;
};

TEST_F(External, AnEmptyDatabaseOfOurOwnWillDo) {
  const ExternalAddress address = house->address(house->make("empty"));
  EXPECT_EQ(faults_of(address), "");
  migrated(address);
  migrated(address);  // a second start
  EXPECT_EQ(faults_of(address), "");
}

TEST_F(External, TheContractHoldsOverTcpWithoutRightsOfAServersOwner) {
  class World : public database::contract::World {
   public:
    explicit World(std::unique_ptr<database::Database> opened) : database_(std::move(opened)) {}
    Result<std::unique_ptr<database::Shard>> open_shard() override { return database_->open_shard(); }
    Result<std::vector<database::Position>> positions() override { return database_->positions(); }
    Status set_epoch(std::uint64_t n, bool open) override { return database_->set_epoch(n, open); }
    Result<database::AccessRows> access(const std::string& user) override { return database_->access(user); }

   private:
    std::unique_ptr<database::Database> database_;
  };
  const std::string name = house->make("contract");
  for (const auto& one : database::contract::cases()) {
    house->admin(name, {"drop schema if exists backstitch cascade"});
    auto opened = migrated(house->address(name));
    ASSERT_TRUE(opened->set_epoch(1, true));
    ASSERT_TRUE(opened->ensure_partitions(4));
    World world(std::move(opened));
    EXPECT_EQ(one.run(world), "") << one.name;
  }
}

TEST_F(External, WhatItMustBeIsSaidBeforeAnythingIsWritten) {
  const std::string latin = house->make("latin", "encoding 'LATIN1' locale 'C' template template0");
  EXPECT_NE(faults_of(house->address(latin)).find("encoding: it is LATIN1"), std::string::npos);

  const std::string foreign = house->make("foreign_schema");
  house->admin(foreign, {"create schema backstitch", "create table backstitch.customer (id int)"});
  EXPECT_NE(faults_of(house->address(foreign)).find("schema backstitch: it is somebody else's"), std::string::npos);

  house->admin("postgres", {"create database not_ours"});
  EXPECT_NE(faults_of(house->address("not_ours")).find("right to make or use the schema"), std::string::npos);

  const std::string lossy = house->make("lossy");
  house->admin("postgres", {"alter database lossy set synchronous_commit = off",
                            "alter database lossy set default_transaction_read_only = on"});
  const std::string said = faults_of(house->address(lossy));
  EXPECT_NE(said.find("synchronous_commit"), std::string::npos) << said;
  EXPECT_NE(said.find("read only"), std::string::npos) << said;
}

TEST_F(External, ASchemaThatWasMadeForUsIsEnough) {
  house->admin("postgres", {"create database lent"});
  house->admin("lent", {"create schema backstitch authorization backstitch"});
  const ExternalAddress address = house->address("lent");
  EXPECT_EQ(faults_of(address), "");
  migrated(address);
}

TEST_F(External, NobodyAnswers) {
  auto address = database::external_address("postgresql://backstitch@127.0.0.1:1/backstitch");
  ASSERT_TRUE(address);
  const Status found = check(*address);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::database_unreachable);
}

TEST_F(External, ADatabaseIsOfOneInstanceAndOneSafe) {
  const ExternalAddress address = house->address(house->make("marked"));
  auto opened = migrated(address);
  ASSERT_TRUE(opened->set_epoch(1, true));
  ASSERT_TRUE(opened->ensure_partitions(4));
  const auto first = database::claim_database(address, "main", "");
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(database::claim_database(address, "main", *first).value_or("none"), *first);
  EXPECT_EQ(database::claim_database(address, "main", "").value_or("none"), *first);  // killed before its safe had it
  for (const auto& [instance, id] : {std::pair<std::string, std::string>{"other", *first}, {"main", "another safe's"}}) {
    const auto refused = database::claim_database(address, instance, id);
    ASSERT_FALSE(refused) << instance;
    EXPECT_EQ(refused.error().code, Code::store_unfit);
  }
  house->admin("marked", {"update backstitch.position set turn = 7 where partition = 2"});
  EXPECT_FALSE(database::claim_database(address, "main", "")) << "a lost safe must not pass for a new one";
  EXPECT_TRUE(database::claim_database(address, "main", *first));
}

TEST_F(External, NoPasswordIsRepeated) {
  const auto address = house->address("backstitch");
  EXPECT_EQ(address.place, fmt::format("127.0.0.1:{}/backstitch", house->server.port()));
  EXPECT_TRUE(database::holds_password(house->url()));
  EXPECT_FALSE(database::holds_password("postgresql://backstitch@127.0.0.1/backstitch"));
  for (const char* wrong : {"", "postgresql://hunter2:hunter2@[::1/backstitch", "host=127.0.0.1 password=hunter2"}) {
    const auto refused = database::external_address(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Code::config_invalid);
    EXPECT_EQ(refused.error().text().find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace backstitch::servers
