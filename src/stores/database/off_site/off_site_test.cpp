#include "stores/database/off_site/off_site.h"

#include <filesystem>

#include "base/files.h"
#include "base/process.h"
#include "base/testing.h"
#include "stores/database/backup/measure.h"
#include "stores/database/backup/note.h"
#include "stores/database/backup/restore.h"
#include "stores/database/off_site/names.h"
#include "stores/database/off_site/packed_folder.h"
#include "stores/database/private/programs.h"
#include "stores/database/testing/cluster_fixture.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::database {
namespace {

const auto goes_on = [] { return true; };
const auto quiet = [](const std::string&) {};

/// Reached by the server's user.
class ServerFolder {
 public:
  ServerFolder() {
    std::filesystem::permissions(scratch_.path(), std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
    EXPECT_OK(make_server_folder(path()));
  }
  std::string path() const { return scratch_ / "of-server"; }

 private:
  testing::ScratchFolder scratch_;
};

std::string random_bytes(std::size_t bytes) {
  std::string out(bytes, '\0');
  std::uint64_t state = 42;
  for (char& byte : out) state = state * 6364136223846793005u + 1442695040888963407u, byte = static_cast<char>(state >> 56);
  return out;
}

TEST(PackedFolder, ComesBackAsItWas) {
  const ServerFolder from, to;
  ASSERT_TRUE(make_folders(from.path() + "/empty"));
  ASSERT_TRUE(make_folders(from.path() + "/a/b"));
  ASSERT_TRUE(write_file_durably(from.path() + "/a/b/large", random_bytes(40u << 20)));
  ASSERT_TRUE(write_file_durably(from.path() + "/a/small", "s", 0600));
  ASSERT_TRUE(run({.argv = {"chown", "-R", "--reference=" + from.path(), from.path()}}, 10'000));
  std::vector<std::string> pieces;
  const auto packed = pack_folder(from.path(), [&](int number, const std::string& piece) -> Status {
    EXPECT_EQ(number, static_cast<int>(pieces.size()));
    pieces.push_back(piece);
    return {};
  });
  ASSERT_TRUE(packed) << packed.error().text();
  EXPECT_EQ(*packed, 2);
  const auto give = [&](int number) { return Result<std::string>(pieces[static_cast<std::size_t>(number)]); };
  ASSERT_TRUE(unpack_folder(to.path(), *packed, give));
  const std::string listing = "cd {} && find . -printf '%p %m %u %s\\n' | grep -v '^. ' | sort && sha256sum a/b/large";
  const auto was = run({.argv = {"sh", "-c", fmt::format(fmt::runtime(listing), from.path())}}, 10'000);
  const auto is = run({.argv = {"sh", "-c", fmt::format(fmt::runtime(listing), to.path())}}, 10'000);
  EXPECT_EQ(was->out, is->out);
  EXPECT_NE(was->out.find("./empty"), std::string::npos) << was->out << was->err;
}

TEST(PackedFolder, WhatIsMissingOrDamagedIsSaid) {
  const ServerFolder from, to;
  ASSERT_TRUE(write_file_durably(from.path() + "/file", "content"));
  std::vector<std::string> pieces;
  ASSERT_TRUE(
      pack_folder(from.path(), [&](int, const std::string& piece) -> Status { return pieces.push_back(piece), Status(); }));
  pieces[0].resize(pieces[0].size() / 2);
  EXPECT_FAILS(Code::restore_failed, unpack_folder(to.path(), 1, [&](int) { return Result<std::string>(pieces[0]); }));
  const std::string half = compressed(random_bytes(2000));  // no tar
  EXPECT_FAILS(Code::restore_failed, unpack_folder(to.path(), 1, [&](int) { return Result<std::string>(half); }));
  EXPECT_FAILS(Code::backup_failed, pack_folder(from.path() + "/none", [](int, const std::string&) { return Status(); }));
  EXPECT_FAILS(Code::unreachable,
               pack_folder(from.path(), [](int, const std::string&) -> Status { return fail(Code::unreachable, "the store"); }));
}

/// A cluster of its own: what others have backed up or damaged in theirs is nothing to it.
class OffSiteTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = ScratchCluster::make();
    ASSERT_TRUE(made) << made.error().text();
    cluster = std::move(*made);
    sql("create table thing (n int)");
    ASSERT_TRUE(Backups(cluster->cluster()).create(wall_clock()));
  }
  static void TearDownTestSuite() { cluster.reset(); }
  void SetUp() override { lost.wal = new_wal.path(), lost.base = new_base.path(); }

  static void sql(const char* statement) {
    auto session = Connection::open(cluster->cluster().connection());
    ASSERT_TRUE(session);
    ASSERT_TRUE(session->execute(statement));
  }
  static std::string things(const std::string& connection) {
    auto session = Connection::open(connection);
    return session ? session->query("select count(*)::text from thing")->string(0, 0) : session.error().text();
  }
  /// WAL up to now, archived here.
  static void archive() { ASSERT_TRUE(archive_now(cluster->cluster().connection(), here().wal, 30'000)); }
  static const ClusterFolders& here() { return cluster->cluster().folders(); }
  static BackupInfo backup() { return Backups(here()).list()->front(); }

  static inline std::unique_ptr<ScratchCluster> cluster;
  safe::StrictFake safe;
  OffSite off_site{here(), safe};
  ServerFolder new_wal, new_base;
  ClusterFolders lost = here();  // of a host whose backups are gone
};

TEST_F(OffSiteTest, WhatWasCarriedIsEnoughToGoBackByItself) {
  const BackupInfo made = backup();
  sql("insert into thing values (1), (2)");
  archive();
  const auto carried = off_site.carry(goes_on);
  ASSERT_TRUE(carried) << carried.error().text();
  EXPECT_EQ(carried->backups, 1);
  EXPECT_GT(carried->segments, 0);
  EXPECT_EQ(off_site.segments_behind(), 0);
  EXPECT_EQ(off_site.carry(goes_on)->segments, 0) << "once is enough";
  sql("insert into thing values (3)");
  archive();
  EXPECT_GT(off_site.carry(goes_on)->segments, 0);

  OffSite elsewhere(lost, safe);
  const auto wanted = elsewhere.wanted({});
  ASSERT_TRUE(wanted) << wanted.error().text();
  EXPECT_EQ(wanted->backup.info.label, made.label);
  EXPECT_FALSE(wanted->backup_is_here);
  const auto brought = elsewhere.fetch(*wanted, quiet);
  ASSERT_TRUE(brought) << brought.error().text();
  EXPECT_EQ(Backups(lost).list()->front().end_lsn, made.end_lsn);
  auto copy = RestoredCopy::make(lost, made.label, "");
  ASSERT_TRUE(copy) << copy.error().text();
  EXPECT_EQ(things((*copy)->connection()), "3");
  const auto again = elsewhere.wanted({});
  EXPECT_TRUE(again->backup_is_here);
  EXPECT_TRUE(again->wal.empty()) << again->wal.front();
}

TEST_F(OffSiteTest, OnlyWholeBackupsAreListedAndABrokenOffOneGoesOn) {
  const BackupInfo made = backup();
  int left = 2;
  ASSERT_TRUE(off_site.carry([&] { return left-- > 0; }));
  EXPECT_GT(off_site.segments_behind(), 0);
  OffSite elsewhere(lost, safe);
  EXPECT_FAILS(Code::backup_not_found, elsewhere.wanted({}));
  const auto rest = off_site.carry(goes_on);
  EXPECT_GT(rest->segments, 0);
  EXPECT_EQ(off_site.segments_behind(), 0);
  EXPECT_EQ(elsewhere.wanted({})->backup.info.label, made.label);
  EXPECT_FAILS(Code::target_out_of_range, elsewhere.wanted(made.ended_at.plus_ms(-1)));
}

TEST_F(OffSiteTest, WhatIsThereIsNotWrittenOver) {
  backup();
  archive();
  const std::string first = list_folder(here().wal).front();
  ASSERT_TRUE(safe.put(off_site_file(first), compressed("of somebody else")));
  OffSite other{here(), safe};
  ASSERT_TRUE(other.carry(goes_on)) << "what is listed counts as carried";
  safe::StrictFake raced;
  OffSite late{here(), raced};
  int looks = 0;  // it comes between the listing and the put
  const auto met =
      late.carry([&] { return looks++ > 0 || raced.put(off_site_file(first), compressed("of somebody else")).has_value(); });
  EXPECT_FAILS(Code::checksum_mismatch, met);
  EXPECT_EQ(*decompressed(*raced.get(off_site_file(first))), "of somebody else");
}

TEST_F(OffSiteTest, AnotherClusterIsRefused) {
  ASSERT_TRUE(safe.put(off_site_system, "7591"));
  EXPECT_FAILS(Code::store_unfit, off_site.carry(goes_on));
  EXPECT_TRUE(safe.list(off_site_wal)->empty());
  std::string note = note_text({.label = "20260101T000000Z", .start_lsn = "1:0/1000000", .end_lsn = "1:0/1000100"});
  ASSERT_TRUE(safe.put(off_site_note("20260101T000000Z"), note.insert(note.rfind('}'), ", \"pieces\": 1")));
  EXPECT_FAILS(Code::store_unfit, off_site.wanted({}));
}

TEST_F(OffSiteTest, AStopDoesNotWaitForABackupAndItsPiecesAreNotPutAgain) {
  const BackupInfo made = backup();
  int asked = 0;  // once before the backup, then before its first piece
  const auto carried = off_site.carry([&] { return off_site.segments_behind() > 0 || asked++ < 1; });
  EXPECT_EQ(carried->backups, 0);
  EXPECT_FAILS(Code::object_not_found, safe.get(off_site_piece(made.label, 0)));
  ASSERT_TRUE(safe.put(off_site_piece(made.label, 0), "as it stands"));
  OffSite later{here(), safe};
  EXPECT_EQ(later.carry(goes_on)->backups, 1);
  EXPECT_EQ(*safe.get(off_site_piece(made.label, 0)), "as it stands");
}

TEST_F(OffSiteTest, ADamagedBackupIsNotListedHere) {
  const BackupInfo made = backup();
  ASSERT_TRUE(off_site.carry(goes_on));
  const std::string piece = off_site_piece(made.label, 0);
  std::string tar = *decompressed(*safe.get(piece));
  const auto place = tar.find("PG_VERSION");
  ASSERT_NE(place, std::string::npos);
  tar[(place / 512 + 1) * 512] ^= 1;  // its content, behind its header
  ASSERT_TRUE(safe.put(piece, compressed(tar)));
  OffSite elsewhere(lost, safe);
  EXPECT_FAILS(Code::restore_failed, elsewhere.fetch(*elsewhere.wanted({}), quiet));
  EXPECT_TRUE(Backups(lost).list()->empty());
}

}  // namespace
}  // namespace backstitch::database
