#include "standins/org/records.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace backstitch::standin {
namespace {

Update order(std::int64_t epoch, std::int64_t version, const std::string& status) {
  return {.type = "Order",
          .external_id = "O1",
          .epoch = epoch,
          .version = version,
          .status = status,
          .fields = "{\"Status\":\"" + status + "\"}",
          .at = {1'000'000}};
}

TEST(Records, AStateNeverMovesBackwards) {
  Records records;
  EXPECT_EQ(records.apply(order(1, 5, "InProgress")), Arrival::applied);
  EXPECT_EQ(records.apply(order(1, 4, "Submitted")), Arrival::stale);
  EXPECT_EQ(records.find("Order", "O1")->last.status, "InProgress");
  EXPECT_EQ(records.apply(order(1, 6, "Activated")), Arrival::applied);
  EXPECT_EQ(records.find("Order", "O1")->last.status, "Activated");
}

TEST(Records, TheEpochWeighsMoreThanTheVersion) {
  Records records;
  records.apply(order(1, 9, "Activated"));
  EXPECT_EQ(records.apply(order(2, 1, "InProgress")), Arrival::applied);
  EXPECT_EQ(records.apply(order(1, 10, "Activated")), Arrival::stale);
  EXPECT_EQ(records.find("Order", "O1")->last.status, "InProgress");
}

TEST(Records, TheSamePlaceTwiceIsRepeatedOrDiffering) {
  Records records;
  records.apply(order(1, 1, "InProgress"));
  EXPECT_EQ(records.apply(order(1, 1, "InProgress")), Arrival::repeated);
  EXPECT_EQ(records.apply(order(1, 1, "Activated")), Arrival::differing);
  EXPECT_EQ(records.find("Order", "O1")->last.status, "InProgress");
}

TEST(Records, ALineReadAgainIsTheSameUpdate) {
  const auto update = read_update({{"attributes", {{"type", "Asset"}}},
                                   {"ExternalId__c", "A1"},
                                   {"Epoch__c", "3"},
                                   {"Version__c", 7},
                                   {"Status", "Active"},
                                   {"Quantity", 2}},
                                  Time{5'000'000});
  ASSERT_TRUE(update);
  EXPECT_EQ(update->epoch, 3);
  const auto again = read_update_line(update_line(*update, Arrival::applied));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->fields, update->fields);
  EXPECT_EQ(again->version, 7);
  EXPECT_EQ(again->at, update->at);
}

TEST(Records, NamesTheMissingField) {
  const auto update = read_update({{"attributes", {{"type", "Order"}}}, {"ExternalId__c", "O1"}, {"Epoch__c", 1}}, Time{1});
  ASSERT_FALSE(update);
  EXPECT_EQ(update.error().detail, "Version__c");
}

}  // namespace
}  // namespace backstitch::standin
