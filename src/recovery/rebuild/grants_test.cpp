#include "recovery/rebuild/grants.h"

#include <gtest/gtest.h>

#include "stores/database/testing/cluster_fixture.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

class RevocationTest : public database::DatabaseTest {
 protected:
  void log(const std::string& members, const char* schema = "incoming.grant-change/1") {
    queue::Record record;
    record.offset = next++, record.appended = database::samples::at(static_cast<std::int64_t>(record.offset)), record.key = "*";
    record.schema = schema;
    record.value = R"({"commandId":"cmd_00000000000000000000000001","actor":"eve",)" + members + "}";
    ASSERT_TRUE(safe.archive("incoming", 0, {record}));
  }
  std::vector<std::string> subjects(std::uint64_t from = 1) {
    database::Position position;
    position.incoming = from;
    found = revocations_since(safe, position).value();
    std::vector<std::string> out;
    for (const Revocation& one : found) out.push_back(one.subject());
    return out;
  }

  safe::StrictFake safe;
  std::uint64_t next = 1;
  std::vector<Revocation> found;
};

TEST_F(RevocationTest, OfTheWindowAreFoundInTheArchive) {
  log(R"("verb":"revoke","profile":"old","resource":"items","action":"retry")");
  log(R"("verb":"revoke","profile":"operator","resource":"items","action":"retry")");
  log(R"("verb":"grant","profile":"operator","resource":"items","action":"fail")");
  log(R"("items":[])", "incoming.submit/1");
  log(R"("verb":"revoke","profile":"operator","resource":"weather","action":"make")");  // refused: no grant
  log(R"("verb":"unassign","user":"ann","profile":"operator")");
  log(R"("verb":"remove-user","user":"bob")");
  EXPECT_EQ(subjects(2), (std::vector<std::string>{"revoke operator items retry", "unassign ann operator", "remove-user bob"}));
  EXPECT_TRUE(subjects(next).empty()) << "nothing lies behind the end";
}

TEST_F(RevocationTest, WhatIsGrantedAgainIsNotTakenAway) {
  log(R"("verb":"revoke","profile":"operator","resource":"items","action":"retry")");
  log(R"("verb":"grant","profile":"operator","resource":"items","action":"retry")");
  log(R"("verb":"revoke","profile":"operator","resource":"items","action":"fail")");
  ASSERT_EQ(subjects().size(), 2u);
  EXPECT_TRUE(found[0].granted_again);
  EXPECT_FALSE(found[1].granted_again);
  EXPECT_EQ(to_issue_again(found, false, {}).size(), 1u);
}

TEST_F(RevocationTest, ARestoredDatabaseLosesThemAtOnceAndTwiceIsOnce) {
  database::TurnWrite turn{{database::samples::next_turn(positions[0], 1, 0, database::samples::at(1))}, {}};
  turn.rows.users = {{"ann", "scrypt$x", "eve", database::samples::at(1), false, false},
                     {"bob", "scrypt$y", "eve", database::samples::at(1), false, false}};
  turn.rows.memberships = {{"ann", "operator", "eve", database::samples::at(1), false},
                           {"bob", "operator", "eve", database::samples::at(1), false}};
  turn.rows.grants = {{"operator", "backups", "create", "", "eve", database::samples::at(1), false}};
  ASSERT_TRUE(commit(*shard, turn));
  log(R"("verb":"revoke","profile":"operator","resource":"backups","action":"create")");
  log(R"("verb":"unassign","user":"ann","profile":"operator")");
  log(R"("verb":"remove-user","user":"bob")");
  ASSERT_EQ(subjects().size(), 3u);
  for (int time = 0; time < 2; ++time) {
    const Status done = withdraw(*database, found);
    ASSERT_TRUE(done) << done.error().text();
    const auto all = database->access("").value();
    for (const GrantRow& row : all.grants) EXPECT_NE(row.resource, "backups");
    EXPECT_TRUE(all.memberships.empty());
    ASSERT_EQ(all.users.size(), 1u);
    EXPECT_EQ(all.users[0].name, "ann");
  }
}

TEST_F(RevocationTest, WithoutAReplayTheyAreSaidAgain) {
  log(R"("verb":"revoke","profile":"operator","resource":"inventory","action":"read","field":"serviceRecord")");
  log(R"("verb":"remove-user","user":"bob")");
  ASSERT_EQ(subjects().size(), 2u);
  EXPECT_TRUE(to_issue_again(found, true, {}).empty()) << "the replay folds them";
  ASSERT_EQ(to_issue_again(found, true, {2}).size(), 1u) << "the one that is left out";
  for (const Revocation& one : to_issue_again(found, false, {})) {
    const ReissuedRecord again = issued_again(one, "rec-1", "recovery");
    EXPECT_EQ(again.claim, issued_again(one, "rec-1", "recovery").claim);
    EXPECT_NE(again.claim, issued_again(one, "rec-2", "recovery").claim);
    const auto input = parse_input({Log::incoming, 0, 9, one.at, "*", "incoming.grant-change/1", "", again.value});
    ASSERT_TRUE(input) << input.error().text();
    const auto& change = std::get<GrantChangeInput>(*input);
    EXPECT_EQ((Revocation{9, one.at, change, false}.subject()), one.subject());
    EXPECT_EQ(change.actor, "recovery");
  }
}

}  // namespace
}  // namespace backstitch::recovery
