// Backups by Amazon RDS: the provider's contract on a stand-in of the region whose instances are real servers, and the stand-in
// on a client that is not ours, with every example that was published.
#include "kept_recovery.h"
#include "rds_house.h"

namespace backstitch::e2e {
namespace {

INSTANTIATE_TEST_SUITE_P(Rds, KeptGoingBack, ::testing::Values(keeper_of<servers::RdsHouse>));

}  // namespace
}  // namespace backstitch::e2e

namespace backstitch::servers {
namespace {

using namespace database;

using RdsWorld = KeptWorld<RdsHouse>;
constexpr std::int64_t whole_seconds = 1'100;

TEST(Rds, KeepsThePromisesAlsoWhenItThrottlesAndIsAway) {
  RdsWorld world(whole_seconds);
  world.keeper.faults(R"({"throttle": 3, "away": 2})");
  for (const auto& one : backup_contract::cases()) {
    ASSERT_EQ(one.run(world), "") << one.name;
    world.keeper.faults(R"({"throttle": 2})");
  }
}

TEST(Rds, WhatARestoreLeavesOutIsPutBackAndListed) {
  RdsWorld world(whole_seconds);
  world.back_up();
  const BackupCheck checked = expect_backed_up_and_checked(world);
  EXPECT_TRUE(checked.label.starts_with("backstitch-")) << checked.label;
  EXPECT_NE(checked.text().find("Amazon RDS says no more than that"), std::string::npos) << checked.text();
  ASSERT_TRUE(world.provider().archive_rest(0));
  const auto copy = world.provider().restore("recovery-Groups", {}, {});
  ASSERT_TRUE(copy) << copy.error().text();
  const std::vector<std::string> expected{"security groups of recovery-groups: sg-default → sg-0a1b2c3d, sg-4e5f6a7b",
                                          "parameter group of recovery-groups: default.postgres15 → orders-postgres15"};
  EXPECT_EQ((*copy)->changes(), expected);
  const RdsInstance made = world.keeper.instance("recovery-groups"), source = world.keeper.instance("orders");
  EXPECT_EQ(made.security_groups, source.security_groups) << "the service says so, too";
  EXPECT_EQ(made.parameter_group, source.parameter_group);
  EXPECT_EQ(made.parameter_status, "in-sync");
  EXPECT_EQ(made.subnet_group, source.subnet_group);
  EXPECT_TRUE((*copy)->remove());
  world.keeper.call("RestoreDBInstanceToPointInTime", {{"SourceDBInstanceIdentifier", "orders"},
                                                       {"TargetDBInstanceIdentifier", "recovery-theirs"},
                                                       {"UseLatestRestorableTime", "true"}});
  EXPECT_FALSE(world.provider().discard("recovery-theirs")) << "an instance that is no copy of ours must stay";
  EXPECT_NE(world.keeper.instance("recovery-theirs").status, "");
  EXPECT_NE(world.keeper.instance("recovery-theirs").status, "deleting");
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
