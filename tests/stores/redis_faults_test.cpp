// What a cache on Redis says and does when there is no answer, half of one, or none for us.
#include <thread>

#include "base/net/raw_socket_testing.h"
#include "contract/cache_contract.h"
#include "harness/tcp_gate.h"
#include "redis_house.h"

namespace backstitch::cache {
namespace {

using contract::start;
using testing::RawSocket;

std::string error_of(const Result<std::optional<std::string>>& got) {
  return got ? "an answer" : code_text(got.error().code) + " " + got.error().detail;
}
std::int64_t ms_of(const std::function<void()>& what) {
  const auto begun = monotonic_ms();
  what();
  return monotonic_ms() - begun;
}

TEST(RedisFaults, NobodyListens) {
  RedisSettings settings;
  settings.port = servers::free_ports(1);
  const auto got = open_redis_cache(settings).value()->get("grants", "ada", start);
  EXPECT_EQ(error_of(got), fmt::format("BS-1104 cache at 127.0.0.1:{}: Connection refused", settings.port));
}

/// A peer that reads a call and then does what a test says.
std::string error_after(const std::function<void(RawSocket&)>& peer_does, RedisSettings settings = {}) {
  const RawSocket listener = RawSocket::listen(settings.port);
  settings.timeout_ms = 300;
  std::thread peer([&] {
    RawSocket there = listener.accept();
    there.read_to("ada\r\n");
    peer_does(there);
    if (there.ok()) there.read_all();
  });
  auto cache = open_redis_cache(settings).value();
  const std::string error = error_of(cache->get("grants", "ada", start));
  cache.reset();
  peer.join();
  return error.substr(0, error.find(' '));
}

TEST(RedisFaults, AConnectionLostInTheMiddleIsAnError) {
  EXPECT_EQ(error_after([](RawSocket& peer) { peer.close(); }), "BS-1104");
  EXPECT_EQ(error_after([](RawSocket& peer) { peer.send("$100\r\nhalf"), peer.close(); }), "BS-1104");
}

TEST(RedisFaults, SilenceEndsWithTheTimeout) {
  std::string error;
  EXPECT_LT(ms_of([&] { error = error_after([](RawSocket& peer) { peer.send("$100\r\nhalf"); }); }), 5'000);
  EXPECT_EQ(error, "BS-1104");
}

TEST(RedisFaults, AnotherLanguageIsAnError) {
  EXPECT_EQ(error_after([](RawSocket& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); }), "BS-1104");
  EXPECT_EQ(error_after([](RawSocket& peer) { peer.send("-LOADING Redis is loading the dataset in memory\r\n"); }), "BS-1104");
  EXPECT_EQ(error_after([](RawSocket& peer) { peer.send("*1\r\n:1\r\n"); }), "BS-9001");
}

class RedisFaultsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house = std::make_unique<servers::RedisHouse>(); }
  static void TearDownTestSuite() { house.reset(); }
  static inline std::unique_ptr<servers::RedisHouse> house;
};

TEST_F(RedisFaultsTest, AnAnswerThatComesLateIsNotTakenForTheNext) {
  house->settings.timeout_ms = 300;
  const auto cache = house->open();
  contract::put(*cache, "grants", "ada", "ada's"), contract::put(*cache, "grants", "bob", "bob's");
  house->cli({"CLIENT", "PAUSE", "1000", "ALL"});
  EXPECT_TRUE(error_of(cache->get("grants", "ada", start)).ends_with("no answer in time"));
  EXPECT_TRUE(testing::wait_until([&] { return cache->get("grants", "bob", start).has_value(); }));
  EXPECT_EQ(contract::get(*cache, "grants", "bob"), "bob's");
  EXPECT_EQ(contract::get(*cache, "grants", "ada"), "ada's");
}

TEST_F(RedisFaultsTest, ConnectionsThatTheServerClosedAreMadeAgain) {
  const auto cache = house->open();
  contract::put(*cache, "grants", "ada", "x");
  house->cli({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_EQ(contract::get(*cache, "grants", "ada"), "x");
}

TEST_F(RedisFaultsTest, ManyCallersDoNotWaitForEachOther) {
  const auto cache = house->open();
  contract::put(*cache, "grants", "ada", "x");
  std::atomic<int> right{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      for (int n = 0; n < 100; ++n) right += cache->get("grants", "ada", start).value_or(std::nullopt) == "x";
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 800);
}

TEST_F(RedisFaultsTest, AnotherDatabaseOfTheServerIsAnotherCache) {
  const auto first = house->open();
  contract::put(*first, "grants", "ada", "x");
  RedisSettings settings = house->settings;
  settings.database = 3;
  EXPECT_EQ(contract::get(*open_redis_cache(settings).value(), "grants", "ada"), "nothing");
  settings.database = 99;
  EXPECT_TRUE(error_of(open_redis_cache(settings).value()->get("grants", "ada", start)).starts_with("BS-1002"));
}

TEST_F(RedisFaultsTest, AUserWhoMayTooLittleIsTold) {
  house->cli({"ACL", "SETUSER", "ada", "on", ">hunter2", "~backstitch:*", "+@all", "-info"});
  RedisSettings settings = house->settings;
  settings.user = "ada", settings.password = "hunter2";
  const std::string error = error_of(open_redis_cache(settings).value()->get("grants", "ada", start));
  EXPECT_TRUE(error.starts_with("BS-1002")) << error;
  house->cli(
      {"ACL", "SETUSER", "ada", "nocommands", "+auth", "+eval", "+info", "+time", "+hmget", "+hset", "+get", "+set", "+del"});
  const auto cache = open_redis_cache(settings).value();
  EXPECT_TRUE(contract::put(*cache, "grants", "ada", "x")) << "this is enough";
  EXPECT_EQ(contract::get(*cache, "grants", "ada"), "x");
}

// What stands in the cache is what was put, whatever the wire does; what failed is an error, and it goes on by itself.
TEST_F(RedisFaultsTest, BehindAGateThatClosesDelaysSwallowsAndCuts) {
  testing::TcpGate gate(house->server.port());
  RedisSettings settings = house->settings;
  settings.port = gate.port(), settings.timeout_ms = 300;
  const auto cache = open_redis_cache(settings).value();
  int n = 0;
  const auto goes_on = [&] {
    gate.pass();
    const std::string value = "x" + std::to_string(++n);
    EXPECT_TRUE(testing::wait_until([&] { return contract::put(*cache, "grants", "ada", value); }));
    EXPECT_EQ(contract::get(*cache, "grants", "ada"), value);
    EXPECT_EQ(contract::get(*house->open(), "grants", "ada"), value);
  };
  goes_on();
  const std::pair<const char*, std::function<void()>> troubles[] = {{"close", [&] { gate.close_at_replies(); }},
                                                                    {"swallow", [&] { gate.lose_replies(); }},
                                                                    {"cut", [&] { gate.cut_replies(2); }},
                                                                    {"refuse", [&] { gate.refuse(); }},
                                                                    {"late", [&] { gate.delay(2'000); }}};
  for (const auto& [name, begin] : troubles) {
    SCOPED_TRACE(name);
    begin();
    std::string error;
    EXPECT_LT(ms_of([&] { error = error_of(cache->get("grants", "ada", start)); }), 5'000);
    EXPECT_TRUE(error.starts_with("BS-1104")) << error;
    goes_on();
  }
}

TEST(RedisSignIn, APasswordIsWantedAndIsNeverShown) {
  servers::RedisHouse house({"password=hunter2"});
  const auto error = [&](const std::string& password) {
    house.settings.password = password;
    return error_of(house.open()->get("grants", "ada", start));
  };
  EXPECT_EQ(error("hunter2"), "an answer");
  EXPECT_TRUE(error("").starts_with("BS-1002")) << error("");
  EXPECT_TRUE(error("hunter3").starts_with("BS-1002")) << error("hunter3");
  EXPECT_EQ(error("hunter3").find("hunter"), std::string::npos) << error("hunter3");
}

TEST(RedisTls, TheServerMustShowWhoItIs) {
  servers::RedisHouse house({"tls"});
  house.settings.tls = true;
  const auto error = [&] { return error_of(house.open()->get("grants", "ada", start)); };
  EXPECT_TRUE(error().starts_with("BS-1002")) << "its authority is unknown: " << error();
  house.settings.ca_file = house.folder / "redis/tls/ca.crt";
  EXPECT_EQ(error(), "an answer");
  const auto cache = house.open();
  EXPECT_TRUE(contract::put(*cache, "grants", "ada", std::string(100'000, 'x')));
  EXPECT_EQ(contract::get(*cache, "grants", "ada").size(), 100'000u);
  house.settings.host = "localhost";
  EXPECT_TRUE(error().starts_with("BS-1002")) << "the certificate names 127.0.0.1: " << error();
  house.settings.host = "127.0.0.1", house.settings.tls = false;
  EXPECT_TRUE(error().starts_with("BS-1104")) << error();
  house.settings.tls = true, house.settings.ca_file = house.folder / "none.crt";
  const auto without = open_redis_cache(house.settings);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Code::config_invalid);
}

}  // namespace
}  // namespace backstitch::cache
