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
  /// Of an instance; empty when there is none.
  std::string status_of(const std::string& instance) const {
    const auto answer = database::RdsApi(api()).call("DescribeDBInstances", {{"DBInstanceIdentifier", instance}});
    EXPECT_TRUE(answer) << answer.error().text();
    return answer && answer->code.empty() ? database::instance_of(answer->body).status : std::string();
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
  bool has_copy(const std::string&, const std::string& name) override { return status_of(name) == "available"; }
  void lose(const database::Standing& standing) override {
    const auto begun = database::RdsApi(api()).call("RebootDBInstance", {{"DBInstanceIdentifier", standing.instance}});
    ASSERT_TRUE(begun) << begun.error().text();
    ASSERT_EQ(begun->code, "") << begun->message;
  }
  bool serves_alone() const override { return true; }
  void expect_kept() override { EXPECT_EQ(status_of("orders"), "available"); }

 private:
  standin_testing::StandIn region_;
};

}  // namespace backstitch::servers
