#include "demo/ledgers.h"

#include <gtest/gtest.h>

#include "base/testing.h"

namespace backstitch::demo {
namespace {

class LedgersTest : public ::testing::Test {
 protected:
  Status read(const std::string& content) {
    EXPECT_TRUE(write_file_durably(folder_ / "ledger.jsonl", content));
    return read_outside_ledger(folder_ / "ledger.jsonl", ledgers_);
  }
  backstitch::testing::ScratchFolder folder_;
  OutsideLedgers ledgers_;
};

TEST_F(LedgersTest, TakesTheClientsFile) {
  ASSERT_TRUE(read("{\"source\":\"c\",\"sourceOrderId\":\"C-1\",\"version\":2,\"sha256\":\"ab\"}\n"));
  EXPECT_EQ(ledgers_.acknowledged, (std::map<std::string, std::string>{{"c C-1 version 2", "ab"}}));
}

TEST_F(LedgersTest, TakesTheOrgsAcknowledgementsAndLastUpdates) {
  ASSERT_TRUE(
      read("{\"kind\":\"submission\",\"source\":\"o\",\"sourceOrderId\":\"O-1\",\"version\":1,\"sha256\":\"ab\"}\n"
           "{\"kind\":\"acknowledged\",\"source\":\"o\",\"sourceOrderId\":\"O-1\",\"version\":1,\"sha256\":\"ab\"}\n"
           "{\"kind\":\"submission\",\"source\":\"o\",\"sourceOrderId\":\"O-2\",\"version\":1,\"sha256\":\"cd\"}\n"
           "{\"kind\":\"rejected\",\"source\":\"o\",\"sourceOrderId\":\"O-3\",\"version\":1,\"sha256\":\"ef\"}\n"
           "{\"kind\":\"update\",\"type\":\"Order\",\"externalId\":\"O-1\",\"status\":\"InProgress\",\"arrival\":\"applied\"}\n"
           "{\"kind\":\"update\",\"type\":\"Order\",\"externalId\":\"O-1\",\"status\":\"Activated\",\"arrival\":\"applied\"}\n"
           "{\"kind\":\"update\",\"type\":\"Order\",\"externalId\":\"O-1\",\"status\":\"InProgress\",\"arrival\":\"stale\"}\n"
           "{\"kind\":\"update\",\"type\":\"Asset\",\"externalId\":\"O-1\",\"status\":\"Active\",\"arrival\":\"applied\"}\n"));
  EXPECT_EQ(ledgers_.acknowledged.size(), 1u) << "a submission alone is no acknowledgement";
  EXPECT_EQ(ledgers_.told, (std::map<std::string, std::string>{{"O-1", "Activated"}}));
  EXPECT_EQ(ledgers_.rejected, std::vector<std::string>{"o O-3 version 1"});
}

TEST_F(LedgersTest, WhatAKillLeftOfALastLineIsNoPartOfIt) {
  ASSERT_TRUE(read("{\"sourceOrderId\":\"C-1\",\"source\":\"c\",\"sha256\":\"ab\"}\n{\"sourceOrderId\":\"C-2\",\"sou"));
  EXPECT_EQ(ledgers_.acknowledged.size(), 1u);
}

TEST_F(LedgersTest, ABrokenLineInTheMiddleIsAnError) {
  const Status done = read("{\"sha256\n{\"source\":\"c\"}\n");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::json_invalid);
}

TEST_F(LedgersTest, TwoBodiesOfOneOrderAreAFault) {
  ASSERT_TRUE(
      read("{\"source\":\"c\",\"sourceOrderId\":\"C-1\",\"sha256\":\"ab\"}\n{\"source\":\"c\",\"sourceOrderId\":\"C-1\","
           "\"sha256\":\"cd\"}\n"));
  ASSERT_EQ(ledgers_.faults.size(), 1u);
  EXPECT_NE(ledgers_.faults.front().find("C-1"), std::string::npos);
}

TEST_F(LedgersTest, AMissingFileIsAnError) { EXPECT_FALSE(read_outside_ledger(folder_ / "none", ledgers_)); }

}  // namespace
}  // namespace backstitch::demo
