// A region of Amazon RDS: the stand-in, and under it a real PostgreSQL with real backups.
#pragma once
#include "backup_keeper.h"
#include "harness.h"
#include "stores/database/rds/instance.h"
#include "stores/database/rds/provider.h"

namespace backstitch::servers {

class RdsHouse : public BackupKeeper {
 public:
  RdsHouse()
      : region_("standin-rds", {"--data", postgres.folder / "rds", "--model", RDS_MODEL, "--instance", "orders",
                                "--instance-port", std::to_string(postgres.server.port()), "--script",
                                SERVERS_FOLDER "/postgres.sh", "--folder", postgres.folder / "postgres"}) {}
  std::string endpoint() const { return fmt::format("http://127.0.0.1:{}", region_.port()); }
  database::RdsApiSettings api() const {
    return {.endpoint = endpoint(), .region = "eu-west-1", .access_key = "AKIDEXAMPLE", .secret_key = "secret", .ca_file = {}};
  }
  void faults(const std::string& json) { EXPECT_EQ(region_.send("POST", "/faults", json).status, 200); }
  /// Without a status when there is none.
  database::RdsInstance instance(const std::string& id) const {
    const auto answer = database::RdsApi(api()).call("DescribeDBInstances", {{"DBInstanceIdentifier", id}});
    EXPECT_TRUE(answer) << answer.error().text();
    return answer && answer->code.empty() ? database::instance_of(answer->body) : database::RdsInstance{};
  }
  void call(const std::string& action, Pairs parameters) const {
    const auto answer = database::RdsApi(api()).call(action, std::move(parameters));
    ASSERT_TRUE(answer) << answer.error().text();
    ASSERT_EQ(answer->code, "") << answer->message;
  }

  std::unique_ptr<database::BackupProvider> provider(const std::string&, safe::Safe& safe) override {
    return database::make_rds_provider({.api = api(),
                                        .instance = "orders",
                                        .configured = postgres.address(),
                                        .ask_every_ms_least = 100,
                                        .ask_every_ms_most = 1'000},
                                       safe);
  }
  std::string config() override {
    EXPECT_TRUE(write_file_durably(postgres.folder / "secret", "secret\n"));
    return fmt::format(
        "backup: {{provider: rds, instance: orders, region: eu-west-1, access_key: AKIDEXAMPLE, secret_key: 'file:{}',"
        " endpoint: '{}'}}",
        postgres.folder / "secret", endpoint());
  }
  bool has_copy(const std::string&, const std::string& name) override { return instance(name).is_available(); }
  void lose(const database::Standing& standing) override {
    call("RebootDBInstance", {{"DBInstanceIdentifier", standing.instance}});
  }
  /// Its parameter group is the right one and does not hold yet.
  void make_half(const std::string&, const std::string& name) override {
    call("ModifyDBInstance",
         {{"DBInstanceIdentifier", name}, {"DBParameterGroupName", "orders-postgres15"}, {"ApplyImmediately", "true"}});
    const auto pends = [&] { return instance(name).is_available() && instance(name).parameter_status == "pending-reboot"; };
    EXPECT_TRUE(testing::wait_until(pends, 60'000));
  }
  bool serves_alone() const override { return true; }
  void expect_kept() override { EXPECT_TRUE(instance("orders").is_available()); }

 private:
  standin_testing::StandIn region_;
};

}  // namespace backstitch::servers
