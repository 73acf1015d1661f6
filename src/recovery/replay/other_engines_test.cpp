#include "recovery/replay/other_engines.h"

#include <gtest/gtest.h>

#include "base/testing.h"
#include "engine/engine_name.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

class Engines : public ::testing::Test {
 protected:
  /// A turn over incoming [from, end) and nothing of completer.
  void turn(const std::string& engine, int from, int end) {
    const std::uint64_t turn = ++turns;
    EXPECT_TRUE(safe.mirror_turns(p, {{turn, fmt::format(R"({{"turn":"{}","incoming":["{}","{}"],"completer":["1","1"],)"
                                                         R"("engineVersion":"{}"}})",
                                                         turn, from, end, engine)}}));
  }
  /// Inputs of these accounts, from offset 1.
  void inputs(const std::vector<std::string>& accounts) {
    std::vector<queue::Record> records;
    for (const std::string& account : accounts)
      records.push_back({records.size() + 1, Time{1'700'000'000'000'000}, account, "incoming.x/1", "{}", "{}"});
    EXPECT_TRUE(safe.archive("incoming", p, records));
  }
  OtherEngines others(std::uint64_t behind = 1) {
    database::Position from;
    from.partition = p, from.incoming = behind;
    auto found = other_engines(safe, {}, {from});
    EXPECT_TRUE(found) << found.error().text();
    return found ? *found : OtherEngines();
  }
  static constexpr Partition p = 3;
  const std::string own = engine_name({});
  std::uint64_t turns = 0;
  safe::StrictFake safe;
};

TEST_F(Engines, AreNamedWithTheAccountsThatTheyDecided) {
  inputs({"A-1", "A-2", "A-3", "A-4"});
  turn(own, 1, 2), turn("1+bug", 2, 3), turn("1+bug", 3, 4), turn(own, 4, 5);
  const OtherEngines found = others();
  EXPECT_EQ(found.accounts, (std::set<std::string>{"A-2", "A-3"}));
  EXPECT_EQ(found.turns, (std::map<std::string, std::int64_t>{{"1+bug", 2}}));
  EXPECT_TRUE(found.decided("A-2", p));
  EXPECT_FALSE(found.decided("A-4", p));
}

TEST_F(Engines, BeforeTheWindowDoNotCount) {
  inputs({"A-1", "A-2", "A-3"});
  turn("1+bug", 1, 3), turn(own, 3, 4);
  EXPECT_EQ(others(2).accounts, (std::set<std::string>{"A-2"})) << "T may lie within a turn of the mirror";
  EXPECT_TRUE(others(3).accounts.empty());
  EXPECT_TRUE(others(3).turns.empty());
}

TEST_F(Engines, WhatAnEarlierRecoveryFoldedAgainIsWhatItDecided) {
  inputs({"A-1", "A-2", "A-3", "A-4"});
  turn("1+bug", 1, 4), turn(own, 2, 4), turn(own, 4, 5);
  EXPECT_EQ(others().accounts, (std::set<std::string>{"A-1"}));
}

TEST_F(Engines, AnInputOfTheWholePartitionConcernsAllItsAccounts) {
  inputs({"*", "A-2"});
  turn("1+bug", 1, 2), turn(own, 2, 3);
  const OtherEngines found = others();
  EXPECT_TRUE(found.accounts.empty());
  EXPECT_TRUE(found.decided("A-9", p));
  EXPECT_FALSE(found.decided("A-9", p + 1));
}

TEST_F(Engines, ATurnThatNamesNoneExplainsNothing) {
  inputs({"A-1"});
  turn("", 1, 2);
  EXPECT_TRUE(others().accounts.empty());
}

}  // namespace
}  // namespace backstitch::recovery
