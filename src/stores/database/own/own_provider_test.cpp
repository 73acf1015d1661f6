#include "stores/database/own/own_provider.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "contract/backups_contract.h"
#include "stores/database/private/scratch_cluster.h"

namespace backstitch::database {
namespace {

class OwnWorld : public backup_contract::BackupWorld {
 public:
  explicit OwnWorld(ScratchCluster& scratch) : scratch_(scratch) {
    settings_.data_folder = scratch.folder(), settings_.safe_folder = scratch.safe_folder(), settings_.synced = false;
    provider_ = make_own_provider(scratch.cluster().folders(), settings_);
  }
  BackupProvider& provider() override { return *provider_; }
  std::string live() override {
    if (!live_ && provider_->is_switched(2).value_or(false)) {
      auto opened = PrivateCluster::open(settings_);
      EXPECT_TRUE(opened) << opened.error().text();
      live_ = std::make_unique<PrivateCluster>(std::move(*opened));
      EXPECT_TRUE(live_->start());
    }
    return live_ ? live_->connection() : scratch_.cluster().connection();
  }
  void back_up() override {
    const auto made = Backups(scratch_.cluster()).create(wall_clock());
    EXPECT_TRUE(made) << made.error().text();
  }
  void make_half(const std::string& name) override {
    EXPECT_TRUE(remove_tree(scratch_.cluster().folders().pg + "/" + name + "/backstitch.restored"));
  }
  ~OwnWorld() override {
    if (live_) {
      EXPECT_TRUE(live_->stop());
    }
  }

 private:
  ScratchCluster& scratch_;
  ClusterSettings settings_;
  std::unique_ptr<BackupProvider> provider_;
  std::unique_ptr<PrivateCluster> live_;
};

TEST(OwnBackupsTest, KeepThePromises) {
  const auto scratch = ScratchCluster::make();
  ASSERT_TRUE(scratch) << scratch.error().text();
  ASSERT_TRUE(Connection::open((*scratch)->cluster().connection())->execute("create table number (n int)"));
  OwnWorld world(**scratch);
  for (const auto& one : backup_contract::cases()) ASSERT_EQ(one.run(world), "") << one.name;
}

}  // namespace
}  // namespace backstitch::database
