#include "engine/access/change_grant.h"

#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using Names = std::set<std::string>;

class ChangeGrant : public ::testing::Test {
 protected:
  ChangeGrant() : engine(fixture::catalog_with(fixture::callout("call"))) {}
  /// Feeds a change: ("revoke", R"("profile":"night",…)").
  void change(const std::string& verb, const std::string& members) {
    engine.feed(Log::incoming, "incoming.grant-change/1",
                fmt::format(R"({{"commandId":"cmd_{:026}","actor":"ann","verb":"{}",{}}})", ++commands, verb, members));
  }
  void grant(const std::string& verb, const std::string& action) {
    change(verb, R"("profile":"night","resource":"items","action":")" + action + "\"");
  }
  std::string state() const { return engine.last_command().state + " " + engine.last_command().subject; }

  fixture::Engine engine;
  int commands = 0;
};

TEST_F(ChangeGrant, AGrantStandsUntilItIsRevoked) {
  grant("grant", "retry");
  EXPECT_EQ(state(), "applied night items retry");
  grant("grant", "retry");  // again: the same
  grant("grant", "fail");
  EXPECT_EQ(engine.tables.grants, (Names{"night items retry", "night items fail"}));
  grant("revoke", "retry");
  grant("revoke", "complete");  // never stood
  EXPECT_EQ(state(), "applied night items complete");
  EXPECT_EQ(engine.tables.grants, Names{"night items fail"});
}

TEST_F(ChangeGrant, WhatIsNoGrantIsRefusedInWriting) {
  for (const char* wrong :
       {R"("profile":"night","resource":"weather","action":"read")", R"("profile":"night","resource":"items","action":"drain")",
        R"("profile":"night","resource":"inventory","action":"read","field":"colour")",
        R"("profile":"night","resource":"inventory","action":"repair","field":"serviceRecord")",
        R"("profile":"two words","resource":"items","action":"read")", R"("resource":"items","action":"read")"}) {
    change("grant", wrong);
    EXPECT_EQ(engine.last_command().state, "refused") << wrong;
    EXPECT_EQ(engine.last_command().code, code_text(Code::grant_invalid)) << wrong;
  }
  change("give", R"("profile":"night","resource":"items","action":"read")");
  EXPECT_EQ(engine.last_command().state, "refused");
  EXPECT_TRUE(engine.tables.grants.empty());
}

TEST_F(ChangeGrant, TheAdministratorKeepsEverything) {
  change("revoke", R"("profile":"administrator","resource":"*","action":"*","field":"*")");
  EXPECT_EQ(engine.last_command().state, "refused");
  change("revoke", R"("profile":"reader","resource":"*","action":"read")");
  EXPECT_EQ(engine.last_command().state, "applied");
}

TEST_F(ChangeGrant, AUserIsRemovedWithEverythingAssigned) {
  change("add-user", R"("user":"ann","password":"scrypt$1")");
  change("assign", R"("user":"ann","profile":"night")");
  EXPECT_EQ(engine.tables.memberships, Names{"ann night"});
  change("remove-user", R"("user":"ann")");
  EXPECT_TRUE(engine.tables.users.empty());
  EXPECT_TRUE(engine.tables.memberships.empty());
}

TEST_F(ChangeGrant, HowTurnsAreCutMakesNoDifference) {
  auto everything = [this] {
    change("add-user", R"("user":"ann","password":"scrypt$1")");
    change("assign", R"("user":"ann","profile":"administrator")");
    change("remove-user", R"("user":"ann")");
    change("assign", R"("user":"ann","profile":"early")");
    change("add-user", R"("user":"ann","password":"scrypt$2")");
    change("assign", R"("user":"ann","profile":"night")");
    change("unassign", R"("user":"ann","profile":"early")");
    grant("grant", "retry"), grant("revoke", "retry"), grant("grant", "fail");
  };
  everything();
  const Names users = engine.tables.users, memberships = engine.tables.memberships, grants = engine.tables.grants;
  EXPECT_EQ(memberships, Names{"ann night"});
  engine.rows_each_record = false;
  everything();
  engine.take_rows();
  EXPECT_EQ(engine.tables.users, users);
  EXPECT_EQ(engine.tables.memberships, memberships);
  EXPECT_EQ(engine.tables.grants, grants);
}

TEST_F(ChangeGrant, NeedsAHashAndAnotherNameThanLocal) {
  change("add-user", R"("user":"ann","password":"opensesame")");
  EXPECT_EQ(engine.last_command().state, "refused");
  EXPECT_EQ(engine.last_command().detail.find("opensesame"), std::string::npos);
  change("add-user", R"("user":"local","password":"scrypt$1")");
  EXPECT_EQ(engine.last_command().state, "refused");
  EXPECT_TRUE(engine.tables.users.empty());
}

TEST_F(ChangeGrant, StandsInPartitionZeroOnly) {
  InputRecord record{Log::incoming, 3, 1, engine.now, "*", "incoming.grant-change/1", "", ""};
  record.value = R"({"commandId":"cmd_00000000000000000000000001","actor":"ann","verb":"remove-user","user":"ann"})";
  engine.work.partition = 3;
  Effects effects;
  decide(engine.settings, engine.shelf, engine.work, record, parse_input(record), effects);
  ASSERT_EQ(engine.work.commands.size(), 1u);
  EXPECT_EQ(engine.work.commands[0].state, "refused");
  EXPECT_TRUE(engine.work.access.users.empty());
}

}  // namespace
}  // namespace backstitch
