// The cache on a real Redis: its contract, and what another client of the server sees and does.
#include <thread>

#include "contract/cache_contract.h"
#include "redis_house.h"

namespace backstitch::cache {
namespace {

using contract::start;
constexpr std::int64_t ttl_ms = contract::ttl_ms;

class RedisTest : public ::testing::TestWithParam<contract::CacheCase> {
 protected:
  static void SetUpTestSuite() { house = std::make_unique<servers::RedisHouse>(); }
  static void TearDownTestSuite() { house.reset(); }
  void SetUp() override {
    house->cli({"FLUSHALL"});
    cache = house->open();
  }
  std::string place(Generation generation, const std::string& key) {
    return fmt::format("backstitch:grants:{}:{}", generation, key);
  }
  Generation generation() { return cache->generation("grants").value(); }
  std::string get(const std::string& key) { return contract::get(*cache, "grants", key); }

  static inline std::unique_ptr<servers::RedisHouse> house;
  std::unique_ptr<Cache> cache;
};

TEST_P(RedisTest, KeepsTheContract) { EXPECT_EQ(GetParam().run(*cache), ""); }

INSTANTIATE_TEST_SUITE_P(Cases, RedisTest, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST_F(RedisTest, AnotherClientSeesKeysThatSayWhatTheyAre) {
  contract::put(*cache, "grants", "ada", "x");
  EXPECT_EQ(house->cli({"KEYS", "*:ada"}), place(generation(), "ada"));
  EXPECT_EQ(house->cli({"GET", place(generation(), "ada")}), fmt::format("{} x", start.plus_ms(ttl_ms).us));
  EXPECT_EQ(house->cli({"HGET", "backstitch:grants:generation", "number"}), std::to_string(generation()));
  EXPECT_EQ(house->cli({"DBSIZE"}), "2");
}

TEST_F(RedisTest, APlantedEntryIsReadUntilTheSwitch) {
  house->cli({"SET", place(generation(), "ada"), fmt::format("{} planted", start.plus_ms(1).us)});
  EXPECT_EQ(get("ada"), "planted");
  ASSERT_TRUE(cache->switch_generation("grants"));
  EXPECT_EQ(get("ada"), "nothing");
}

TEST_F(RedisTest, WhatCannotBeReadIsNotThere) {
  for (const char* text : {"", "x", "12", "x y", "99999999999999999999999 x"}) {
    house->cli({"SET", place(generation(), "ada"), text});
    EXPECT_EQ(get("ada"), "nothing") << text;
  }
}

TEST_F(RedisTest, TheServerForgetsWhatNobodyAsksFor) {
  ASSERT_TRUE(cache->put("grants", generation(), "ada", "x", start, 50).value());
  EXPECT_TRUE(testing::wait_until([&] { return house->cli({"EXISTS", place(generation(), "ada")}) == "0"; }));
  EXPECT_EQ(get("ada"), "nothing") << "though the caller's clock stands still";
}

/// Values are the generation they were loaded in: after a switch none that is older may be readable.
TEST_F(RedisTest, APutThatRacesWithASwitchIsNeverReadableAfterIt) {
  std::atomic<bool> over{false};
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i)
    writers.emplace_back([&] {
      const auto mine = house->open();
      while (!over) {
        const auto made_in = mine->generation("grants");
        static_cast<void>(mine->put("grants", *made_in, "ada", std::to_string(*made_in), start, ttl_ms));
      }
    });
  int read = 0;
  for (int i = 0; i < 300; ++i) {
    const Generation switched = cache->switch_generation("grants").value();
    for (int n = 0; n < 5; ++n)
      if (const auto value = cache->get("grants", "ada", start).value()) {
        EXPECT_GE(std::stoull(*value), switched);
        ++read;
      }
  }
  over = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(read, 0) << "nothing was put meanwhile: this proves nothing";
}

// What a cache may lose, it must lose as a whole.

TEST_F(RedisTest, AfterAFlushNothingOfBeforeCounts) {
  contract::put(*cache, "grants", "ada", "x");
  const Generation before = cache->switch_generation("grants").value();
  house->cli({"FLUSHALL"});
  EXPECT_FALSE(cache->put("grants", before, "ada", "loaded before", start, ttl_ms).value());
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_GT(generation(), before);
  EXPECT_GT(house->open()->generation("grants").value(), before) << "for a client, too, that has never been here";
}

TEST_F(RedisTest, AnEvictedGenerationTakesItsEntriesWithIt) {
  contract::put(*cache, "grants", "ada", "x");
  const Generation before = generation();
  house->cli({"DEL", "backstitch:grants:generation"});
  EXPECT_EQ(house->cli({"EXISTS", place(before, "ada")}), "1");
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_GT(generation(), before);
}

TEST_F(RedisTest, AGenerationBelowOneThatWasSeenIsNotBelieved) {
  contract::put(*cache, "grants", "ada", "revoked");
  const Generation old = generation();
  const Generation seen = cache->switch_generation("grants").value();
  house->cli({"HSET", "backstitch:grants:generation", "number", std::to_string(old)});
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_GT(generation(), seen);
}

TEST_F(RedisTest, WhatARestartBringsBackIsNotBelieved) {
  contract::put(*cache, "grants", "ada", "x");
  const Generation before = generation();
  house->server.kill_hard();
  const auto down = cache->get("grants", "ada", start);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, Code::unreachable) << down.error().text();
  const Status again = house->server.start_again();
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(house->cli({"EXISTS", place(before, "ada")}), "1") << "it is there, and could be from before a switch";
  const auto other = house->open();
  EXPECT_EQ(contract::get(*other, "grants", "ada"), "nothing");
  EXPECT_FALSE(cache->put("grants", before, "ada", "loaded before", start, ttl_ms).value());
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_GT(generation(), before);
  EXPECT_TRUE(contract::put(*cache, "grants", "ada", "y"));
  EXPECT_EQ(get("ada"), "y");
}

/// The worst case: the data of before a switch and a sign-out come back, and no process is left that remembers them.
TEST_F(RedisTest, AnOldSnapshotBringsNoEntryBackToLife) {
  const std::string data = house->folder / "redis/data", snapshot = house->folder / "snapshot";
  contract::put(*cache, "grants", "ada", "revoked"), contract::put(*cache, "sessions", "s", "signed out");
  const Generation old = generation();
  ASSERT_EQ(backstitch::run({.argv = {"cp", "-r", data, snapshot}}, 10'000)->exit_status, 0);
  const Generation switched = cache->switch_generation("grants").value();
  ASSERT_TRUE(cache->remove("sessions", "s"));
  house->server.kill_hard();
  ASSERT_EQ(backstitch::run({.argv = {"rm", "-rf", data}}, 10'000)->exit_status, 0);
  ASSERT_EQ(backstitch::run({.argv = {"mv", snapshot, data}}, 10'000)->exit_status, 0);
  ASSERT_TRUE(house->server.start_again());
  ASSERT_EQ(house->cli({"HGET", "backstitch:grants:generation", "number"}), std::to_string(old));
  ASSERT_EQ(house->cli({"EXISTS", place(old, "ada")}), "1");
  cache = house->open();
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_EQ(contract::get(*cache, "sessions", "s"), "nothing");
  EXPECT_GT(generation(), switched);
}

TEST_F(RedisTest, ACopyThatWasPromotedIsNotBelieved) {
  contract::put(*cache, "grants", "ada", "x");
  house->cli({"REPLICAOF", "127.0.0.1", "1"});
  const auto switched = cache->switch_generation("grants");
  ASSERT_FALSE(switched) << "a copy takes no writes";
  EXPECT_EQ(switched.error().code, Code::unreachable) << switched.error().text();
  house->cli({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(get("ada"), "nothing");
}

}  // namespace
}  // namespace backstitch::cache
