// An org that is busy for a moment is asked again; one that refuses for good is not.
#include <gtest/gtest.h>

#include <atomic>

#include "base/net/http_server.h"
#include "stores/crm/port.h"

namespace backstitch::crm {
namespace {

class RecordQueryTest : public ::testing::Test {
 protected:
  /// Answers with these first, then with empty pages.
  Result<std::vector<Record>> ask(std::vector<HttpResponse> first) {
    auto served = HttpServer::start({}, [&](const HttpRequest&) {
      const std::size_t n = asked++;
      return n < first.size() ? first[n] : HttpResponse{.body = R"({"totalSize":0,"done":true,"records":[]})"};
    });
    EXPECT_TRUE(served);
    return open_standin_crm(fmt::format("http://127.0.0.1:{}", (*served)->port()))->changed_since(Time{1});
  }
  std::atomic<std::size_t> asked = 0;
};

constexpr std::size_t types = 3;

TEST_F(RecordQueryTest, ASpentLimitIsNoGapInTheEvidence) {
  const HttpResponse limited{.status = 403, .body = R"([{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests"}])"};
  const auto records = ask({limited, limited, {.status = 503, .body = "busy"}});
  EXPECT_TRUE(records) << records.error().text();
  EXPECT_EQ(asked, 3 + types);
}

TEST_F(RecordQueryTest, WhatIsRefusedForGoodIsToldAtOnce) {
  const auto records = ask({{.status = 400, .body = R"([{"errorCode":"MALFORMED_QUERY"}])"}});
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().code, Code::crm_failed);
  EXPECT_EQ(asked, 1u);
}

}  // namespace
}  // namespace backstitch::crm
