// Backups of a PostgreSQL that somebody else runs, by a real pgBackRest: the provider's contract, and a whole recovery.
#include "kept_recovery.h"
#include "pgbackrest_house.h"
#include "stores/database/pgbackrest/tool.h"

namespace backstitch::e2e {
namespace {

INSTANTIATE_TEST_SUITE_P(PgBackRest, KeptGoingBack, ::testing::Values(keeper_of<servers::PgBackRestHouse>));

}  // namespace
}  // namespace backstitch::e2e

namespace backstitch::servers {
namespace {

using namespace database;

TEST(PgBackRest, KeepsThePromises) {
  KeptWorld<PgBackRestHouse> world;
  for (const auto& one : backup_contract::cases()) ASSERT_EQ(one.run(world), "") << one.name;
}

TEST(PgBackRest, ItsFailuresAreToldInItsOwnWords) {
  testing::ScratchFolder scratch;
  const auto unknown = PgBackRest("main", scratch / "none.conf").stanza();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::backup_failed);
  EXPECT_NE(unknown.error().detail.find("none.conf"), std::string::npos) << unknown.error().text();
  EXPECT_NE(unknown.error().detail.find("ERROR: [0"), std::string::npos) << unknown.error().text();
}

// As pgBackRest 2.45 prints it; the first backup is of the cluster before an upgrade, the last was made of a damaged page.
TEST(PgBackRest, OnlyWholeBackupsOfTheClusterAsItIsCount) {
  const auto backup = [](const char* label, int database, const char* error) {
    return fmt::format(
        R"({{"archive":{{"start":"000000020000000000000003","stop":"000000020000000000000004"}},)"
        R"("database":{{"id":{},"repo-key":1}},)"
        R"("error":{},"info":{{"delta":7,"size":23000799}},"label":"{}",)"
        R"("lsn":{{"start":"0/3000028","stop":"0/4000100"}},"timestamp":{{"start":1795865890,"stop":1795865897}}}})",
        database, error, label);
  };
  const std::string info = fmt::format(
      R"([{{"archive":[{{"database":{{"id":1,"repo-key":1}},"id":"14-1","max":"0000000900000000000000FF","min":"x"}},)"
      R"({{"database":{{"id":2,"repo-key":1}},"id":"15-2","max":"000000020000000000000005","min":"x"}}],"backup":[{},{},{}],)"
      R"("cipher":"none","db":[{{"id":1,"repo-key":1,"system-id":1,"version":"14"}},{{"id":2,"repo-key":1,"system-id":2,)"
      R"("version":"15"}}],"name":"main","status":{{"code":0,"message":"ok"}}}}])",
      backup("old", 1, "false"), backup("whole", 2, "false"), backup("damaged", 2, "true"));
  const auto stanza = read_stanza(info, "main");
  ASSERT_TRUE(stanza) << stanza.error().text();
  ASSERT_EQ(stanza->backups.size(), 1u);
  EXPECT_EQ(stanza->backups[0].label, "whole");
  EXPECT_EQ(stanza->backups[0].end_lsn, "2:0/4000100");
  EXPECT_EQ(rfc3339(stanza->backups[0].ended_at), "2026-11-28T11:38:18.000000Z");
  EXPECT_EQ(stanza->archive_last, "000000020000000000000005");
  EXPECT_EQ(stanza->version, "15");
  EXPECT_EQ(read_stanza(info, "other").error().code, Code::backup_not_found);
  EXPECT_EQ(read_stanza("[{\"name\":\"main\"}]", "main").error().code, Code::backup_failed);
}

}  // namespace
}  // namespace backstitch::servers
