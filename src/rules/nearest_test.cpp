#include "rules/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace backstitch {
namespace {

TEST(Nearest, FindsTheSlip) {
  const std::vector<std::string> names = {"retries", "timeoutMs", "interface"};
  EXPECT_EQ(nearest("retrys", names), "retries");
  EXPECT_EQ(nearest("timeoutms", names), "timeoutMs");
  EXPECT_EQ(nearest("intrface", names), "interface");
  EXPECT_EQ(nearest("colour", names), "");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace backstitch
