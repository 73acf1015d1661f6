#include "api/open_stores.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/testing.h"

namespace backstitch {
namespace {

Config with_cache(const char* adapter, std::string url) {
  Config config;
  config.cache_adapter = adapter, config.cache_url = std::move(url);
  return config;
}

void expect_refused(const Config& config, const char* words) {
  const auto cache = open_cache(config);
  ASSERT_FALSE(cache.has_value()) << config.cache_url;
  EXPECT_EQ(cache.error().code, Code::config_invalid);
  EXPECT_NE(cache.error().text().find(words), std::string::npos) << cache.error().text();
}

TEST(OpenStores, AnAddressThatHoldsAPasswordIsNamedAndNotWritten) {
  const testing::ScratchFolder scratch;
  ASSERT_TRUE(write_file_durably(scratch / "redis", "redis://:hunter2@127.0.0.1:1/0\n"));
  ::setenv("TESTING_CACHE_URL", "redis://:hunter2@127.0.0.1:1/0", 1);
  EXPECT_TRUE(open_cache(with_cache("redis", "file:" + (scratch / "redis"))));
  EXPECT_TRUE(open_cache(with_cache("redis", "env:TESTING_CACHE_URL")));
  EXPECT_TRUE(open_cache(with_cache("riak", "http://127.0.0.1:1")));
  ::unsetenv("TESTING_CACHE_URL");
  expect_refused(with_cache("redis", "env:TESTING_CACHE_URL"), "TESTING_CACHE_URL is not set");
  expect_refused(with_cache("redis", "file:" + (scratch / "none")), "cache.url");
}

TEST(OpenStores, APasswordOfADatabaseIsNamedAndNotWritten) {
  const testing::ScratchFolder scratch;
  ASSERT_TRUE(write_file_durably(scratch / "database", "postgresql://b:hunter2@127.0.0.1/b\n"));
  Config config;
  config.database_adapter = "external";
  for (const std::string& good : {"file:" + (scratch / "database"), std::string("postgresql://b@127.0.0.1/b")}) {
    config.database_url = good;
    const auto address = database_address(config);
    ASSERT_TRUE(address) << address.error().text();
    EXPECT_EQ(address->place, "127.0.0.1:5432/b");
  }
  for (const char* bad : {"postgresql://b:hunter2@127.0.0.1", "redis://127.0.0.1", "env:TESTING_NOT_SET"}) {
    config.database_url = bad;
    const auto address = database_address(config);
    ASSERT_FALSE(address) << bad;
    EXPECT_EQ(address.error().code, Code::config_invalid);
    EXPECT_EQ(address.error().text().find("hunter2"), std::string::npos);
  }
}

TEST(OpenStores, OnlyFilesOfOurOwnAreWorkedOn) {
  Config config;
  EXPECT_TRUE(need_own_database(config, "a recovery"));
  config.database_adapter = "external";
  const Status refused = need_own_database(config, "a recovery");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_yet);
  EXPECT_NE(refused.error().text().find("a recovery"), std::string::npos);
}

TEST(OpenStores, AnAddressOfAnotherKindIsRefused) {
  expect_refused(with_cache("redis", ""), "");
  expect_refused(with_cache("redis", "http://127.0.0.1:1"), "redis");
  expect_refused(with_cache("riak", "redis://127.0.0.1:1"), "");
}

}  // namespace
}  // namespace backstitch
