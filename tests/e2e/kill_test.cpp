// kill -9 of the platform, its workers and PostgreSQL under load: 200 times and more, at random moments and at every probe. Then
// three witnesses are compared: the client's file, the rows, and the ledger of the external system.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>

#include "base/probe.h"
#include "evidence.h"
#include "killer.h"
#include "processes.h"
#include "submitter.h"

namespace backstitch::e2e {
namespace {

constexpr int kills_least = 200, settle_deadline_ms = 180'000;
constexpr std::uint64_t default_seed = 20'260'301;

std::uint64_t seed() {
  const char* text = std::getenv("KILL_TEST_SEED");
  return text ? std::strtoull(text, nullptr, 10) : default_seed;
}

WorldSettings settings_for(std::uint64_t seed) {
  // Replies of blind are not lost by the system itself: whatever is unknown there, a kill has made so.
  return {.config = "workers: {lanes: {default: {count: 4, concurrency: 8}}}\n",
          .system_arguments = {"--seed", std::to_string(seed), "--keyed", "lost=0.02,error=0.02,latency=2-60", "--lookup",
                               "lost=0.02,error=0.02,latency=2-60", "--blind", "error=0.02,latency=2-60", "--later",
                               "lost=0.02,error=0.02,latency=2-60,callback=2-400,interim=0.1,repeat=0.1"}};
}

void random_kills(Killer& killer, std::uint64_t seed) {
  std::vector<Victim> victims(110, Victim::worker);
  victims.insert(victims.end(), 25, Victim::platform);
  victims.insert(victims.end(), 25, Victim::postgres);
  std::shuffle(victims.begin(), victims.end(), std::mt19937_64(seed));
  for (const Victim victim : victims) killer.kill_one(victim, victim == Victim::worker ? 400 : 1200);
}

void kills_at_probes(Killer& killer) {
  killer.workers_die_at(probe_name(Probe::after_send), 20, 25);
  killer.die_at(probe_name(Probe::after_mark), 6, 20);
  killer.die_at(probe_name(Probe::after_answer), 8, 20);
  killer.die_at(probe_name(Probe::before_commit), 8, 60);
  killer.die_at(probe_name(Probe::between_commit_and_publish), 8, 40);
  killer.die_at(probe_name(Probe::during_log_sync), 8, 80);
  killer.back_to_normal();
}

/// Every order has ended when it is Activated, or an item of it waits for a person.
bool await_end(World& world) {
  return testing::wait_until(
      [&] {
        const auto open = world.query(
            "select count(*) from backstitch.orders o where o.state <> 'Activated' and not exists (select from backstitch.item i"
            " where i.id >= o.id and i.id <= (left(o.id::text, 24) || 'ffffffffffff')::uuid and i.state = 'FatallyFailed')");
        return open == std::vector<std::string>{"0"};
      },
      settle_deadline_ms);
}

void compare_with_the_client(World& world, const Submitter& client) {
  EXPECT_EQ(client.faults(), std::vector<std::string>{});
  const auto compared = run({.argv = {COMPARE_LEDGERS, "--psql", world.database(), "--ledger", client.ledger()}}, 60'000);
  ASSERT_TRUE(compared) << compared.error().text();
  EXPECT_EQ(compared->exit_status, 0) << compared->out << compared->err;
  const std::string acknowledged = std::to_string(client.acknowledged());
  EXPECT_NE(compared->out.find("acknowledged " + acknowledged + "\n"), std::string::npos) << compared->out;
  EXPECT_EQ(world.query("select count(*) from backstitch.order_key").front(), acknowledged);
}

/// Fatally Failed are exactly the calls to blind that were in the air when their worker died; and whatever the system did without
/// that anybody heard of it is among them.
void compare_with_the_outside(World& world) {
  std::set<std::string> living;
  for (const ProcessId worker : workers_of(world.data())) living.insert(worker_name("default", worker));
  const auto calls = read_calls(world);
  std::set<std::string> failed;
  const std::set<std::string> cut_off = items_cut_off(calls, "letter", living);
  for (const auto& [item, error] : fatally_failed_items(world)) {
    EXPECT_TRUE(error.starts_with("BS-3306 unknown-outcome")) << item << " " << error;
    EXPECT_TRUE(cut_off.contains(item)) << "given up without a reason: " << error << "\n" << history_of(calls, item);
    failed.insert(item);
  }
  for (const std::string& item : cut_off)
    EXPECT_TRUE(failed.contains(item)) << "cut off, and not given up: " << history_of(calls, item);
  EXPECT_FALSE(failed.empty()) << "no call to blind was in the air at any kill: this run proves nothing";
  std::size_t unheard = 0;
  for (const std::string& key : executed_keys(world, "blind")) {
    const auto call = calls.find(key);
    ASSERT_NE(call, calls.end()) << "executed without a mark: " << key;
    if (call->second.decided) continue;
    ++unheard;
    EXPECT_TRUE(failed.contains(call->second.item_id)) << "done outside, and nobody was told: " << key;
  }
  EXPECT_GT(unheard, 0u);
  for (const char* interface : {"keyed", "lookup", "blind", "later"}) {
    EXPECT_EQ(executed_twice(world, interface), std::vector<std::string>{}) << interface;
    std::cout << "  " << interface << ": " << count_of(world, interface, "calls") << " calls, "
              << count_of(world, interface, "executions") << " executions\n";
  }
  std::cout << "  unknown: " << failed.size() << " items, " << unheard << " of them executed outside, " << failed.size() - unheard
            << " cut off before they arrived\n";
}

/// Three orders of four call each of the three that answer at once; the fourth is called back.
void expect_all_used(World& world, int orders) {
  const std::int64_t lines = count_of(world, "keyed", "executions");
  EXPECT_EQ(count_of(world, "lookup", "executions"), lines);
  EXPECT_EQ(count_of(world, "later", "executions"), orders - lines);
  EXPECT_NEAR(static_cast<double>(lines), orders * 0.75, 4);
  EXPECT_GE(count_of(world, "blind", "executions"), lines * 9 / 10);
}

TEST(Kill, NothingIsLostAndNothingIsDoneTwice) {
  std::cout << "  seed " << seed() << " (KILL_TEST_SEED)\n";
  World world(settings_for(seed()));
  ASSERT_TRUE(world.start());
  Submitter client(world, 3, 120);
  Killer killer(world, seed());
  random_kills(killer, seed());
  if (!HasFatalFailure()) kills_at_probes(killer);
  client.stop();
  ASSERT_FALSE(HasFatalFailure());
  for (const auto& [what, count] : killer.tally()) std::cout << "  " << count << " kills: " << what << "\n";
  EXPECT_GE(killer.kills(), kills_least);
  auto hit = killer.probes();
  for (const Probe probe : {Probe::after_mark, Probe::after_send, Probe::after_answer, Probe::before_commit,
                            Probe::between_commit_and_publish, Probe::during_log_sync})
    EXPECT_GE(hit[probe_name(probe)], 5) << "hardly ever hit: " << probe_name(probe);

  ASSERT_TRUE(await_end(world)) << "orders that neither ended nor wait for a person";
  compare_with_the_client(world, client);
  compare_with_the_outside(world);
  expect_all_used(world, client.acknowledged());
  EXPECT_EQ(violations(world), std::vector<std::string>{});
  std::cout << "  " << client.acknowledged() << " orders, all accounted for\n";
}

}  // namespace
}  // namespace backstitch::e2e
