// The main job on real servers, as a person runs it: they are killed on the way, and the product goes back in time on them.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"
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

void expect_closed(const std::string& stores, const std::vector<std::string>& words) {
  testing::ScratchFolder tmp;
  std::filesystem::permissions(tmp.path(), std::filesystem::perms(0755));  // PostgreSQL's user must be able to enter
  Command command{.argv = {DEMO_PROGRAM, "--stores", stores, "--json"}, .env = {{"TMPDIR", tmp.path()}}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.folder = SOURCE_FOLDER;
  const auto ended = run(command, run_ms_max);
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(ended->exit_status, 0) << ended->out << ended->err;
  const auto document = parse_json(ended->out);
  ASSERT_TRUE(document) << ended->out << ended->err;
  const auto* data = document->as_object().if_contains("data");
  ASSERT_TRUE(data) << ended->out;
  EXPECT_TRUE(data->at("closed").as_bool()) << ended->out;
  EXPECT_EQ(data->at("stores").as_array().size(), 1u + static_cast<std::size_t>(std::count(stores.begin(), stores.end(), ',')));
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
