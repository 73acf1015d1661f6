#include "fold/catalog_library.h"

#include <gtest/gtest.h>

#include "rules/fixture.h"
#include "stores/safe/strict_fake.h"

namespace backstitch {
namespace {

class CatalogLibraryTest : public ::testing::Test {
 protected:
  safe::StrictFake safe;
  CatalogLibrary library{safe};
};

TEST_F(CatalogLibraryTest, StoredVersionIsOnTheShelfAndInTheSafe) {
  const auto stored = library.store(fixture::catalog_text("mini"));
  ASSERT_TRUE(stored.has_value()) << stored.error().text();
  EXPECT_EQ(library.find((*stored)->digest), *stored);
  EXPECT_EQ(safe.get("catalogs/" + (*stored)->digest).value(), fixture::catalog_text("mini"));
}

TEST_F(CatalogLibraryTest, AnotherLibraryLoadsItFromTheSafeOnce) {
  const std::string digest = library.store(fixture::catalog_text("mini")).value()->digest;
  CatalogLibrary later(safe);
  EXPECT_EQ(later.find(digest), nullptr);
  ASSERT_TRUE(later.load(digest));
  const CatalogPtr loaded = later.find(digest);
  ASSERT_NE(loaded, nullptr);
  EXPECT_NE(loaded->product("FIBER"), nullptr);
  ASSERT_TRUE(later.load(digest));
  EXPECT_EQ(later.find(digest), loaded);  // the same one: orders hold on to it
}

TEST_F(CatalogLibraryTest, NoVersionActiveIsNoError) { EXPECT_TRUE(library.load("")); }

TEST_F(CatalogLibraryTest, VersionThatIsNowhereIsNamed) {
  const Status missing = library.load(std::string(64, 'a'));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Code::catalog_version_missing);
  EXPECT_NE(missing.error().detail.find(std::string(64, 'a')), std::string::npos);
}

TEST_F(CatalogLibraryTest, ContentUnderAnotherNameIsRefused) {
  const std::string wrong(64, 'b');
  ASSERT_TRUE(safe.put("catalogs/" + wrong, fixture::catalog_text("mini")));
  const Status loaded = library.load(wrong);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, Code::checksum_mismatch);
  EXPECT_EQ(library.find(wrong), nullptr);
}

TEST_F(CatalogLibraryTest, BrokenContentIsNotKept) {
  EXPECT_FALSE(library.store("{\"format\":\"backstitch.catalog/1\"").has_value());
  EXPECT_EQ(safe.writes(), 0u);
}

TEST_F(CatalogLibraryTest, VersionThatTheSafeDidNotTakeIsNotOnTheShelf) {
  safe.fail_next_write(Code::disk_full);
  const auto stored = library.store(fixture::catalog_text("mini"));
  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().code, Code::disk_full);
  EXPECT_EQ(library.find(fixture::load("mini")->digest), nullptr);
}

}  // namespace
}  // namespace backstitch
