#include "cli/table.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;

TEST(Table, NumbersStandOnTheRightAndUmlautsCountOnce) {
  EXPECT_EQ(table_text({"NAME", "COUNT"}, {{"Gemüse", "7"}, {"x", "120"}}), "NAME    COUNT\nGemüse      7\nx         120\n");
  EXPECT_EQ(table_text({"NAME", "STATE"}, {}), "NAME  STATE\n");
}

TEST(Table, MembersThatAreMissingStayEmpty) {
  const array items{object{{"id", "a"}, {"plan", object{{"state", "Completed"}}}}, object{{"id", "bb"}}};
  EXPECT_EQ(table_of(items, {{"ID", "id"}, {"PLAN", "plan.state"}}), "ID  PLAN\na   Completed\nbb\n");
}

TEST(Table, CellsReadLikeWords) {
  EXPECT_EQ(cell_text(nullptr), "");
  EXPECT_EQ(cell_text(true), "yes");
  EXPECT_EQ(cell_text(array{"a", 1}), "a, 1");
  EXPECT_EQ(cell_text(object{}), "");
  EXPECT_EQ(cell_text(object{{"circuit", "C-1"}}), R"({"circuit":"C-1"})");
}

TEST(Table, DescribeShowsScalarsListsAndObjectsAndLeavesOut) {
  const object order{{"id", "ord_1"},
                     {"state", "Activated"},
                     {"document", object{{"secret", 1}}},
                     {"note", nullptr},
                     {"lines", array{object{{"id", 1}, {"action", "Add"}}, object{{"id", 2}}}},
                     {"plan", object{{"state", "Completed"}}}};
  EXPECT_EQ(describe(order, {"document"}),
            "id     ord_1\nstate  Activated\nlines\n  id  action\n   1  Add\n   2\nplan\n  state  Completed\n");
}

}  // namespace
}  // namespace backstitch::cli
