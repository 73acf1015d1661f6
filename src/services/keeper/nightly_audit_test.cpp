#include "services/keeper/nightly_audit.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/metrics.h"
#include "base/testing.h"

namespace backstitch {
namespace {

using testing::wait_until;

class NightlyAuditTest : public ::testing::Test {
 protected:
  /// One that prints this and ends so, after a line in a file of its own.
  NightlyAudit make(const std::string& document, int exit_status, std::int64_t every_ms = 1000) {
    const std::string script = "echo x >> '" + runs() + "'; printf '%s' '" + document + "'; exit " + std::to_string(exit_status);
    return NightlyAudit({every_ms, 10'000, {"/bin/sh", "-c", script}, folder.path()});
  }
  void run_one(NightlyAudit& audit, std::int64_t ms) {
    audit.look(at(ms));
    ASSERT_TRUE(audit.is_running());
    ASSERT_TRUE(wait_until([&] { return audit.look(at(ms)), !audit.is_running(); }));
  }
  static Time at(std::int64_t ms) { return Time{1'700'000'000'000'000}.plus_ms(ms); }
  std::string runs() const { return folder / "runs"; }
  static std::string document(int accounts, const std::string& partitions) {
    return R"({"ok":true,"data":{"differences":)" + std::to_string(accounts) +
           R"(,"differingAccounts":["A-1"],"partitionsDiffering":)" + partitions + "}}";
  }
  testing::ScratchFolder folder;
};

TEST_F(NightlyAuditTest, IsDueAfterItsTimeAndCountsWhatDiffers) {
  NightlyAudit audit = make(document(2, "[3]"), 1);
  audit.look(at(0));
  EXPECT_FALSE(audit.is_running());
  audit.look(at(999));
  EXPECT_FALSE(audit.is_running());
  EXPECT_FALSE(audit.differences());
  run_one(audit, 1000);
  EXPECT_EQ(audit.differences(), 3);
  EXPECT_NE(metrics::exposition().find("backstitch_audit_differences 3"), std::string::npos);
  audit.look(at(1999));
  EXPECT_FALSE(audit.is_running());
  run_one(audit, 2000);
}

TEST_F(NightlyAuditTest, ARestartDoesNotBeginItsTimeAnew) {
  make(document(0, "[]"), 0).look(at(0));  // and away
  NightlyAudit second = make(document(0, "[]"), 0);
  second.look(at(500));
  EXPECT_FALSE(second.is_running());
  run_one(second, 1100);
  EXPECT_EQ(second.differences(), 0);
  NightlyAudit third = make(document(0, "[]"), 0);
  EXPECT_EQ(third.differences(), 0) << "the last outcome is known";
  third.look(at(2000));
  EXPECT_FALSE(third.is_running());
}

TEST_F(NightlyAuditTest, OneThatCouldNotBeMadeIsTriedAgainAndSaysNothing) {
  NightlyAudit audit = make(R"({"ok":false,"error":{"code":"BS-6002"}})", 4, 50'000);
  audit.look(at(0));
  run_one(audit, 50'000);
  EXPECT_FALSE(audit.differences()) << "that there is no answer is not the answer 0";
  audit.look(at(59'999));
  EXPECT_FALSE(audit.is_running());
  run_one(audit, 60'000);
  NightlyAudit missing({50'000, 10'000, {folder / "not-there"}, folder.path()});
  missing.look(at(130'000));
  EXPECT_FALSE(missing.is_running());
}

TEST_F(NightlyAuditTest, NeverIsNever) {
  NightlyAudit audit = make(document(0, "[]"), 0, 0);
  audit.look(at(0));
  audit.look(at(1'000'000'000));
  EXPECT_FALSE(audit.is_running());
  EXPECT_FALSE(file_exists(runs()));
}

TEST_F(NightlyAuditTest, IsEndedWithThePlatform) {
  const std::string mark = folder / "ended";
  {
    NightlyAudit audit(
        {1,
         10'000,
         {"/bin/sh", "-c", "trap 'echo x > " + mark + "; exit 5' TERM; echo x >> " + runs() + "; while true; do sleep 0.1; done"},
         folder.path()});
    audit.look(at(0));
    audit.look(at(10));
    ASSERT_TRUE(wait_until([&] { return file_exists(runs()); }));
  }
  EXPECT_TRUE(file_exists(mark)) << "told, not killed: it has a server to stop";
}

}  // namespace
}  // namespace backstitch
