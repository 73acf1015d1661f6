// The contract on every cache we have, and on one that is wrong; and the bound of the one in memory.
#include "contract/cache_contract.h"

#include <gtest/gtest.h>

#include "contract/flaws.h"
#include "stores/cache/memory/memory_cache.h"
#include "stores/cache/strict_fake.h"
#include "stores/cache/wrong_fake.h"

namespace backstitch::cache {
namespace {

class CacheContract : public ::testing::TestWithParam<contract::CacheCase> {};

TEST_P(CacheContract, HoldsInMemory) { EXPECT_EQ(GetParam().run(*make_memory_cache()), ""); }

TEST_P(CacheContract, HoldsOnTheStrictFake) {
  StrictFake cache;
  EXPECT_EQ(GetParam().run(cache), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, CacheContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST(WrongCache, IsSeenByTheContract) {
  contract::expect_flaws_are_seen(contract::cases(), all_wrongs(),
                                  [](const std::set<Wrong>& wrongs) { return WrongFake(wrongs); });
}

std::string kept(Cache& cache) {
  std::string keys;
  for (const char* key : {"a", "b", "c", "d"})
    if (cache.get("grants", key, contract::start).value()) keys += key;
  return keys;
}

TEST(MemoryCache, WhatExpiresFirstGoesFirstWhenItIsFull) {
  const auto cache = make_memory_cache(2);
  const auto put = [&](const std::string& key, std::int64_t ttl_ms) {
    EXPECT_TRUE(cache->put("grants", 1, key, "x", contract::start, ttl_ms).value());
  };
  put("a", 5000), put("b", 1000), put("c", 9000);
  EXPECT_EQ(kept(*cache), "ac");
  put("a", 10'000);
  EXPECT_EQ(kept(*cache), "ac") << "replacing needs no room";
  put("d", 7000);
  EXPECT_EQ(kept(*cache), "ad");
}

TEST(MemoryCache, ExpiredEntriesMakeRoom) {
  const auto cache = make_memory_cache(2);
  for (const char* key : {"a", "b"}) EXPECT_TRUE(cache->put("grants", 1, key, "x", contract::start, 1000).value());
  EXPECT_TRUE(cache->put("grants", 1, "c", "x", contract::start.plus_ms(1000), 1000).value());
  EXPECT_EQ(kept(*cache), "c");
}

TEST(StrictCache, ForgetsOnDemandButNotItsGeneration) {
  StrictFake cache;
  const Generation second = cache.switch_generation("grants").value();
  EXPECT_TRUE(cache.put("grants", second, "a", "x", contract::start, 1000).value());
  cache.forget();
  EXPECT_FALSE(cache.get("grants", "a", contract::start).value());
  EXPECT_EQ(cache.generation("grants").value(), second);
}

}  // namespace
}  // namespace backstitch::cache
