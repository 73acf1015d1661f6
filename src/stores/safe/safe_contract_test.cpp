// The contract on every safe we have, and on one that is wrong.
#include "contract/safe_contract.h"

#include <gtest/gtest.h>

#include "base/testing.h"
#include "contract/flaws.h"
#include "stores/safe/files/files_safe.h"
#include "stores/safe/strict_fake.h"
#include "stores/safe/wrong_fake.h"

namespace backstitch::safe {
namespace {

class SafeContract : public ::testing::TestWithParam<contract::SafeCase> {};

TEST_P(SafeContract, HoldsOnFiles) {
  const backstitch::testing::ScratchFolder folder;
  auto safe = open_files_safe(folder / "data/safe");
  ASSERT_TRUE(safe) << safe.error().text();
  EXPECT_EQ(GetParam().run(**safe), "");
}

// A new file for every batch.
TEST_P(SafeContract, HoldsOnSmallFiles) {
  const backstitch::testing::ScratchFolder folder;
  auto safe = open_files_safe(FilesSettings{folder / "safe", 1});
  ASSERT_TRUE(safe) << safe.error().text();
  EXPECT_EQ(GetParam().run(**safe), "");
}

TEST_P(SafeContract, HoldsOnTheStrictFake) {
  StrictFake safe;
  EXPECT_EQ(GetParam().run(safe), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, SafeContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST(WrongSafe, IsSeenByTheContract) {
  contract::expect_flaws_are_seen(contract::cases(), all_wrongs(),
                                  [](const std::set<Wrong>& wrongs) { return WrongFake(wrongs); });
}

TEST(StrictSafe, FailsAWriteOnDemand) {
  StrictFake safe;
  safe.fail_next_write(Code::disk_full);
  EXPECT_EQ(safe.put("evidence/a", "x").error().code, Code::disk_full);
  EXPECT_FALSE(safe.get("evidence/a"));
  safe.fail_next_write(Code::safe_failed, true);
  EXPECT_FALSE(safe.archive("incoming", 0, contract::records(1, 1)));
  EXPECT_EQ(safe.archived_end("incoming", 0).value(), 2u) << "it was written and nobody was told";
  EXPECT_EQ(safe.writes(), 1u);
}

TEST(StrictSafe, RefusesWhatAReaderWouldStumbleOver) {
  StrictFake safe(4);
  auto without_time = contract::record(1), without_version = contract::record(1), bad_headers = contract::record(1);
  without_time.appended = {};
  without_version.schema = "incoming.submit";
  bad_headers.headers = "[1]";
  for (const auto& record : {without_time, without_version, bad_headers})
    EXPECT_EQ(safe.archive("incoming", 0, {record}).error().code, Code::safe_failed);
  EXPECT_EQ(safe.mirror_turns(0, {{1, "{"}}).error().code, Code::safe_failed);
  EXPECT_EQ(safe.archive("incoming", 4, contract::records(1, 1)).error().code, Code::partition_unknown);
  EXPECT_EQ(safe.change_epoch({1, true, ""}, {2, false, ""}).error().code, Code::safe_failed);
  EXPECT_EQ(safe.change_epoch({1, true, ""}, {2, true, "rec-1"}).error().code, Code::safe_failed);
}

}  // namespace
}  // namespace backstitch::safe
