// The epoch on a server that is at fault now and then. On real servers: tests/stores/s3_*_test.cpp.
#include "stores/safe/s3/s3_epoch.h"

#include <gtest/gtest.h>

#include "stores/objects/s3/fake_s3_testing.h"

namespace backstitch::safe {
namespace {

struct S3EpochTest : ::testing::TestWithParam<bool> {
  objects::FakeS3 fake{{}};
  objects::S3Bucket bucket{fake.settings()};
  S3Epoch epoch{bucket};
};

TEST_P(S3EpochTest, AChangeOfWhichNothingIsKnownIsReadBack) {
  fake.fail_puts("epoch", 1, 500, GetParam());
  ASSERT_TRUE(epoch.make_if_missing());
  fake.fail_puts("epoch", 1, 503, GetParam());
  ASSERT_TRUE(epoch.change({1, true, ""}, {2, false, "rec-1"}));
  EXPECT_EQ(epoch.read().value(), (Epoch{2, false, "rec-1"}));
  EXPECT_EQ(epoch.change({1, true, ""}, {2, false, "rec-1"}).error().code, Code::epoch_conflict)
      << "the same content by another change is another change";
}

TEST_P(S3EpochTest, AChangeThatStaysUnknownIsSaid) {
  ASSERT_TRUE(epoch.make_if_missing());
  fake.fail_puts("epoch", 1'000, 500, false);
  const Status changed = epoch.change({1, true, ""}, {2, true, ""});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::unreachable) << changed.error().text();
  EXPECT_NE(changed.error().detail.find("whether the epoch was changed is unknown"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Was, S3EpochTest, ::testing::Bool(), [](const auto& with) { return with.param ? "Done" : "NotDone"; });

}  // namespace
}  // namespace backstitch::safe
