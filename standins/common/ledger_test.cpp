#include "standins/common/ledger.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <thread>
#include <vector>

namespace backstitch::standin {
namespace {

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/standin-ledger-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    path_ = folder_ + "/ledger.jsonl";
  }
  void TearDown() override { EXPECT_TRUE(remove_tree(folder_)); }

  Result<std::unique_ptr<Ledger>> open() {
    seen_.clear();
    return Ledger::open(path_, [this](const boost::json::object& line) {
      seen_.push_back(line.at("n").as_int64());
      return Status{};
    });
  }
  void write(std::string_view content) { ASSERT_TRUE(write_file_durably(path_, content)); }

  std::string folder_, path_;
  std::vector<std::int64_t> seen_;
};

TEST_F(LedgerTest, KeepsLinesInTheOrderOfAppend) {
  {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    for (int n = 1; n <= 3; ++n) (*ledger)->append({{"n", n}});
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(seen_, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(LedgerTest, ALineIsOnTheDiskWhenTheWaitReturns) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  (*ledger)->wait_durable((*ledger)->append({{"n", 7}}));
  EXPECT_EQ(read_file(path_).value(), "{\"n\":7}\n");
}

TEST_F(LedgerTest, CutsATornTailAndGoesOnBehindTheLastWholeLine) {
  write("{\"n\":1}\n{\"n\":2");
  {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    EXPECT_EQ(seen_, (std::vector<std::int64_t>{1}));
    (*ledger)->append({{"n", 3}});
  }
  EXPECT_EQ(read_file(path_).value(), "{\"n\":1}\n{\"n\":3}\n");
}

TEST_F(LedgerTest, RefusesABrokenLineInTheMiddleAndNamesIt) {
  write("{\"n\":1}\n{\"n\":\n{\"n\":3}\n");
  auto ledger = open();
  ASSERT_FALSE(ledger);
  EXPECT_NE(ledger.error().detail.find("line 2"), std::string::npos) << ledger.error().detail;
}

TEST_F(LedgerTest, WritersTogetherLoseNothing) {
  {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer)
      writers.emplace_back([&, writer] {
        for (int n = 0; n < 50; ++n) (*ledger)->wait_durable((*ledger)->append({{"n", writer * 50 + n}}));
      });
    for (auto& writer : writers) writer.join();
  }
  ASSERT_TRUE(open());
  std::sort(seen_.begin(), seen_.end());
  ASSERT_EQ(seen_.size(), 200u);
  for (int n = 0; n < 200; ++n) EXPECT_EQ(seen_[n], n);
}

}  // namespace
}  // namespace backstitch::standin
