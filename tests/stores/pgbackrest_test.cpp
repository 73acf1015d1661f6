// Backups of a PostgreSQL that somebody else runs, by a real pgBackRest: the provider's contract, and a whole recovery.
#include <algorithm>
#include <filesystem>

#include "kept_recovery.h"
#include "pgbackrest_house.h"
#include "stores/database/pgbackrest/tool.h"
#include "stores/database/private/programs.h"

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

/// Everything behind the newest backup, by a provider that was made a moment ago.
Result<std::vector<ForeignCommit>> foreign_of(KeptWorld<PgBackRestHouse>& world, PgBackRestSettings settings) {
  const auto provider = make_pgbackrest_provider(std::move(settings), world.safe());
  EXPECT_TRUE(provider->archive_rest(60'000));
  const auto backups = provider->backups();
  const auto from = Lsn::parse(backups->back().end_lsn);
  const auto history = provider->history_from(*from, {});
  if (!history) return fail(history.error());
  return (*history)->foreign_commits(*from, *provider->live());
}

TEST(PgBackRest, WhoWrotePastTheEngineIsReadOutOfItsArchive) {
  KeptWorld<PgBackRestHouse> world;
  const PgBackRestSettings settings = world.keeper.settings();
  world.back_up();
  world.keeper.postgres.admin("postgres", {"create database other"});
  world.keeper.postgres.admin("other", {"create table notes (n int)", "insert into notes values (1)"});
  world.keeper.postgres.admin("backstitch", {"insert into number values (1), (2)"});
  ASSERT_TRUE(world.provider().archive_rest(60'000));
  world.keeper.postgres.admin("backstitch", {"delete from number"});
  const auto found = foreign_of(world, settings);
  ASSERT_TRUE(found) << found.error().text();
  using Rows = std::map<std::string, std::int64_t>;
  ASSERT_EQ(found->size(), 2u) << "what touched another database is nobody's matter here";
  EXPECT_EQ(found->front().rows, (Rows{{"public.number insert", 2}}));
  EXPECT_EQ(found->back().rows, (Rows{{"public.number delete", 2}}));
  const auto is_left = [](const std::string& name) { return name.starts_with("wal-"); };
  EXPECT_TRUE(std::ranges::none_of(list_folder(settings.folders.pg), is_left)) << "it goes with its provider";

  // The tool asks for the cluster's pg_control, and on a machine without the cluster there is none.
  PgBackRestSettings elsewhere = settings;
  elsewhere.config = world.keeper.postgres.folder / "elsewhere.conf";
  std::string text = read_file(settings.config).value_or("");
  text.replace(text.find("pg1-path="), text.find('\n', text.find("pg1-path=")) - text.find("pg1-path="), "pg1-path=/none");
  ASSERT_TRUE(write_file_durably(elsewhere.config, text));
  const auto there = foreign_of(world, elsewhere);
  ASSERT_TRUE(there) << there.error().text();
  EXPECT_EQ(there->size(), 2u);

  // A hole is no empty answer.
  const std::string folder = world.keeper.archive() + "/0000000100000000";
  std::vector<std::string> segments = list_folder(folder);
  std::erase_if(segments, [](const std::string& name) { return name.find('.', 20) == 24; });  // 0000…5.00000028.backup
  ASSERT_GE(segments.size(), 3u);
  const std::string lost = segments[segments.size() - 2];
  std::filesystem::rename(folder + "/" + lost, world.scratch / lost);
  const auto holed = foreign_of(world, settings);
  ASSERT_FALSE(holed);
  EXPECT_EQ(holed.error().code, Code::wal_missing);
  EXPECT_NE(holed.error().detail.find(lost.substr(0, 24) + " is not in the archive of stanza main"), std::string::npos)
      << holed.error().text();
}

TEST(PgBackRest, ABackupIsTakenVerifiedAndCompared) {
  KeptWorld<PgBackRestHouse> world;
  const PgBackRestSettings settings = world.keeper.settings();
  const std::string far = world.keeper.postgres.folder / "far", place = settings.folders.pg + "/recovery-far";
  ASSERT_TRUE(make_server_folder(far));
  world.keeper.postgres.admin("backstitch", {fmt::format("create tablespace far location '{}'", far),
                                             "alter table number set tablespace far", "insert into number values (1)"});
  world.back_up();
  const BackupCheck checked = expect_backed_up_and_checked(world);
  EXPECT_TRUE(checked.label.ends_with("I")) << checked.label << " is none that rests on the full one";
  EXPECT_TRUE(checked.compared);
  EXPECT_GT(checked.tables, 10);
  EXPECT_FALSE(file_exists(settings.folders.pg + "/backup-check"));
  const auto copy = world.provider().restore("recovery-far", {}, {});
  ASSERT_TRUE(copy) << copy.error().text();
  EXPECT_EQ(backup_contract::numbers_of((*copy)->connection()), "1");
  // What lies in another place there gets a place of its own.
  for (const auto& one : std::filesystem::directory_iterator(place + "/pg_tblspc"))
    EXPECT_TRUE(std::filesystem::read_symlink(one).string().starts_with(place + "-")) << one;
  EXPECT_EQ(backup_contract::numbers_of(world.live()), "1");
  ASSERT_TRUE((*copy)->remove());
  EXPECT_TRUE(std::ranges::none_of(list_folder(settings.folders.pg),
                                   [](const std::string& name) { return name.starts_with("recovery-"); }));
  // A byte of it that is not what was written.
  const std::string bundle =
      world.keeper.postgres.folder / ("postgres/repo/backup/main/" + checked.label.substr(0, 16) + "/bundle/1");
  std::string bytes = read_file(bundle).value_or("");
  ASSERT_GT(bytes.size(), 9'000u);
  bytes[5'000] ^= 1;
  ASSERT_TRUE(write_file_durably(bundle, bytes));
  const auto damaged = world.provider().check([](const std::string&) {});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::backup_differs) << damaged.error().text();
  EXPECT_NE(damaged.error().detail.find("status: invalid"), std::string::npos) << damaged.error().text();
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
