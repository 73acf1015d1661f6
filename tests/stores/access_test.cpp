// Sessions and grants in caches outside of the process: what they may lose, and what must not come back.
#include "services/access/access.h"

#include <csignal>

#include "base/password.h"
#include "redis_house.h"
#include "riak_house.h"
#include "services/access/documents.h"
#include "services/testing.h"

namespace backstitch {
namespace {

/// A cache that others can reach, too.
class Outside {
 public:
  virtual ~Outside() = default;
  virtual std::unique_ptr<cache::Cache> open() const = 0;
  virtual void plant(cache::Generation generation, const std::string& user, const std::string& text) = 0;  // as another client
  virtual void forget() = 0;                                                                               // all of it
  virtual void be_away(bool away) = 0;  // and keep what is there
};

class OnRedis : public Outside {
 public:
  OnRedis() { house_.settings.timeout_ms = 500; }
  ~OnRedis() override { be_away(false); }
  std::unique_ptr<cache::Cache> open() const override { return house_.open(); }
  void plant(cache::Generation generation, const std::string& user, const std::string& text) override {
    house_.cli({"SET", fmt::format("backstitch:grants:{}:{}", generation, user), text});
  }
  void forget() override { house_.cli({"FLUSHALL"}); }
  void be_away(bool away) override {
    if (std::exchange(away_, away) != away) ::kill(pid_, away ? SIGSTOP : SIGCONT);
  }
  std::string cli(std::vector<std::string> words) const { return house_.cli(std::move(words)); }

 private:
  servers::RedisHouse house_;
  const int pid_ = std::stoi(house_.cli({"EVAL", "return redis.call('INFO', 'server'):match('process_id:(%d+)')", "0"}));
  bool away_ = false;
};

class OnRiak : public Outside {
 public:
  std::unique_ptr<cache::Cache> open() const override { return house.open(); }
  void plant(cache::Generation generation, const std::string& user, const std::string& text) override {
    const auto place = house.place(generation, user);
    const auto there = other_.read(place, true, house.soon());
    ASSERT_TRUE(other_.write(place, {"text/plain", text, there->clock}, house.soon()).value());
  }
  void forget() override { house.node.forget(); }
  void be_away(bool away) override { house.node.be_without_majority(away); }
  cache::RiakHouse house;

 private:
  cache::RiakObjects other_{house.settings.url, ""};
};

class OutsideTest : public ::testing::TestWithParam<std::string> {
 protected:
  OutsideTest() : position(shard->claim({0}).value().front()) {
    change([&](TurnRows& rows) {
      rows.users.push_back({"ada", hash, "local", now, false, false});
      rows.memberships.push_back({"ada", "night", "local", now, false});
      rows.grants.push_back({"night", "items", "retry", "", "local", now, false});
    });
  }
  void change(const std::function<void(TurnRows&)>& fill) {
    database::PartitionTurn part;
    ++position.turn, ++position.incoming;
    part.after = position, part.incoming_from = position.incoming - 1, part.inputs = 1, part.at = now;
    database::TurnWrite turn{{part}, {}};
    fill(turn.rows);
    ASSERT_TRUE(shard->send_turn(turn));
    ASSERT_TRUE(shard->await_turn());
  }
  void revoke_retry() {
    change([&](TurnRows& rows) { rows.grants.push_back({"night", "items", "retry", "", "local", now, true}); });
  }
  std::unique_ptr<Access> begin() {
    return std::make_unique<Access>(AccessSettings{true, 300'000, 3'600'000}, *cache, database, [this] { return now; });
  }
  std::string signed_in() { return "Bearer " + access->sign_in("ada", "opensesame").value().token; }
  /// What may be done with this token, or why it is not known.
  std::string may(const std::string& token, const char* resource = "items", const char* action = "retry") {
    const auto caller = access->caller(token);
    if (!caller) return std::string(info(caller.error().code).symbol);
    return caller->permissions.may(resource, action) ? "may" : "may not";
  }

  static inline const std::string hash = hash_password("opensesame").value();
  const Time now = cache::contract::start;
  testing::FakeDatabase database;
  std::unique_ptr<database::Shard> shard = database.truth.open_shard();
  database::Position position;
  std::unique_ptr<Outside> outside =
      GetParam() == "Redis" ? std::unique_ptr<Outside>(std::make_unique<OnRedis>()) : std::make_unique<OnRiak>();
  std::unique_ptr<cache::Cache> cache = outside->open();
  std::unique_ptr<Access> access = begin();
};

TEST_P(OutsideTest, AStaleGrantThatWasPlantedStopsAtTheSwitch) {
  const std::string token = signed_in();
  EXPECT_EQ(may(token), "may");
  UserAccess stale = access_from_json(cache->get("grants", "ada", now)->value()).value();
  stale.grants = {{"*", "*", "*"}};
  const auto generation = cache->generation("grants").value();
  outside->plant(generation, "ada", fmt::format("{} {}", now.plus_ms(300'000).us, access_json(stale)));
  EXPECT_EQ(may(token, "grants", "change"), "may") << "planted";
  EXPECT_EQ(access->differences()->size(), 1u);
  ASSERT_TRUE(access->switch_generation());
  EXPECT_EQ(may(token, "grants", "change"), "may not");
  EXPECT_EQ(may(token), "may") << "read again from the truth";
  EXPECT_TRUE(access->differences()->empty());
  outside->plant(generation, "ada", fmt::format("{} {}", now.plus_ms(300'000).us, access_json(stale)));
  EXPECT_EQ(may(token, "grants", "change"), "may not") << "planted into a generation that is over";
}

TEST_P(OutsideTest, WhenAllIsLostPeopleSignInAgainAndThatIsAll) {
  const std::string first = signed_in(), second = signed_in();
  EXPECT_EQ(may(first), "may");
  outside->forget();
  EXPECT_EQ(may(first), "not_signed_in");
  EXPECT_EQ(may(second), "not_signed_in");
  EXPECT_EQ(may(""), "may") << "on the platform's own machine";
  EXPECT_EQ(may(signed_in()), "may");
  outside->forget();
  const std::string third = signed_in();
  revoke_retry();
  ASSERT_TRUE(access->switch_generation());
  EXPECT_EQ(may(third), "may not");
}

TEST_P(OutsideTest, ARevocationCountsThoughTheCacheWasAwayWhenItWasDecided) {
  const std::string token = signed_in();
  EXPECT_EQ(may(token), "may");
  access->await_decision(position.incoming);
  revoke_retry();
  outside->be_away(true);
  access->decided(position.incoming);
  EXPECT_EQ(may(token), "unreachable");
  EXPECT_EQ(may(""), "may") << "on the platform's own machine";
  outside->be_away(false);
  EXPECT_EQ(may(token), "may not") << "the session has outlived it, the grant has not";
}

TEST_P(OutsideTest, ANewProcessKeepsTheSessionsAndBelievesNoCachedGrant) {
  const std::string token = signed_in();
  EXPECT_EQ(may(token), "may");
  revoke_retry();  // and it died before it could switch
  access.reset();
  cache = outside->open();
  access = begin();
  EXPECT_EQ(may(token), "may not");
}

TEST_P(OutsideTest, WhoSignedOutStaysOut) {
  const std::string token = signed_in();
  EXPECT_EQ(may(token), "may");
  ASSERT_TRUE(access->sign_out(token));
  EXPECT_EQ(may(token), "not_signed_in");
}

INSTANTIATE_TEST_SUITE_P(Caches, OutsideTest, ::testing::Values("Redis", "Riak"), [](const auto& with) { return with.param; });

class OnRiakTest : public OutsideTest {};
/// Nobody is left who has seen a later generation; a new process switches before it believes anything.
TEST_P(OnRiakTest, AnOldBackupBringsNoGrantBackToANewProcess) {
  EXPECT_EQ(may(signed_in()), "may");
  const auto restore = static_cast<OnRiak&>(*outside).house.node.save();
  revoke_retry();
  ASSERT_TRUE(access->switch_generation());
  restore();
  cache = outside->open();
  access = begin();
  EXPECT_EQ(may(signed_in()), "may not");
}
INSTANTIATE_TEST_SUITE_P(Caches, OnRiakTest, ::testing::Values("Riak"));

class OnRedisTest : public OutsideTest {};
TEST_P(OnRedisTest, NoSecretLiesInTheCache) {
  const std::string token = signed_in();
  EXPECT_EQ(may(token), "may");
  auto& redis = static_cast<OnRedis&>(*outside);
  const std::string all = redis.cli({"EVAL",
                                     "local out = '' for _, key in ipairs(redis.call('KEYS', '*:*:[0-9]*')) do "
                                     "out = out .. key .. ' ' .. redis.call('GET', key) .. '\\n' end return out",
                                     "0"});
  EXPECT_NE(all.find("ada"), std::string::npos);
  for (const std::string& secret : {token.substr(7), hash, std::string("opensesame"), std::string("scrypt")})
    EXPECT_EQ(all.find(secret), std::string::npos) << all;
}
INSTANTIATE_TEST_SUITE_P(Caches, OnRedisTest, ::testing::Values("Redis"));

}  // namespace
}  // namespace backstitch
