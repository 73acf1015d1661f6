// Which accounts an exclusion explains: theirs is another history than the live one.
#include "recovery/replay/freed.h"

#include <gtest/gtest.h>

#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

using Accounts = std::set<std::string>;

class FreedByExclusions : public ::testing::Test {
 protected:
  /// Offset by offset: an account whose order stands there, "!" for an activation, which is of no account.
  void archive(Partition partition, const std::vector<std::string>& log) {
    std::vector<queue::Record> records;
    for (const std::string& one : log) {
      const bool activation = one == "!";
      records.push_back({records.size() + 1, Time{1'700'000'000'000'000}, activation ? "*" : one,
                         activation ? "incoming.catalog-activate/1" : "incoming.submit/1", "{}", "{}"});
    }
    ASSERT_TRUE(safe.archive("incoming", partition, records));
  }
  Accounts freed(const std::vector<std::pair<Partition, std::uint64_t>>& places) {
    std::vector<Exclusion> exclusions;
    for (const auto& [partition, offset] : places) exclusions.push_back({partition, offset, "", "a test"});
    const auto accounts = freed_by_exclusions(safe, exclusions);
    EXPECT_TRUE(accounts) << accounts.error().text();
    return accounts ? *accounts : Accounts();
  }
  safe::StrictFake safe;
};

TEST_F(FreedByExclusions, NothingLeftOutFreesNobody) {
  archive(0, {"A", "!", "B"});
  EXPECT_EQ(freed({}), Accounts());
}

TEST_F(FreedByExclusions, AnInputFreesItsAccountAlone) {
  archive(0, {"A", "B", "A", "C"});
  archive(1, {"D", "E"});
  EXPECT_EQ(freed({{0, 2}}), (Accounts{"B"}));
  EXPECT_EQ(freed({{0, 3}, {1, 1}}), (Accounts{"A", "D"}));
}

TEST_F(FreedByExclusions, AnActivationFreesWhoeverCameBehindItInItsPartition) {
  archive(0, {"A", "!", "B", "C"});
  archive(1, {"D", "!", "E"});
  EXPECT_EQ(freed({{0, 2}}), (Accounts{"*", "B", "C"})) << "A was decided before it, E by another partition's activation";
  EXPECT_EQ(freed({{0, 2}, {1, 2}}), (Accounts{"*", "B", "C", "E"}));
}

TEST_F(FreedByExclusions, OfTwoActivationsTheFirstCountsWhateverTheirOrderInTheList) {
  archive(0, {"A", "!", "B", "!", "C"});
  EXPECT_EQ(freed({{0, 2}, {0, 4}}), (Accounts{"*", "B", "C"}));
  EXPECT_EQ(freed({{0, 4}, {0, 2}}), (Accounts{"*", "B", "C"}));
  EXPECT_EQ(freed({{0, 4}}), (Accounts{"*", "C"}));
}

TEST_F(FreedByExclusions, AnInputBesideAnActivationIsFreeAlsoBeforeIt) {
  archive(0, {"A", "B", "!", "C"});
  EXPECT_EQ(freed({{0, 1}, {0, 3}}), (Accounts{"*", "A", "C"}));
}

TEST(FreedByDistrust, CallsOfTheWindowFreeTheirAccountsAndSealsNobody) {
  safe::StrictFake safe;
  const auto record = [](std::uint64_t offset, const char* account) {
    return queue::Record{offset, Time{1'700'000'000'000'000}, account, "completer.mark/1", "{}", "{}"};
  };
  ASSERT_TRUE(safe.archive("completer", 0, {record(1, "A"), record(2, "B"), record(3, "*"), record(4, "C")}));
  const auto freed = [&](std::uint64_t from) {
    database::Position at;
    at.completer = from;
    return freed_by_distrust(safe, {at}).value();
  };
  EXPECT_EQ(freed(2), (Accounts{"B", "C"}));
  EXPECT_EQ(freed(5), Accounts()) << "no call since";
}

}  // namespace
}  // namespace backstitch::recovery
