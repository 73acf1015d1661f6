// The main job on real servers, as a person runs it: they are killed on the way, and the product goes back in time on them.
#include <algorithm>

#include "demo_program.h"
#include "server.h"

namespace backstitch::servers {
namespace {

constexpr std::int64_t run_ms_max = 280'000;

/// Those of `stores` whose servers BACKSTITCH_WITHOUT does not name.
std::string wanted_of(const std::vector<std::string>& stores) {
  std::string out;
  for (const std::string& store : stores)
    if (wanted(store == "s3" ? "ceph" : store)) out += (out.empty() ? "" : ",") + store;
  return out;
}

void expect_closed(const std::string& stores, std::vector<std::string> words) {
  words.insert(words.end(), {"--stores", stores});
  const testing::ScratchFolder tmp;
  const auto data = closed_demo(tmp, words, run_ms_max);
  ASSERT_FALSE(data.empty());
  EXPECT_EQ(data.at("stores").as_array().size(), 1u + static_cast<std::size_t>(std::count(stores.begin(), stores.end(), ',')));
}

TEST(DemoOnRealStores, ClosesWhileAllOfThemAreKilled) {
  expect_closed(wanted_of({"kafka", "redis", "s3", "salesforce"}),
                {"--orders", "80", "--kills", "8", "--seed", "3", "--corruption", "bad-sql"});
}

TEST(DemoOnRealStores, GoesBackFromPoisonedOrders) {
  expect_closed(wanted_of({"kafka", "riak", "s3", "kube"}),
                {"--orders", "80", "--kills", "0", "--seed", "1", "--corruption", "poison-orders"});
}

}  // namespace
}  // namespace backstitch::servers
