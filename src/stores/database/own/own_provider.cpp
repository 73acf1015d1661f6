#include "stores/database/own/own_provider.h"

#include "base/files.h"
#include "stores/database/backup/measure.h"
#include "stores/database/private/sealed_cluster.h"
#include "stores/database/private/server.h"
#include "stores/database/rewind/restored_cluster.h"

namespace backstitch::database {
namespace {

class OwnProvider : public BackupProvider {
 public:
  OwnProvider(ClusterFolders folders, ClusterSettings settings) : folders_(std::move(folders)), settings_(std::move(settings)) {}

  const char* name() const override { return "own"; }
  Result<std::vector<BackupInfo>> backups() override { return Backups(folders_).list(); }
  Result<RestorableRange> range() override { return Backups(folders_).range(); }
  Result<BackupInfo> create(const Say& say) override {
    if (say) say("taking a base backup");
    return Backups(folders_, socket_connection(folders_.sockets)).create(wall_clock());
  }
  Result<BackupCheck> check(const Say& say) override { return Backups(folders_, socket_connection(folders_.sockets)).check(say); }

  Status archive_rest(std::int64_t timeout_ms) override {
    const std::string live = socket_connection(folders_.sockets);
    return takes_connections(live) ? archive_now(live, folders_.wal, timeout_ms) : Status();
  }

  Result<std::string> live() override { return socket_connection(folders_.sockets); }
  std::optional<History> history() override { return History(folders_); }

  Result<std::unique_ptr<Copy>> restore(const std::string& name, const RestoreTarget& target, const Say& say) override {
    RestoreTarget placed = target;
    if (target.until.is_set()) {
      const auto around = History(folders_).resolve(target.until);
      if (!around) return fail(around.error());
      if (around->first_left) placed.before = around->first_left->lsn;
    }
    auto restored = RestoredCluster::restore(folders_, name, placed, say);
    if (!restored) return fail(std::move(restored.error()));
    return std::unique_ptr<Copy>(std::move(*restored));
  }

  Result<std::unique_ptr<Copy>> find(const std::string& name) override {
    auto found = RestoredCluster::find(folders_, name);
    if (!found) return fail(std::move(found.error()));
    return std::unique_ptr<Copy>(std::move(*found));
  }

  Status discard(const std::string& name) override { return RestoredCluster::discard(folders_, name); }

  Result<std::unique_ptr<LeftDatabase>> seal(std::uint64_t) override {
    auto sealed = SealedCluster::open(folders_, settings_);
    if (!sealed) return fail(std::move(sealed.error()));
    return std::unique_ptr<LeftDatabase>(std::move(*sealed));
  }

  Status switch_to(const std::string& name, std::uint64_t epoch) override {
    const auto switched = is_switched(epoch);
    if (switched && !*switched)
      BS_TRY(stop_server(folders_.newest_epoch(), "fast"));  // of a run that was killed before that was done
    return RestoredCluster::finish_becoming_live(folders_, name, epoch);
  }

  Result<bool> is_switched(std::uint64_t epoch) override { return file_exists(epoch_folder(folders_, epoch) + "/PG_VERSION"); }

 private:
  ClusterFolders folders_;
  ClusterSettings settings_;
};

}  // namespace

std::unique_ptr<BackupProvider> make_own_provider(ClusterFolders folders, ClusterSettings settings) {
  return std::make_unique<OwnProvider>(std::move(folders), std::move(settings));
}

}  // namespace backstitch::database
