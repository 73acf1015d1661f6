#include "demo/order_files.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/testing.h"
#include "rules/catalog_json.h"

namespace backstitch::demo {
namespace {

class OrderFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto text = read_file(std::string(SOURCE_FOLDER) + "/catalogs/mini/catalog.json");
    ASSERT_TRUE(text);
    const auto catalog = parse_catalog_text(*text);
    ASSERT_TRUE(catalog);
    catalog_ = *catalog;
  }
  OrderFiles write(int orders, std::uint64_t seed) {
    const auto files =
        write_order_files(*catalog_, {.orders = orders, .seed = seed}, Time{1'790'000'000'000'000}, 12'000, folder_.path());
    EXPECT_TRUE(files);
    return files.value_or(OrderFiles{});
  }
  std::string content(const std::string& path) { return read_file(path).value_or(""); }

  CatalogPtr catalog_;
  backstitch::testing::ScratchFolder folder_;
};

TEST_F(OrderFilesTest, TheClientHasATenthMoreUnderIdsOfItsOwn) {
  const OrderFiles files = write(50, 1);
  const std::string org = content(files.org), client = content(files.client);
  EXPECT_EQ(std::count(org.begin(), org.end(), '\n'), 50);
  EXPECT_EQ(std::count(client.begin(), client.end(), '\n'), 5);
  EXPECT_EQ(client.find("\"O-0"), std::string::npos);
  EXPECT_EQ(org.find("\"C-0"), std::string::npos);
  EXPECT_EQ(files.census.orders, 55);
}

TEST_F(OrderFilesTest, AreAFunctionOfTheSeed) {
  const std::string once = content(write(20, 7).org), again = content(write(20, 7).org), other = content(write(20, 8).org);
  EXPECT_EQ(once, again);
  EXPECT_NE(once, other);
}

TEST_F(OrderFilesTest, TheCensusCountsWhatTheRulesWillMake) {
  const Census census = write(40, 1).census;
  EXPECT_EQ(census.decomposing, census.orders);
  EXPECT_GT(census.items, census.callouts + census.manual);
  int by_interface = 0;
  for (const auto& [name, count] : census.callouts_by_interface) by_interface += count;
  EXPECT_EQ(by_interface, census.callouts);
  EXPECT_TRUE(census_faults(*catalog_, census).empty());
}

TEST_F(OrderFilesTest, OrdersThatProveLittleAreNamed) {
  Census census{
      .orders = 100, .callouts = 10, .with_callout = 10, .callouts_by_interface = {{"noc.provision", 9}, {"stock.reserve", 1}}};
  const auto faults = census_faults(*catalog_, census);
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_NE(faults[0].find("stock.reserve"), std::string::npos) << faults[0];
  EXPECT_NE(faults[1].find("courier.ship"), std::string::npos) << faults[1];
  EXPECT_NE(faults[2].find("10 of 100 orders"), std::string::npos) << faults[2];
}

}  // namespace
}  // namespace backstitch::demo
