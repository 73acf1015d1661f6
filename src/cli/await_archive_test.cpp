#include "cli/await_archive.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/testing.h"
#include "cli/testing.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::cli {
namespace {

using testing::FakePlatform;
using testing::json_reply;

constexpr std::int64_t short_wait_ms = 100;
/// Two partitions: two records in the one, none in the other.
constexpr const char* two_records = R"({"partitions":[{"partition":0,"end":"3"},{"partition":1,"end":"1"}]})";

void archive(safe::Safe& safe, int records) {
  std::vector<queue::Record> list;
  for (int i = 1; i <= records; ++i)
    list.push_back({static_cast<std::uint64_t>(i), Time{1'700'000'000'000'000}, "A-1", "incoming.submit/1", "{}", "{}"});
  ASSERT_TRUE(safe.archive("incoming", 0, list));
}

Invocation at(const FakePlatform& platform) { return {.server = platform.url(), .quiet = true}; }

TEST(AwaitArchive, ReturnsWhenAllThatWasReceivedIsArchived) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(200, two_records); });
  safe::StrictFake safe;
  archive(safe, 2);
  EXPECT_TRUE(await_archive(at(platform), safe, short_wait_ms));
  ASSERT_EQ(platform.requests().size(), 1u) << "what comes later is not waited for";
  EXPECT_EQ(platform.requests()[0].path, "/api/v1/queues/incoming");
}

TEST(AwaitArchive, WaitsForTheArchiver) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(200, two_records); });
  safe::StrictFake safe;
  archive(safe, 1);
  std::thread archiver([&] {
    EXPECT_TRUE(backstitch::testing::wait_until([&] { return !platform.requests().empty(); }));
    archive(safe, 2);
  });
  const Status waited = await_archive(at(platform), safe);
  archiver.join();
  ASSERT_TRUE(waited) << waited.error().text();
  EXPECT_EQ(safe.archived_end("incoming", 0).value(), 3u);
}

TEST(AwaitArchive, AnArchiverThatStandsStillIsATimeOut) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(200, two_records); });
  safe::StrictFake safe;
  archive(safe, 1);
  const Status waited = await_archive(at(platform), safe, short_wait_ms);
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, Code::timed_out);
  EXPECT_NE(waited.error().detail.find("archived up to 2, and holds 3"), std::string::npos) << waited.error().detail;
}

TEST(AwaitArchive, WithoutAPlatformThereIsNothingToWaitFor) {
  safe::StrictFake safe;
  const backstitch::testing::ScratchFolder nothing;
  EXPECT_TRUE(await_archive({.data = nothing.path(), .quiet = true}, safe, short_wait_ms));
  std::string gone;
  {
    FakePlatform platform([](const HttpRequest&) { return json_reply(200, "{}"); });
    gone = platform.url();
  }
  EXPECT_TRUE(await_archive({.server = gone, .quiet = true}, safe, short_wait_ms));
}

TEST(AwaitArchive, OneThatDoesNotTellIsNoStop) {
  FakePlatform platform([](const HttpRequest&) { return problem_response({Code::access_denied, "queues read", {}}); });
  safe::StrictFake safe;
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(await_archive({.server = platform.url()}, safe, short_wait_ms));
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("may be missing"), std::string::npos);
}

TEST(AwaitArchive, AnAnswerWithoutPartitionsIsRefused) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(200, "{\"items\":[]}"); });
  safe::StrictFake safe;
  EXPECT_EQ(await_archive(at(platform), safe, short_wait_ms).error().code, Code::json_invalid);
}

}  // namespace
}  // namespace backstitch::cli
