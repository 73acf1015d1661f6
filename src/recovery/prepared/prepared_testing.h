// For tests only: a copy that is looked at as it is prepared, and again behind a tail, with what was prepared and without.
#pragma once
#include <algorithm>

#include "recovery/prepared/net_state.h"
#include "recovery/prepared/prepared.h"
#include "recovery/reconcile/reconcile_testing.h"
#include "recovery/report/window_counts.h"
#include "recovery/saga/steps.h"
#include "recovery/verify/conservation.h"

namespace backstitch::recovery {

class PreparedTest : public ReconcileTest {
 protected:
  void SetUp() override {
    ReconcileTest::SetUp();
    ASSERT_FALSE(HasFatalFailure());
    world.plan.id = "rec-1", world.partitions = partitions, world.plan.time = t0;
    auto opened = Journal::open(safe, "rec-1");
    ASSERT_TRUE(opened);
    journal.emplace(std::move(*opened));
    boost::json::array begins;
    for (Partition one = 0; one < partitions; ++one) begins.push_back(boost::json::array{one, 1, 1});
    ASSERT_TRUE(journal->note("restoredPositions", std::move(begins)));
    boost::json::object ends;
    for (Partition one = 0; one < partitions; ++one) ends[std::to_string(one)] = 1'000'000;
    ASSERT_TRUE(journal->finish("seal", t0, 1, "", {{"ends", {{"completer", std::move(ends)}}}}));
    for (int n = 2; accounts.size() < 6; ++n)
      if (const std::string name = "A-" + std::to_string(n); partition_of(name, partitions) == partition)
        accounts.push_back(name);
  }
  /// An order of this account, with its first call at this outcome; empty: nothing was ever sent.
  void order_of(const std::string& whose, const std::string& id, const std::string& outcome, bool both = false) {
    submitter = whose;
    submit("keyed", id);
    if (outcome == "marked") mark(item("do", id)), fold();
    if (outcome == "marked" || outcome.empty()) return;
    called(item("do", id), outcome), fold();
    if (both) called(item("then", id), outcome), fold();
  }
  void prepare() {
    world.database = std::move(database);
    EXPECT_OK(prepare_proof(world, *journal));
    database = std::move(world.database);
  }

  struct Found {
    Sum orders, effects;
    boost::json::object reconciled;
    std::vector<std::string> told;
    boost::json::object counts;
  };
  /// With what was prepared, or without it.
  Found find_out(bool prepared) {
    Found found;
    world.database = std::move(database), world.standing.reset();
    world.plan.id = prepared ? "rec-1" : "rec-2";
    auto reconciled = reconcile_effects(world, *journal);
    EXPECT_TRUE(reconciled) << reconciled.error().text();
    if (reconciled) found.reconciled = std::move(*reconciled);
    auto orders = conserve_orders(world), effects = conserve_effects(world, found.reconciled);
    EXPECT_TRUE(orders && effects);
    found.orders = *orders, found.effects = *effects;
    const auto net = read_net_state(world);
    EXPECT_TRUE(net) << net.error().text();
    const TellUpdate tell = [&](const CrmUpdate& one) {
      found.told.push_back(one.type + one.account_id + one.body);
      return Status();
    };
    if (net) EXPECT_OK((*net)(tell));
    EXPECT_TRUE(std::is_partitioned(found.told.begin(), found.told.end(),
                                    [](const std::string& one) { return !one.starts_with("asset"); }));
    std::sort(found.told.begin(), found.told.end());
    auto counts = count_window(world, *journal, 0);
    EXPECT_TRUE(counts) << counts.error().text();
    if (counts) found.counts = std::move(*counts);
    standing = world.standing;
    database = std::move(world.database);
    return found;
  }
  void expect_the_same(const Found& one, const Found& other) {
    EXPECT_EQ(sum_object(one.orders), sum_object(other.orders));
    EXPECT_EQ(sum_object(one.effects), sum_object(other.effects));
    EXPECT_EQ(write_json(one.reconciled), write_json(other.reconciled));
    EXPECT_EQ(one.told, other.told);
    EXPECT_EQ(write_json(one.counts), write_json(other.counts));
  }

  World world{.plan = {}, .safe = safe, .library = library, .folders = {}, .cluster = {}};
  std::optional<Journal> journal;
  std::vector<std::string> accounts{"A-1"};
  std::shared_ptr<const Standing> standing;
};

}  // namespace backstitch::recovery
