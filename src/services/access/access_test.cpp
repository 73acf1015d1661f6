#include "services/access/access.h"

#include <gtest/gtest.h>

#include "base/password.h"
#include "services/access/documents.h"
#include "services/testing.h"
#include "stores/cache/strict_fake.h"

namespace backstitch {
namespace {

using database::TurnWrite;

/// Cannot be reached while a test says so, and keeps what it has.
class AwayCache : public cache::StrictFake {
 public:
  bool away = false;
  Result<cache::Generation> generation(const std::string& space) override {
    if (away) return fail(Code::unreachable, "as the test asked");
    return StrictFake::generation(space);
  }
  Result<cache::Generation> switch_generation(const std::string& space) override {
    if (away) return fail(Code::unreachable, "as the test asked");
    return StrictFake::switch_generation(space);
  }
  Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) override {
    if (away) return fail(Code::unreachable, "as the test asked");
    return StrictFake::get(space, key, now);
  }
};

class AccessTest : public ::testing::Test {
 protected:
  AccessTest() : shard(database.truth.open_shard()), position(shard->claim({0}).value().front()) {
    change([&](TurnRows& rows) {
      rows.users.push_back({"ann", hash, "local", now, false, false});
      rows.memberships.push_back({"ann", "night", "local", now, false});
      rows.grants.push_back({"night", "items", "retry", "", "local", now, false});
      rows.grants.push_back({"night", "inventory", "read", "", "local", now, false});
    });
  }
  /// One decided turn of partition 0; the shard does not tell `access`, a test does.
  void change(const std::function<void(TurnRows&)>& fill) {
    database::PartitionTurn part;
    ++position.turn, ++position.incoming;
    part.after = position, part.incoming_from = position.incoming - 1, part.inputs = 1, part.at = now;
    TurnWrite turn{{part}, {}};
    fill(turn.rows);
    ASSERT_TRUE(shard->send_turn(turn));
    const Status done = shard->await_turn();
    ASSERT_TRUE(done) << done.error().text();
  }
  void revoke_retry() {
    change([&](TurnRows& rows) { rows.grants.push_back({"night", "items", "retry", "", "local", now, true}); });
  }
  std::string signed_in() { return "Bearer " + access.sign_in("ann", "opensesame").value().token; }
  bool may_retry(const std::string& authorization) {
    const auto caller = access.caller(authorization);
    EXPECT_TRUE(caller) << (caller ? "" : caller.error().text());
    return caller && caller->permissions.may("items", "retry");
  }
  static Code code_of(const Result<Caller>& caller) { return caller ? Code::defect : caller.error().code; }

  static inline const std::string hash = hash_password("opensesame").value();
  Time now{1'790'000'000'000'000};
  testing::FakeDatabase database;
  std::unique_ptr<database::Shard> shard;
  database::Position position;
  AwayCache cache;
  Access access{{true, 300'000, 3'600'000}, cache, database, [this] { return now; }};
};

TEST_F(AccessTest, TheLocalAdministratorNeedsNeitherSessionNorDatabase) {
  database.reachable = false;
  const auto caller = access.caller("");
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->user, "local");
  EXPECT_TRUE(caller->permissions.may("grants", "change"));
  EXPECT_TRUE(caller->permissions.sees("inventory", "serviceRecord"));
}

TEST_F(AccessTest, WithoutALocalAdministratorOnlySessionsCount) {
  Access closed({false, 300'000, 3'600'000}, cache, database, [this] { return now; });
  EXPECT_EQ(code_of(closed.caller("")), Code::not_signed_in);
  EXPECT_TRUE(closed.caller("Bearer " + closed.sign_in("ann", "opensesame").value().token));
}

TEST_F(AccessTest, AWrongTokenNeverFallsBackToTheLocalAdministrator) {
  EXPECT_EQ(code_of(access.caller("Bearer 0123")), Code::not_signed_in);
  EXPECT_EQ(code_of(access.caller("Basic YW5uOm9wZW4=")), Code::not_signed_in);
}

TEST_F(AccessTest, ASessionHasTheGrantsOfItsUserAndNoMore) {
  const auto caller = access.caller(signed_in());
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->user, "ann");
  EXPECT_TRUE(caller->permissions.may("items", "retry"));
  EXPECT_FALSE(caller->permissions.may("items", "fail"));
  EXPECT_FALSE(caller->permissions.sees("inventory", "serviceRecord"));
}

TEST_F(AccessTest, WrongPasswordAndUnknownUserAreTheSame) {
  EXPECT_EQ(access.sign_in("ann", "wrong").error().detail, access.sign_in("bob", "wrong").error().detail);
  EXPECT_EQ(access.sign_in("bob", "").error().code, Code::not_signed_in);
  EXPECT_EQ(access.sign_in("", "").error().code, Code::not_signed_in);
}

TEST_F(AccessTest, AHitNeedsNoDatabaseAndAMissRebuilds) {
  const std::string token = signed_in();
  EXPECT_TRUE(may_retry(token));
  database.reachable = false;
  EXPECT_TRUE(may_retry(token)) << "a hit";
  now = now.plus_ms(300'001);
  EXPECT_EQ(code_of(access.caller(token)), Code::database_unreachable) << "a miss asks PostgreSQL";
  database.reachable = true;
  EXPECT_TRUE(may_retry(token));
  ASSERT_TRUE(access.switch_generation());
  EXPECT_TRUE(may_retry(token));
}

TEST_F(AccessTest, ARevokedGrantStopsWithItsDecision) {
  const std::string token = signed_in();
  EXPECT_TRUE(may_retry(token));
  access.await_decision(position.incoming);
  revoke_retry();
  access.decided(position.incoming - 1);
  EXPECT_TRUE(may_retry(token)) << "what is decided is not the change yet";
  access.decided(position.incoming);
  EXPECT_FALSE(may_retry(token));
}

TEST_F(AccessTest, OtherRecordsOfThePartitionLeaveTheCacheAlone) {
  const std::string token = signed_in();
  EXPECT_TRUE(may_retry(token));
  database.reachable = false;
  access.decided(100);
  EXPECT_TRUE(may_retry(token));
}

TEST_F(AccessTest, ARevocationIsMadeUpForWhenTheCacheWasAway) {
  const std::string token = signed_in();
  EXPECT_TRUE(may_retry(token));
  access.await_decision(position.incoming);
  revoke_retry();
  cache.away = true;
  access.decided(position.incoming);
  EXPECT_EQ(code_of(access.caller(token)), Code::unreachable);
  cache.away = false;
  EXPECT_FALSE(may_retry(token));
  EXPECT_TRUE(access.differences()->empty());
}

TEST_F(AccessTest, WhatAnEarlierProcessHadCachedDoesNotCount) {
  const std::string token = signed_in();
  EXPECT_TRUE(may_retry(token));
  revoke_retry();  // and it died before it could switch
  Access next({true, 300'000, 3'600'000}, cache, database, [this] { return now; });
  EXPECT_FALSE(next.caller(token)->permissions.may("items", "retry"));
  EXPECT_FALSE(may_retry(token)) << "for whoever else asks this cache";
}

TEST_F(AccessTest, NobodyStaysSignedInAcrossARecovery) {
  const std::string token = signed_in();
  Access same({true, 300'000, 3'600'000, 1}, cache, database, [this] { return now; });
  EXPECT_TRUE(same.caller(token));
  Access behind({true, 300'000, 3'600'000, 2}, cache, database, [this] { return now; });
  EXPECT_EQ(code_of(behind.caller(token)), Code::not_signed_in);
}

TEST_F(AccessTest, TheCacheHoldsNoPasswordNotEvenAsAHash) {
  const std::string token = signed_in();
  ASSERT_TRUE(access.caller(token));
  EXPECT_EQ(cache.get("grants", "ann", now)->value().find("scrypt"), std::string::npos);
  EXPECT_FALSE(access_by_user({{{"bob", "", "local", now, false, false}}, {}, {}}).at("bob").exists());
}

/// A database whose read is slow: meanwhile the grant is revoked and decided.
class SlowDatabase : public testing::FakeDatabase {
 public:
  std::function<void()> after_read;
  Result<database::AccessRows> access(const std::string& user) override {
    auto rows = FakeDatabase::access(user);
    if (auto then = std::exchange(after_read, nullptr)) then();
    return rows;
  }
};

TEST(AccessRace, WhatWasReadBeforeTheChangeIsNotKept) {
  SlowDatabase database;
  cache::StrictFake cache;
  const Time now{1'790'000'000'000'000};
  Access access({true, 300'000, 3'600'000}, cache, database, [&] { return now; });
  auto shard = database.truth.open_shard();
  database::Position position = shard->claim({0}).value().front();
  auto change = [&](TurnRows rows) {
    database::PartitionTurn part;
    ++position.turn, ++position.incoming;
    part.after = position, part.incoming_from = position.incoming - 1, part.inputs = 1, part.at = now;
    ASSERT_TRUE(shard->send_turn({{part}, std::move(rows)}));
    ASSERT_TRUE(shard->await_turn());
  };
  TurnRows rows;
  rows.users.push_back({"ann", hash_password("x").value(), "local", now, false, false});
  rows.memberships.push_back({"ann", "night", "local", now, false});
  rows.grants.push_back({"night", "items", "retry", "", "local", now, false});
  change(rows);
  const std::string token = "Bearer " + access.sign_in("ann", "x").value().token;
  database.after_read = [&] {
    TurnRows revoked;
    revoked.grants.push_back({"night", "items", "retry", "", "local", now, true});
    change(revoked);
    ASSERT_TRUE(access.switch_generation());
  };
  EXPECT_TRUE(access.caller(token)->permissions.may("items", "retry")) << "it was asked before the change";
  EXPECT_FALSE(access.caller(token)->permissions.may("items", "retry"));
}

TEST_F(AccessTest, APlantedGrantIsSeenAndStopsAtTheSwitch) {
  const std::string token = signed_in();
  ASSERT_TRUE(access.caller(token));
  UserAccess planted = access_from_json(cache.get("grants", "ann", now)->value()).value();
  planted.grants = {{"*", "*", "*"}};
  ASSERT_TRUE(cache.put("grants", cache.generation("grants").value(), "ann", access_json(planted), now, 300'000).value());
  EXPECT_TRUE(access.caller(token)->permissions.may("grants", "change")) << "planted";
  const auto differences = access.differences();
  ASSERT_TRUE(differences);
  ASSERT_EQ(differences->size(), 1u);
  EXPECT_TRUE(differences->front().starts_with("ann: "));
  ASSERT_TRUE(access.switch_generation());
  EXPECT_FALSE(access.caller(token)->permissions.may("grants", "change"));
  EXPECT_TRUE(access.differences()->empty());
}

TEST_F(AccessTest, ReloadTellsWhatItLoadedAndWhatIsGone) {
  ASSERT_TRUE(access.caller(signed_in()));
  revoke_retry();  // nobody told: as after a rollback behind the cache's back
  const auto reloaded = access.reload();
  ASSERT_TRUE(reloaded) << reloaded.error().text();
  EXPECT_EQ(reloaded->users, 1);
  EXPECT_EQ(reloaded->rows, 1);
  EXPECT_EQ(reloaded->removed, 1);
  database.reachable = false;
  const auto caller = access.caller("");
  EXPECT_TRUE(caller);
}

TEST_F(AccessTest, AnotherPasswordEndsTheSession) {
  const std::string token = signed_in();
  ASSERT_TRUE(access.caller(token));
  change([&](TurnRows& rows) { rows.users.push_back({"ann", hash_password("other").value(), "local", now, false, false}); });
  ASSERT_TRUE(access.switch_generation());
  EXPECT_EQ(code_of(access.caller(token)), Code::not_signed_in);
  EXPECT_FALSE(access.sign_in("ann", "opensesame"));
}

TEST_F(AccessTest, SessionsEndByTimeByRequestAndWithTheirUser) {
  const std::string first = signed_in(), second = signed_in();
  ASSERT_TRUE(access.sign_out(first));
  EXPECT_EQ(code_of(access.caller(first)), Code::not_signed_in);
  EXPECT_TRUE(access.caller(second));
  now = now.plus_ms(3'600'001);
  EXPECT_EQ(code_of(access.caller(second)), Code::not_signed_in);
  const std::string third = signed_in();
  change([&](TurnRows& rows) { rows.users.push_back({"ann", "", "local", now, true, true}); });
  ASSERT_TRUE(access.switch_generation());
  EXPECT_EQ(code_of(access.caller(third)), Code::not_signed_in);
}

}  // namespace
}  // namespace backstitch
