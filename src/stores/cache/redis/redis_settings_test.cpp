#include <gtest/gtest.h>

#include "stores/cache/redis/redis_cache.h"

namespace backstitch::cache {
namespace {

TEST(RedisSettings, AnAddressSaysWhereWhoAndHow) {
  const auto plain = redis_settings("redis://cache.example");
  ASSERT_TRUE(plain);
  EXPECT_EQ(fmt::format("{} {} {} {}{}", plain->host, plain->port, plain->database, plain->user, plain->password),
            "cache.example 6379 0 ");
  EXPECT_FALSE(plain->tls);
  const auto full = redis_settings("rediss://ada:s%40f%2Fe@10.0.0.7:7000/3");
  ASSERT_TRUE(full);
  EXPECT_EQ(fmt::format("{} {} {} {} {}", full->host, full->port, full->database, full->user, full->password),
            "10.0.0.7 7000 3 ada s@f/e");
  EXPECT_TRUE(full->tls);
  const auto nameless = redis_settings("redis://:secret@[::1]:7000/");
  ASSERT_TRUE(nameless);
  EXPECT_EQ(fmt::format("{} {} {}{}", nameless->host, nameless->port, nameless->user, nameless->password), "::1 7000 secret");
}

TEST(RedisSettings, WhatIsNoAddressIsRefusedWithoutItsPassword) {
  for (const char* wrong :
       {"", "redis:", "http://host", "redis://", "redis://host:0", "redis://host:70000", "redis://host:x", "redis://host/one",
        "redis://host/-1", "redis://hunter2@host", "redis://a:hunter2%@host", "redis://a:hunter2@", "redis://host:6379x/1"}) {
    const auto settings = redis_settings(wrong);
    ASSERT_FALSE(settings) << wrong;
    EXPECT_EQ(settings.error().code, Code::config_invalid) << wrong;
    EXPECT_EQ(settings.error().text().find("hunter2"), std::string::npos) << wrong;
  }
}

}  // namespace
}  // namespace backstitch::cache
