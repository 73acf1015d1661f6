// Who runs a PostgreSQL that is not ours and keeps its backups: what the tests of every such provider share.
#pragma once
#include "contract/backups_contract.h"
#include "postgres_house.h"
#include "stores/database/external/standing.h"
#include "stores/database/postgres/database.h"
#include "stores/safe/files/files_safe.h"

namespace backstitch::servers {

class BackupKeeper {
 public:
  virtual ~BackupKeeper() = default;

  /// Of a platform with FOLDER/data and the safe FOLDER/safe.
  virtual std::unique_ptr<database::BackupProvider> provider(const std::string& folder, safe::Safe& safe) = 0;
  /// The line of its backstitch.yaml.
  virtual std::string config() = 0;
  /// Where it is the platform that serves what a recovery has moved; for a test that has none.
  virtual void serve(const database::Standing&) {}

  virtual void make_half(const std::string& folder, const std::string& name) = 0;  // of the contract's world

  /// Of a whole recovery: a copy of this name is there.
  virtual bool has_copy(const std::string& data, const std::string& name) = 0;
  /// The server that the database moved to dies, as it may there.
  virtual void lose(const database::Standing& standing) = 0;
  /// Whether who wrote past the engine can be read there.
  virtual bool hands_out_wal() const { return false; }
  /// Whether it serves on when the platform is stopped.
  virtual bool serves_alone() const = 0;
  /// Nobody has touched the one that was left.
  virtual void expect_kept() {}

  /// Moments of now can be gone back to when it returns: the end of a backup is told in whole seconds, rounded up.
  void back_up() {
    postgres.back_up();
    const auto second = [&] { return clock().us / 1'000'000; };
    ASSERT_TRUE(testing::wait_until([&, ended = second()] { return second() > ended; }, 10'000));
  }
  Time clock() {
    auto session = database::Connection::open(postgres.url());
    const auto now = session ? session->query("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
                             : Result<database::Rows>(fail(session.error()));
    EXPECT_TRUE(now) << now.error().text();
    return Time{now ? now->int8(0, 0) : 0};
  }

  PostgresHouse postgres{{"backups=pgbackrest"}};
};

/// The contract's world with one of them.
template <class Keeper>
class KeptWorld : public database::backup_contract::BackupWorld {
 public:
  explicit KeptWorld(std::int64_t grain_ms = 0) : grain_ms_(grain_ms) {
    keeper.postgres.admin("backstitch", {"create table number (n int)", "alter table number owner to backstitch"});
    EXPECT_TRUE(database::make_postgres_database({keeper.postgres.address().connection})->migrate());
  }
  database::BackupProvider& provider() override { return *provider_; }
  std::string live() override {
    const auto configured = keeper.postgres.address();
    const auto standing = database::standing_of(*safe_, configured);
    EXPECT_TRUE(standing) << standing.error().text();
    if (standing->moved()) keeper.serve(*standing);
    return database::address_at(configured, *standing)->connection;
  }
  void back_up() override { keeper.back_up(); }
  safe::Safe& safe() { return *safe_; }
  void make_half(const std::string& name) override { keeper.make_half(scratch.path(), name); }
  std::int64_t grain_ms() const override { return grain_ms_; }

  testing::ScratchFolder scratch;
  Keeper keeper;

 private:
  std::int64_t grain_ms_;
  std::unique_ptr<safe::Safe> safe_ = std::move(*safe::open_files_safe(scratch / "safe"));
  std::unique_ptr<database::BackupProvider> provider_ = keeper.provider(scratch.path(), *safe_);
};

/// A backup that is asked for is the newest, and what it holds is checked.
template <class Keeper>
database::BackupCheck expect_backed_up_and_checked(KeptWorld<Keeper>& world) {
  std::vector<std::string> said;
  const auto say = [&](const std::string& words) { said.push_back(words); };
  const auto before = world.provider().backups();
  const auto range = world.provider().range();
  const auto made = world.provider().create(say);
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  EXPECT_FALSE(said.empty());
  const auto after = world.provider().backups();
  EXPECT_EQ(after->size(), before->size() + 1);
  EXPECT_EQ(after->back().label, made ? made->label : "");
  EXPECT_EQ(world.provider().range()->earliest.time, range->earliest.time);
  const auto checked = world.provider().check(say);
  EXPECT_TRUE(checked) << (checked ? "" : checked.error().text());
  if (!checked) return {};
  EXPECT_EQ(checked->label, after->back().label);
  return *checked;
}

}  // namespace backstitch::servers
