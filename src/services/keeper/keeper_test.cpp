#include "services/keeper/keeper.h"

#include "services/testing.h"

namespace backstitch {
namespace {

using namespace testing;

class KeeperTest : public ::testing::Test {
 protected:
  std::unique_ptr<Keeper> open(KeeperSettings settings) {
    return std::make_unique<Keeper>(
        settings,
        [this]() -> Result<std::vector<database::Violation>> {
          if (!on_verify) return fail(Code::database_unreachable, "not in this test");
          return on_verify();
        },
        [this]() -> Result<Time> {
          ++asked;
          if (unreadable) return fail(Code::file_failed, "backups");
          return Time{newest_us.load()};
        },
        [this]() -> Status {
          ++taken;
          if (disk_is_full) return fail(Code::disk_full, "backups");
          newest_us = wall_clock().us;
          return {};
        });
  }

  Keeper::Verify on_verify;
  std::atomic<std::int64_t> newest_us{0};
  std::atomic<int> asked{0}, taken{0}, rounds{0};
  std::atomic<bool> unreadable{false}, disk_is_full{false};
};

TEST_F(KeeperTest, ViolationsAreCountedRoundByRound) {
  std::atomic<std::int64_t> wrong{3};
  on_verify = [&]() -> Result<std::vector<database::Violation>> {
    ++rounds;
    return std::vector<database::Violation>{{"V-1", "one", "orders", 0, {}},
                                            {"V-3", "three", "items", wrong, {"{\"order\":\"ord_1\"}"}}};
  };
  const auto keeper = open({1, 0});
  ASSERT_TRUE(wait_until([&] { return keeper->violations() == 3; }));
  ASSERT_TRUE(wait_until([&] { return keeper->last_verify().find("2 invariants, 3 violations") == 0; })) << keeper->last_verify();
  wrong = 0;
  EXPECT_TRUE(wait_until([&] { return keeper->violations() == 0; }));
  EXPECT_EQ(taken, 0);
  EXPECT_EQ(asked, 0);  // backups are off
}

TEST_F(KeeperTest, VerifyThatFailsIsTriedAgain) {
  on_verify = [&]() -> Result<std::vector<database::Violation>> {
    if (++rounds < 3) return fail(Code::database_unreachable, "as the test asked");
    return std::vector<database::Violation>{{"V-1", "one", "orders", 1, {}}};
  };
  const auto keeper = open({1, 0});
  EXPECT_TRUE(wait_until([&] { return keeper->violations() == 1; }));
}

TEST_F(KeeperTest, FirstBackupIsTakenAtOnce) {
  const auto keeper = open({5, 3'600'000});
  ASSERT_TRUE(wait_until([&] { return asked >= 3; }));
  EXPECT_EQ(taken, 1);
}

TEST_F(KeeperTest, YoungBackupIsEnoughAndAnOldOneIsNot) {
  newest_us = wall_clock().plus_ms(-1'000).us;
  auto keeper = open({5, 3'600'000});
  ASSERT_TRUE(wait_until([&] { return asked >= 3; }));
  EXPECT_EQ(taken, 0);
  keeper.reset();
  newest_us = wall_clock().plus_ms(-3'700'000).us;
  keeper = open({5, 3'600'000});
  ASSERT_TRUE(wait_until([&] { return asked >= 6; }));
  EXPECT_EQ(taken, 1);
}

TEST_F(KeeperTest, BackupThatFailedIsTakenAgain) {
  disk_is_full = true;
  const auto keeper = open({5, 3'600'000});
  ASSERT_TRUE(wait_until([&] { return taken >= 2; }));
  disk_is_full = false;
  ASSERT_TRUE(wait_until([&] { return newest_us != 0; }));
}

TEST_F(KeeperTest, WithoutKnowingWhatThereIsNoneIsTaken) {
  unreadable = true;
  const auto keeper = open({5, 3'600'000});
  ASSERT_TRUE(wait_until([&] { return asked >= 3; }));
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace backstitch
