#include "recovery/registry/stores.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace backstitch::recovery {
namespace {

TEST(StoreRegistry, HoldsTheFifteenStoresAndTheSafe) {
  ASSERT_EQ(all_stores().size(), 16u);
  std::set<std::string_view> names;
  for (int number = 1; number <= 15; ++number) EXPECT_EQ(all_stores()[static_cast<std::size_t>(number - 1)].number, number);
  for (const StoreEntry& entry : all_stores()) {
    names.insert(entry.name);
    EXPECT_FALSE(entry.holds.empty()) << entry.name;
    EXPECT_FALSE(entry.comes_back.empty()) << entry.name;
    EXPECT_FALSE(entry.lost.empty()) << entry.name;
    EXPECT_FALSE(entry.rebuilt_by.empty()) << entry.name;
    EXPECT_FALSE(entry.command.empty()) << entry.name;
  }
  EXPECT_EQ(names.size(), 16u);
  EXPECT_EQ(all_stores().back().name, "safe");
}

TEST(StoreRegistry, DerivedStoresNameTheirSource) {
  for (const StoreEntry& entry : all_stores()) {
    if (entry.store_class == StoreClass::derived) {
      EXPECT_NE(find_store(entry.source), nullptr) << entry.name;
    } else if (entry.store_class != StoreClass::disposable) {
      EXPECT_TRUE(entry.source.empty()) << entry.name;
    }
  }
}

TEST(StoreRegistry, TheGraphTouchesEveryStoreAndNamesNoOther) {
  std::set<std::string_view> touched;
  for (const StoreEdge& edge : store_edges())
    for (const std::string_view name : {edge.from, edge.to}) {
      EXPECT_NE(find_store(name), nullptr) << name;
      touched.insert(name);
    }
  EXPECT_EQ(touched.size(), all_stores().size());
}

TEST(StoreRegistry, FindsByNameAndNumber) {
  ASSERT_NE(find_store("8"), nullptr);
  EXPECT_EQ(find_store("8")->name, "queue-completer");
  EXPECT_EQ(find_store("queue-incoming")->store_class, StoreClass::critical);
  EXPECT_EQ(find_store("16"), nullptr);
  EXPECT_EQ(find_store("0"), nullptr);
  EXPECT_EQ(find_store(""), nullptr);
}

}  // namespace
}  // namespace backstitch::recovery
