// A region of Amazon RDS: the stand-in, and under it a real PostgreSQL with real backups.
#pragma once
#include "harness.h"
#include "postgres_house.h"
#include "stores/database/rds/provider.h"

namespace backstitch::servers {

class RdsHouse {
 public:
  RdsHouse()
      : region_("standin-rds", {"--data", postgres.folder / "rds", "--model", RDS_MODEL, "--instance", "orders",
                                "--instance-port", std::to_string(postgres.server.port()), "--script",
                                SERVERS_FOLDER "/postgres.sh", "--folder", postgres.folder / "postgres"}) {}
  std::string endpoint() const { return fmt::format("http://127.0.0.1:{}", region_.port()); }
  database::RdsApiSettings api() const {
    return {.endpoint = endpoint(), .region = "eu-west-1", .access_key = "AKIDEXAMPLE", .secret_key = "secret", .ca_file = {}};
  }
  database::RdsSettings settings() const {
    return {.api = api(),
            .instance = "orders",
            .configured = postgres.address(),
            .ask_every_ms_least = 100,
            .ask_every_ms_most = 1'000};
  }
  void faults(const std::string& json) { EXPECT_EQ(region_.send("POST", "/faults", json).status, 200); }

  PostgresHouse postgres{{"backups=pgbackrest"}};

 private:
  standin_testing::StandIn region_;
};

}  // namespace backstitch::servers
