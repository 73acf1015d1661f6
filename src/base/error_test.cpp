#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/net/http_server.h"

namespace backstitch {
namespace {

TEST(Error, NumbersAndSymbolsStandOnceAndEveryStatusIsOneThatExists) {
  const std::set<int> exits = {1, 2, 3, 4, 5, 6, 7, 70};
  std::set<int> numbers;
  std::set<std::string_view> symbols;
  for (const ErrorInfo& entry : all_errors()) {
    EXPECT_TRUE(numbers.insert(entry.number).second) << entry.number;
    EXPECT_TRUE(symbols.insert(entry.symbol).second) << entry.symbol;
    EXPECT_TRUE(exits.contains(entry.exit_status)) << entry.symbol;
    EXPECT_TRUE(entry.http >= 400 && entry.http < 600) << entry.symbol;
    EXPECT_FALSE(entry.title.empty()) << entry.symbol;
  }
  EXPECT_GT(numbers.size(), 50u);
}

TEST(Error, TextNamesNumberTitleDetailFaultsAndHint) {
  const Error error{Code::order_conflict, "order O1", {{"/items/0", Code::order_field_invalid, "quantity -1"}}};
  EXPECT_EQ(error.text(),
            "BS-3102 the order id was used with another body: order O1\n  /items/0 BS-3109: quantity -1\n"
            "  hint: a change of an order is a supplement or a new version");
}

Status passes_on(Status inner) {
  BS_TRY(inner);
  return fail(Code::usage, "not reached");
}

TEST(Error, TryReturnsTheErrorUnchanged) {
  const Status status = passes_on(fail(Code::disk_full, "{} of {}", 1, "x"));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::disk_full);
  EXPECT_EQ(status.error().detail, "1 of x");
  EXPECT_EQ(passes_on({}).error().code, Code::usage);
}

TEST(Error, ProblemDocumentFollowsTheTable) {
  const HttpResponse response = problem_response({Code::queue_full, "incoming \"x\"", {{"/a", Code::order_field_invalid, "b"}}});
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.content_type, "application/problem+json");
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].first, "Retry-After");
  EXPECT_EQ(response.body,
            R"({"type":"urn:backstitch:error:BS-4101","title":"QUEUE-FULL","status":429,"detail":"incoming \"x\"",)"
            R"("code":"BS-4101","hint":"try again after the Retry-After time","retryable":true,)"
            R"("errors":[{"pointer":"/a","code":"BS-3109","detail":"b"}]})");
}

TEST(AssertDeathTest, StopsTheProcessAndNamesTheReason) {
  EXPECT_DEATH(info(static_cast<Code>(1)), "BS-9001 assertion failed.*outside the table");
}

}  // namespace
}  // namespace backstitch
