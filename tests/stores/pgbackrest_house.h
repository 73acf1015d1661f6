// A PostgreSQL whose backups a real pgBackRest keeps; the platform restores with it, and serves the copy itself.
#pragma once
#include <signal.h>

#include "backup_keeper.h"
#include "stores/database/pgbackrest/provider.h"
#include "stores/database/private/server.h"

namespace backstitch::servers {

class PgBackRestHouse : public BackupKeeper {
 public:
  ~PgBackRestHouse() override {
    if (settings_.stanza.empty()) return;
    EXPECT_TRUE(moved_.empty() || database::stop_server(moved_, "immediate"));
    EXPECT_TRUE(remove_tree(settings_.folders.sockets));
    EXPECT_TRUE(remove_outside_folders(settings_.folders));
  }
  std::unique_ptr<database::BackupProvider> provider(const std::string& folder, safe::Safe& safe) override {
    settings_ = {.stanza = "main",
                 .config = tool_config(),
                 .configured = postgres.address(),
                 .folders = database::make_cluster_folders(folder + "/data", folder + "/safe").value()};
    return database::make_pgbackrest_provider(settings_, safe);
  }
  std::string config() override {
    return fmt::format("backup: {{provider: pgbackrest, stanza: main, config: '{}'}}", tool_config());
  }
  void serve(const database::Standing& standing) override {
    moved_ = standing.folder;
    EXPECT_TRUE(serve_moved(settings_, standing.folder, standing.sockets));
  }
  void make_half(const std::string& folder, const std::string& name) override {
    EXPECT_TRUE(remove_tree(folder + "/data/pg/" + name + "/backstitch.restored"));
  }
  bool has_copy(const std::string& data, const std::string& name) override { return file_exists(data + "/pg/" + name); }
  void lose(const database::Standing& standing) override {
    const int postmaster = database::postmaster_of(standing.folder);
    ASSERT_GT(postmaster, 0);
    ASSERT_EQ(::kill(postmaster, SIGKILL), 0);
  }
  bool serves_alone() const override { return false; }
  bool hands_out_wal() const override { return true; }

  const database::PgBackRestSettings& settings() const { return settings_; }
  std::string archive() const { return postgres.folder / "postgres/repo/archive/main/15-1"; }

 private:
  std::string tool_config() const { return postgres.folder / "postgres/pgbackrest.conf"; }
  database::PgBackRestSettings settings_;
  std::string moved_;
};

}  // namespace backstitch::servers
