// A world that goes back: a client that submits all the time, four external systems that lose answers, one of which calls back,
// and what must hold at the end of every recovery.
#pragma once
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/testing.h"
#include "evidence.h"
#include "recoveries.h"
#include "submitter.h"

namespace backstitch::e2e {

inline constexpr int settle_deadline_ms = 90'000;

/// What keeps the orders that have not ended, for whoever reads a red test.
inline std::string what_they_wait_for(World& world) {
  return fmt::format(
      "{}",
      fmt::join(world.query("select o.id, o.partition, o.state, i.id, i.state, i.attempt, i.call, i.system, i.due_at, i.error"
                            " from backstitch.orders o left join backstitch.item i on i.id between o.id and"
                            " (left(o.id::text, 24) || 'ffffffffffff')::uuid and i.state not in ('Completed', 'Skipped')"
                            " where o.state <> 'Activated' order by 1, 4 limit 40"),
                "\n"));
}

/// Every order has ended, or waits for a person.
inline void await_rest(World& world, Submitter& client) {
  client.stop();
  ASSERT_TRUE(testing::wait_until(
      [&] {
        return world.query(
                   "select count(*) from backstitch.orders o where o.state <> 'Activated' and not exists (select from"
                   " backstitch.attention a where a.order_id = o.id and a.kind in ('unknown-outcome', 'fatally-failed'))") ==
               std::vector<std::string>{"0"};
      },
      settle_deadline_ms))
      << what_they_wait_for(world) << fmt::format("\n{}", fmt::join(violations(world), "\n"));
}

/// By ledgers outside: nothing acknowledged is missing, nothing is done twice; and every invariant holds.
inline void expect_proven_outside(World& world, Submitter& client) {
  const auto compared = run({.argv = {COMPARE_LEDGERS, "--psql", world.database(), "--ledger", client.ledger()}}, 60'000);
  ASSERT_TRUE(compared) << compared.error().text();
  EXPECT_EQ(compared->exit_status, 0) << compared->out << compared->err;
  for (const char* interface : {"keyed", "lookup", "blind", "later"})
    EXPECT_EQ(executed_twice(world, interface), std::vector<std::string>{}) << interface;
  EXPECT_EQ(violations(world), std::vector<std::string>{});
}

class GoingBack : public ::testing::Test {
 protected:
  void live(int orders_least) {
    ASSERT_TRUE(world.start());
    ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
    client.emplace(world, 3, 20);
    ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= orders_least; }, 60'000));
  }
  void come_to_rest() { await_rest(world, *client); }
  void expect_proven() { expect_proven_outside(world, *client); }
  std::int64_t number_in(const boost::json::value& report, const char* group, const char* name) {
    return report.at(group).at(name).to_number<std::int64_t>();
  }

  World world{{.config = "workers: {lanes: {default: {count: 2, concurrency: 16}}}\nbackup: {full_every: 24h}\n",
               .system_arguments = {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup",
                                    "lost=0.05,error=0.02,latency=2-40", "--blind", "error=0.02,latency=2-40", "--later",
                                    "lost=0.05,error=0.02,latency=2-40,callback=5-200,interim=0.2,repeat=0.1"}}};
  std::optional<Submitter> client;
};

}  // namespace backstitch::e2e
