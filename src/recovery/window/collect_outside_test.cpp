#include <gtest/gtest.h>

#include "recovery/window/collect.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

constexpr const char* item = R"({"lineId":"1","parentLineId":null,"product":"LINE","action":"Add"})";

queue::Record submit(queue::Offset offset, const std::string& id) {
  return {
      offset, Time{1'800'000'000'000'000 + static_cast<std::int64_t>(offset)},
      "A-1",  "incoming.submit/1",
      "{}",   fmt::format(R"({{"source":"org1","sourceOrderId":"{}","version":1,"accountId":"A-1","items":[{}]}})", id, item)};
}

/// On Kafka a batch that never counted leaves a hole in the log; the archive has a line that says so.
TEST(CollectOutside, AnOffsetOfWhichTheArchiveSaysThatNothingWasThereIsNoGap) {
  safe::StrictFake safe;
  queue::Record hole = submit(2, "none");
  hole.schema = safe::lost_schema, hole.value = "{}";
  ASSERT_TRUE(safe.archive("incoming", 0, {submit(1, "before"), hole, submit(3, "behind")}));
  const AssetChanges none;
  WindowInput input{.since = Time{1}, .cut = Time{1'900'000'000'000'000}};
  ASSERT_TRUE(collect_outside(input, {.safe = &safe, .exported = &none, .positions = {{.partition = 0, .incoming = 1}}}));
  for (const WindowGap& gap : input.gaps) EXPECT_EQ(gap.store, "crm") << gap.why;
  EXPECT_TRUE(input.archive.contains("org1 before 1"));
  EXPECT_TRUE(input.archive.contains("org1 behind 1"));
}

}  // namespace
}  // namespace backstitch::recovery
