// Three hosts with a network between them: cut off, joined again, their broker and their database away, a CRM that is difficult.
// Orders flow through all of it, and at the end every one that was acknowledged has reached its own, once.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/testing.h"
#include "base/time.h"
#include "hosts_house.h"
#include "model/identity.h"

namespace backstitch::servers {
namespace {

using testing::wait_until;
using Shares = std::map<std::string, std::size_t>;

constexpr int partitions = 12;
constexpr std::int64_t move_ms_max = 10'000;

class HostsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::geteuid(), 0u) << "network namespaces belong to the machine: run it as root"; }

  /// So many more than now are acknowledged, and have reached their end.
  bool some_more_end(HostsHouse& house, std::size_t count) {
    const std::size_t from = house.acknowledged().size();
    return wait_until(
        [&] {
          const auto all = house.acknowledged();
          return all.size() >= from + count &&
                 std::all_of(all.begin() + static_cast<std::ptrdiff_t>(from),
                             all.begin() + static_cast<std::ptrdiff_t>(from + count),
                             [&](const Acknowledged& one) { return house.state_of("h1", one.id) == "Activated"; });
        },
        60'000);
  }

  /// Every acknowledged order reaches its end, the org is told of all of it, and no effect is there twice.
  void all_closes(HostsHouse& house) {
    std::set<std::string> open;
    for (const Acknowledged& one : house.acknowledged()) open.insert(one.id);
    fmt::print("{} orders\n", open.size());
    EXPECT_TRUE(wait_until(
        [&] {
          std::erase_if(open, [&](const std::string& id) { return house.state_of("h2", id) == "Activated"; });
          return open.empty();
        },
        100'000))
        << open.size() << " are open, the first " << *open.begin() << ": "
        << house.call("h2", "GET", "/api/v1/orders/" + *open.begin() + "?source=test").body;
    std::string told;
    EXPECT_TRUE(wait_until([&] { return (told = house.judge("compare_ledgers.sh")).empty(); }, 60'000)) << told;
    EXPECT_EQ(house.judge("conservation.sh"), "");
  }

  /// Until an order that came in behind the cut, of a partition that was `host`'s, has reached its end. -1: none did.
  std::int64_t first_order_of(HostsHouse& house, const std::set<int>& moved, std::int64_t cut_ms, std::size_t from) {
    const auto is_there = [&] {
      const auto all = house.acknowledged();
      return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(std::min(from, all.size())), all.end(), [&](const auto& one) {
        return moved.contains(partition_of(one.account, partitions)) && house.state_of("h1", one.id) == "Activated";
      });
    };
    return wait_until(is_there, 30'000) ? monotonic_ms() - cut_ms : -1;
  }
};

TEST_F(HostsTest, OrdersReachTheirEnd) {
  HostsHouse house({"--partitions", std::to_string(partitions)});
  ASSERT_TRUE(house.up());
  ASSERT_TRUE(house.await_shares("h1", Shares{{"h1", 4}, {"h2", 4}, {"h3", 4}}, 30'000));
  house.activate_catalog();
  house.begin_orders(12);
  ASSERT_TRUE(some_more_end(house, 12));

  // A host is cut off: nobody is told anything, on either side.
  const auto before = house.owners("h1");
  std::set<int> moved;
  for (const auto& [partition, owner] : before)
    if (owner.first == "h3") moved.insert(partition);
  ASSERT_EQ(moved.size(), 4u);
  house.verb({"partition", "h3"});
  const std::int64_t cut_ms = monotonic_ms();
  const std::size_t from = house.acknowledged().size();
  const std::int64_t first_ms = first_order_of(house, moved, cut_ms, from);
  fmt::print("the first order of a moved partition ended after {} ms\n", first_ms);
  EXPECT_GE(first_ms, 0);
  EXPECT_LE(first_ms, move_ms_max);
  EXPECT_TRUE(house.await_shares("h1", Shares{{"h1", 6}, {"h2", 6}}, 10'000));
  ASSERT_TRUE(some_more_end(house, 12));
  house.verb({"join", "h3"});
  const std::int64_t joined_ms = monotonic_ms();
  EXPECT_TRUE(house.await_shares("h1", Shares{{"h1", 4}, {"h2", 4}, {"h3", 4}}, 40'000));
  fmt::print("it had its share again after {} ms\n", monotonic_ms() - joined_ms);

  house.verb({"restart", "kafka"});
  ASSERT_TRUE(some_more_end(house, 12));
  house.verb({"kill", "kafka"});
  house.verb({"restart", "kafka"});
  ASSERT_TRUE(some_more_end(house, 12));
  house.verb({"restart", "postgres"});
  ASSERT_TRUE(some_more_end(house, 12));
  house.end_orders();

  all_closes(house);
  // Turns of a partition are numbered: none of an older term stands behind one of a newer.
  EXPECT_EQ(house.query("select count(*) from backstitch.turn a join backstitch.turn b on a.partition = b.partition"
                        " and a.turn < b.turn and a.term > b.term"),
            std::vector<std::string>{"0"});
  EXPECT_EQ(house.query("select count(distinct partition) from backstitch.turn where term > 1"),
            std::vector<std::string>{std::to_string(partitions)});
  const auto org = house.outside("org", "/ledger/summary");
  ASSERT_TRUE(org.is_object());
  EXPECT_GT(org.at("locked").to_number<int>(), 0) << "no row was locked: nothing was difficult";
}

}  // namespace
}  // namespace backstitch::servers
