#include "demo/checks.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "demo/testing.h"

namespace backstitch::demo {
namespace {

using testing::collected_in_order;

const std::string first = order_name("org1", "O-1", 1), second = order_name("org1", "O-2", 1);

bool names(const Check& check, const std::string& what) {
  return check.differences.size() == 1 && check.differences.front().find(what) != std::string::npos;
}

Catalog catalog_with_three_systems() {
  Catalog catalog;
  System keyed{.key = "tenant-keyed", .interfaces = {{.key = "stage"}}}, lookup = keyed, blind = keyed;
  keyed.effects.idempotent = keyed.effects.lookup = true;
  lookup.key = "tenant-lookup", lookup.effects.lookup = true;
  blind.key = "tenant-blind";
  catalog.systems = {keyed, lookup, blind};
  catalog.index_all();
  return catalog;
}

UnknownItem unknown_on(const std::string& interface) {
  return {"itm_1", "ord_O-2", "p/i[order]", "A-1/O-2:1/p/i", interface, "eff_1.1", false};
}

TEST(Checks, HoldOnWhatIsInOrder) {
  const Collected collected = collected_in_order();
  for (const Check& check : {check_acknowledged(collected), check_told(collected), check_ended(collected),
                             check_executions(collected), check_unknown(collected, catalog_with_three_systems())})
    EXPECT_TRUE(check.holds()) << check.id << " " << (check.differences.empty() ? "" : check.differences.front());
  EXPECT_EQ(check_acknowledged(collected).compared, 2);
}

TEST(CheckAcknowledged, NamesAnOrderThatIsNotThere) {
  Collected collected = collected_in_order();
  collected.inside.erase(first);
  EXPECT_TRUE(names(check_acknowledged(collected), first));
}

TEST(CheckAcknowledged, NamesAnOrderWithOtherBytes) {
  Collected collected = collected_in_order();
  collected.inside[second].digest = "another";
  EXPECT_TRUE(names(check_acknowledged(collected), second));
}

TEST(CheckAcknowledged, NamesAnOrderThatNobodyHoldsAnAcknowledgementOf) {
  Collected collected = collected_in_order();
  collected.outside.acknowledged.erase(first);
  EXPECT_TRUE(names(check_acknowledged(collected), first));
}

TEST(CheckAcknowledged, NamesARejectedOrder) {
  Collected collected = collected_in_order();
  collected.outside.rejected.push_back("org1 O-3 version 1");
  EXPECT_TRUE(names(check_acknowledged(collected), "O-3"));
}

TEST(CheckTold, NamesAnOrderWhoseStateTheOrgDoesNotKnow) {
  Collected collected = collected_in_order();
  collected.outside.told["O-2"] = "InProgress";
  EXPECT_TRUE(names(check_told(collected), second));
  collected.outside.told.erase("O-2");
  EXPECT_TRUE(names(check_told(collected), "nothing"));
}

TEST(CheckEnded, AnOrderMayWaitOnlyBehindAnUnknownOutcome) {
  Collected collected = collected_in_order();
  collected.inside[second].state = "InProgress";
  EXPECT_TRUE(names(check_ended(collected), second));
  collected.unknown.push_back(unknown_on("tenant-blind.stage"));
  collected.attention["itm_1"] = "unknown-outcome";
  EXPECT_TRUE(check_ended(collected).holds());
}

TEST(CheckEnded, AnActivatedOrderHasNoUnknownOutcome) {
  Collected collected = collected_in_order();
  collected.unknown.push_back(unknown_on("tenant-blind.stage"));
  EXPECT_TRUE(names(check_ended(collected), second));
}

TEST(CheckEnded, AnOrderMayWaitBehindWhatThePolicyGaveToPeople) {
  Collected collected = collected_in_order();
  collected.inside[second].state = "InProgress";
  collected.attention["itm_1"] = given_to_people;
  EXPECT_TRUE(names(check_ended(collected), second)) << "the item is of another order";
  collected.with_people.insert(collected.inside[second].id);
  EXPECT_TRUE(check_ended(collected).holds());
}

TEST(CheckEnded, NamesAnItemThatWaitsForSomebody) {
  Collected collected = collected_in_order();
  collected.attention["itm_9"] = "fatally-failed";
  EXPECT_TRUE(names(check_ended(collected), "itm_9"));
}

TEST(CheckExecutions, NamesTheInterfaceOfASecondExecution) {
  Collected collected = collected_in_order();
  collected.executed_twice["lookup"] = 1;
  EXPECT_TRUE(names(check_executions(collected), "lookup"));
}

TEST(CheckUnknown, OnlyAnInterfaceThatCannotBeAskedMayHaveOne) {
  const Catalog catalog = catalog_with_three_systems();
  for (const char* interface : {"tenant-keyed.stage", "tenant-lookup.stage", "tenant-gone.stage"}) {
    Collected collected = collected_in_order();
    collected.unknown.push_back(unknown_on(interface));
    EXPECT_TRUE(names(check_unknown(collected, catalog), interface)) << interface;
  }
}

TEST(CheckUnknown, ItsCallWasSeenByTheSystemOrMarked) {
  const Catalog catalog = catalog_with_three_systems();
  Collected collected = collected_in_order();
  collected.unknown.push_back(unknown_on("tenant-blind.stage"));
  EXPECT_TRUE(check_unknown(collected, catalog).holds()) << "the system was called";
  collected.called["blind"].clear();
  EXPECT_TRUE(names(check_unknown(collected, catalog), "itm_1"));
  collected.unknown.front().marked = true;
  EXPECT_TRUE(check_unknown(collected, catalog).holds()) << "killed between mark and call";
}

Check conserved(const std::string& out, int exit_status) {
  Check check{"conservation", "", 0, {}};
  std::vector<std::string> sums;
  take_conservation({exit_status, out, "psql: no"}, check, sums);
  return check;
}

const std::string three_sums =
    "orders known 2 = kept 2 + rejected in writing 0, difference 0\neffects known 3 = kept 2 + listed 1, difference 0; undone 0\n"
    "assets known 4 = kept 4 + listed 0, difference 0\n";

TEST(CheckConservation, HoldsWithItsThreeSums) {
  EXPECT_TRUE(conserved(three_sums, 0).holds());
  EXPECT_EQ(conserved(three_sums, 0).compared, 9);
}

TEST(CheckConservation, NamesEachLineThatIsNoSum) {
  EXPECT_TRUE(names(conserved("MISSING order org1 O-1 version 1\n" + three_sums, 1), "MISSING order org1 O-1"));
}

TEST(CheckConservation, OneThatStumblesIsNoSuccess) {
  EXPECT_TRUE(names(conserved("", 5), "psql: no"));
  EXPECT_TRUE(names(conserved("assets known 4 = kept 4 + listed 0, difference 0\n", 0), "1 sums")) << "two sums are missing";
  EXPECT_FALSE(conserved(three_sums, 1).holds());
}

TEST(CheckInvariants, CountsEachAndNamesTheViolated) {
  const auto answer = boost::json::parse(R"({"data":{"items":[{"id":"V-1","count":0},{"id":"V-3","count":2}]}})").as_object();
  const Check check = check_invariants(answer);
  EXPECT_EQ(check.compared, 2);
  EXPECT_TRUE(names(check, "V-3"));
}

TEST(CheckInvariants, AnAnswerWithoutInvariantsIsNoSuccess) {
  EXPECT_FALSE(check_invariants({}).holds());
  EXPECT_FALSE(check_invariants(boost::json::parse(R"({"data":{"items":[]}})").as_object()).holds());
}

}  // namespace
}  // namespace backstitch::demo
