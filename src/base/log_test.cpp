#include "base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <thread>

#include "base/files.h"
#include "base/testing.h"

namespace backstitch {
namespace {

using testing::ScratchFolder;

TEST(Log, OneEventIsOneLine) {
  const ScratchFolder folder;
  open_log(folder / "x.log", LogLevel::info, "test");
  log_info("order.taken", "order={} note=\"{}\"", "O1", "two\nlines\r");
  log_line(LogLevel::debug, "not.shown", "");
  log_warn("odd", "{}", "{not a format}");
  const std::string text = *read_file(folder / "x.log");  // already there: each line is flushed
  open_log("", LogLevel::error, "test");
  const std::string stamp = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z )";
  EXPECT_TRUE(std::regex_match(text, std::regex(stamp + R"(info test order\.taken order=O1 note="two\\nlines\\r"\n)" + stamp +
                                                R"(warning test odd \{not a format\}\n)")))
      << text;
}

TEST(Log, LinesOfManyThreadsStayWhole) {
  const ScratchFolder folder;
  open_log(folder / "x.log", LogLevel::info, "test");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) log_info("event", "thread={} i={} end", t, i);
    });
  for (auto& thread : threads) thread.join();
  const std::string text = *read_file(folder / "x.log");
  open_log("", LogLevel::error, "test");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2000);
  std::size_t whole = 0;
  for (std::size_t at = 0; (at = text.find(" end\n", at)) != std::string::npos; ++at) ++whole;
  EXPECT_EQ(whole, 2000u);
}

TEST(Log, AFileThatCannotBeOpenedStopsNobody) {
  ::testing::internal::CaptureStderr();
  open_log("/proc/no/such/x.log", LogLevel::info, "test");
  log_info("still.here", "a=1");
  const std::string text = ::testing::internal::GetCapturedStderr();
  open_log("", LogLevel::error, "test");
  EXPECT_NE(text.find("log.open_failed"), std::string::npos);
  EXPECT_NE(text.find("still.here a=1"), std::string::npos);
}

}  // namespace
}  // namespace backstitch
