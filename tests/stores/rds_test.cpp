// Backups by Amazon RDS: the provider's contract on a stand-in of the region whose instances are real servers, and the stand-in
// on a client that is not ours, with every example that was published.
#include "contract/backups_contract.h"
#include "rds_house.h"
#include "stores/database/external/standing.h"
#include "stores/database/postgres/database.h"
#include "stores/safe/files/files_safe.h"

namespace backstitch::servers {
namespace {

using namespace database;

class RdsWorld : public backup_contract::BackupWorld {
 public:
  RdsWorld() : safe_(std::move(*safe::open_files_safe(house.postgres.folder / "safe"))) {
    house.postgres.admin("backstitch", {"create table number (n int)", "alter table number owner to backstitch"});
    EXPECT_TRUE(make_postgres_database({house.postgres.address().connection})->migrate());
    provider_ = make_rds_provider(house.settings(), *safe_);
  }
  BackupProvider& provider() override { return *provider_; }
  std::string live() override {
    const auto configured = house.postgres.address();
    const auto standing = standing_of(*safe_, configured);
    EXPECT_TRUE(standing);
    return address_at(configured, *standing)->connection;
  }
  void back_up() override { house.postgres.back_up(); }
  std::int64_t grain_ms() const override { return 1'100; }

  RdsHouse house;

 private:
  std::unique_ptr<safe::Safe> safe_;
  std::unique_ptr<BackupProvider> provider_;
};

TEST(Rds, KeepsThePromisesAlsoWhenItThrottlesAndIsAway) {
  RdsWorld world;
  world.house.faults(R"({"throttle": 3, "away": 2})");
  for (const auto& one : backup_contract::cases()) {
    ASSERT_EQ(one.run(world), "") << one.name;
    world.house.faults(R"({"throttle": 2})");
  }
}

TEST(Rds, WhatARestoreLeavesOutIsPutBackAndListed) {
  RdsWorld world;
  world.back_up();
  ASSERT_TRUE(world.provider().archive_rest(0));
  const auto copy = world.provider().restore("recovery-Groups", {}, {});
  ASSERT_TRUE(copy) << copy.error().text();
  const std::vector<std::string> expected{"security groups of recovery-groups: sg-default → sg-0a1b2c3d, sg-4e5f6a7b",
                                          "parameter group of recovery-groups: default.postgres15 → orders-postgres15"};
  EXPECT_EQ((*copy)->changes(), expected);
  EXPECT_TRUE((*copy)->remove());
  const auto made = RdsApi(world.house.api())
                        .call("RestoreDBInstanceToPointInTime", {{"SourceDBInstanceIdentifier", "orders"},
                                                                 {"TargetDBInstanceIdentifier", "recovery-theirs"},
                                                                 {"UseLatestRestorableTime", "true"}});
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_FALSE(world.provider().discard("recovery-theirs")) << "an instance that is no copy of ours must stay";
  EXPECT_TRUE(world.provider().discard("orders"));
  EXPECT_TRUE(world.provider().range()) << "the database itself is nothing that could be discarded";
}

TEST(Rds, WhoIsNotLetInIsToldSoAtOnce) {
  RdsHouse house;
  for (const auto& [access, secret, region, code] : {std::tuple{"AKIDEXAMPLE", "wrong", "eu-west-1", "SignatureDoesNotMatch"},
                                                     {"SOMEBODY", "secret", "eu-west-1", "InvalidClientTokenId"},
                                                     {"AKIDEXAMPLE", "secret", "us-east-1", "SignatureDoesNotMatch"}}) {
    RdsApiSettings settings = house.api();
    settings.access_key = access, settings.secret_key = secret, settings.region = region;
    const auto refused = RdsApi(settings).call("DescribeDBInstances", {});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find(code), std::string::npos) << refused.error().text();
  }
  for (const auto& [action, parameters, code] :
       {std::tuple<const char*, Pairs, const char*>{"DescribeDBClusters", {}, "InvalidAction"},
        {"DescribeDBInstances", {{"Name", "orders"}}, "UnknownParameter"},
        {"ModifyDBInstance", {{"ApplyImmediately", "true"}}, "MissingParameter"},
        {"ModifyDBInstance", {{"DBInstanceIdentifier", "orders"}, {"ApplyImmediately", "yes"}}, "MalformedInput"},
        {"DeleteDBInstance", {{"DBInstanceIdentifier", "orders"}}, "InvalidParameterCombination"},
        {"DescribeDBInstances", {{"DBInstanceIdentifier", "none"}}, "DBInstanceNotFound"}}) {
    const auto answer = RdsApi(house.api()).call(action, parameters);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->code, code) << action << ": " << answer->message;
  }
}

TEST(Rds, AClientThatIsNotOursWorksAgainstIt) {
  RdsHouse house;
  house.postgres.back_up();
  const auto ran =
      run({.argv = {SERVERS_FOLDER "/botocore.sh", "run", BOTOCORE_SCRIPT, house.endpoint(), RDS_EXAMPLES}}, 300'000);
  ASSERT_TRUE(ran) << ran.error().text();
  EXPECT_EQ(ran->exit_status, 0) << ran->out << ran->err;
}

}  // namespace
}  // namespace backstitch::servers
