#include "recovery/repair/difference.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "model/identity.h"

namespace backstitch::recovery {
namespace {

namespace json = boost::json;

const Bits128 first{0x1111, 0x2222'0000'0000'0000}, second{0x3333, 0x4444'0000'0000'0000};

class RepairDifference : public ::testing::Test {
 protected:
  using Rows = std::vector<database::AccountRow>;
  static std::string child(Bits128 order) { return uuid_text({order.hi, order.lo | 7}); }
  static database::AccountRow row(const std::string& table, const std::string& id, Bits128 order, json::object columns) {
    columns["id"] = id;
    return {table, id, order, write_json(columns)};
  }
  static database::AccountRow head(Bits128 order, const std::string& account) {
    return row("orders", uuid_text(order), order, {{"account_id", account}, {"state", "InProgress"}});
  }
  static database::AccountRow item(const std::string& state, int call = 1) {
    return row("item", child(first), first,
               {{"state", state}, {"attempt", 1}, {"call", call}, {"digest", 9}, {"error", nullptr}});
  }
  static database::AccountRow event(Bits128 order, int turn, const std::string& data) {
    return {"event", uuid_text(order) + "/" + std::to_string(turn), order,
            write_json(json::object{{"order_id", uuid_text(order)}, {"turn", turn}, {"count", 1}, {"data", data}})};
  }
  static database::AccountRow asset(const std::string& id, const std::string& account, int quantity) {
    return row("asset", id, {}, {{"account_id", account}, {"quantity", quantity}, {"changed_by", uuid_text(second)}});
  }
  void compare(const Rows& here, const Rows& there) {
    live = AccountSide::read(here).value(), corrected = AccountSide::read(there).value();
    found = compare_rows("A-1", live, corrected);
    record = repair_rows("A-1", found, live, corrected);
  }
  std::string told() const {
    std::string out;
    for (const RowDifference& one : found.rows)
      out += one.table + " " + one.column + ": " + (one.live.is_object() ? "row" : write_json(one.live)) + " -> " +
             (one.corrected.is_object() ? "row" : write_json(one.corrected)) + "\n";
    return out;
  }
  std::size_t count(const char* side, const char* table) const {
    const json::value* rows = record.at(side).as_object().if_contains(table);
    return rows ? rows->as_array().size() : 0;
  }
  AccountSide live, corrected;
  AccountDifference found;
  json::object record;
};

TEST_F(RepairDifference, NamesColumnsAndWritesTheWholeOrder) {
  compare({head(first, "A-1"), item("Failed"), head(second, "A-1")}, {head(first, "A-1"), item("OnHold"), head(second, "A-1")});
  EXPECT_EQ(told(), "item state: \"Failed\" -> \"OnHold\"\n");
  EXPECT_EQ(found.obstacle, "");
  EXPECT_EQ(count("rows", "orders"), 1u) << "the other order does not differ";
  EXPECT_EQ(count("rows", "item"), 1u);
  EXPECT_EQ(count("taken", "orders"), 1u);
}

TEST_F(RepairDifference, RowsThatAreGoneAndRowsThatNobodyAskedFor) {
  compare({head(second, "A-1"), asset("bogus", "A-1", 1)}, {head(first, "A-1"), asset("right", "A-1", 1)});
  EXPECT_EQ(told(), "asset : row -> null\norders : row -> null\nasset : null -> row\norders : null -> row\n");
  EXPECT_EQ(count("rows", "orders"), 1u);
  EXPECT_EQ(count("taken", "orders"), 2u) << "what is there is taken away, also of the order that is written anew";
  EXPECT_EQ(count("rows", "asset"), 1u);
  EXPECT_EQ(count("taken", "asset"), 1u);
}

TEST_F(RepairDifference, WhatIsInTheAirIsAnObstacle) {
  compare({head(first, "A-1"), item("Completed")}, {head(first, "A-1"), item("Running")});
  EXPECT_NE(found.obstacle.find("in the air"), std::string::npos) << found.obstacle;
  compare({head(first, "A-1"), item("Running", 2)}, {head(first, "A-1"), item("Running", 1)});
  EXPECT_NE(found.obstacle, "");
  compare({head(first, "A-1")}, {head(first, "A-1"), item("Running")});
  EXPECT_NE(found.obstacle, "") << "its row is gone";
  compare({head(first, "A-2"), item("Running")}, {head(first, "A-1"), item("Running")});
  EXPECT_EQ(found.obstacle, "") << "its order differs, it does not";
}

TEST_F(RepairDifference, WhatIsAnotherAccountsIsRepairedWithThat) {
  compare({asset("a", "A-1", 1)}, {asset("a", "A-2", 1)});
  EXPECT_NE(found.obstacle.find("A-2"), std::string::npos) << found.obstacle;
  compare({head(first, "A-1")}, {head(first, "A-2")});
  EXPECT_NE(found.obstacle.find("A-2"), std::string::npos) << found.obstacle;
  compare({asset("a", "A-2", 1)}, {asset("a", "A-1", 1)});
  EXPECT_EQ(found.obstacle, "") << "here it is ours";
  EXPECT_EQ(count("rows", "asset"), 1u);
  EXPECT_EQ(count("taken", "asset"), 0u);
}

TEST_F(RepairDifference, EventsCountAsOneTextAnOrder) {
  const Rows cut_otherwise{head(first, "A-1"), event(first, 12, "b"), event(first, 3, "a")};
  compare(cut_otherwise, {head(first, "A-1"), event(first, 1, "ab")});
  EXPECT_EQ(told(), "") << "turns cut them differently in every run";
  Rows damaged = cut_otherwise, right{head(first, "A-1"), event(first, 1, "ab")};
  damaged.push_back(item("Failed")), right.push_back(item("OnHold"));
  compare(damaged, right);
  ASSERT_EQ(count("rows", "event"), 2u) << "they are right, and keep their turns";
  EXPECT_EQ(record.at("rows").at("event").at(0).at("turn"), 3);
  compare({head(first, "A-1"), event(first, 3, "a")}, {head(first, "A-1"), event(first, 1, "a"), event(first, 2, "b")});
  EXPECT_EQ(told(), "event data: \"a\" -> \"ab\"\n");
  ASSERT_EQ(count("rows", "event"), 1u);
  EXPECT_EQ(record.at("rows").at("event").at(0).at("turn"), 0) << "that of the repair";
  EXPECT_EQ(record.at("rows").at("event").at(0).at("count"), 2);
}

TEST_F(RepairDifference, TheOrderThatChangedAnAssetComesWithIt) {
  compare({head(second, "A-1"), asset("a", "A-1", 7)}, {head(second, "A-1"), asset("a", "A-1", 1)});
  EXPECT_EQ(told(), "asset quantity: 7 -> 1\n");
  EXPECT_TRUE(found.orders.empty());
  EXPECT_EQ(count("rows", "orders"), 1u) << "the CRM is told of the asset by it";
}

}  // namespace
}  // namespace backstitch::recovery
