// Bad input meets a numbered error with a hint, at the door, all faults at once; nothing is lost and nothing half done.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/testing.h"
#include "evidence.h"
#include "problem.h"
#include "world.h"

namespace backstitch::e2e {
namespace {

class BadInput : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = new World;
    ASSERT_TRUE(world->start());
    // The answer to an activation comes with the first partition that decided it.
    ASSERT_TRUE(testing::wait_until([] { return active_partitions() == 8; }, 20'000)) << active_partitions();
  }
  static void TearDownTestSuite() { delete world, world = nullptr; }

  void SetUp() override { inputs_before_ = world->records_in("incoming"); }
  /// Nothing of what was refused may have reached the log.
  void expect_nothing_stored() { EXPECT_EQ(world->records_in("incoming"), inputs_before_); }

  static std::int64_t active_partitions() {
    const auto versions = world->get("/api/v1/catalog/versions");
    return versions.at("items").at(0).at("activePartitions").to_number<std::int64_t>();
  }
  static std::string catalog_text() { return read_file(std::string(CATALOGS_FOLDER) + "/chaos/catalog.json").value(); }
  static std::string order_of_lines(const std::string& id, int lines) {
    std::string text = R"({"source":"test","sourceOrderId":")" + id + R"(","version":1,"accountId":"A-1","items":[)";
    for (int n = 1; n <= lines; ++n)
      text += fmt::format(R"({}{{"lineId":"{}","product":"VOUCHER","action":"Add","quantity":1,"attributes":{{}}}})",
                          n == 1 ? "" : ",", n);
    return text + "]}";
  }

  static World* world;
  std::uint64_t inputs_before_ = 0;
};
World* BadInput::world = nullptr;

TEST_F(BadInput, CatalogWithACycle) {
  std::string text = catalog_text();
  const std::string first = R"({"item": "line/book", "dependsOn": "line/start", "scope": "OrderItem"},)";
  ASSERT_NE(text.find(first), std::string::npos);
  text.insert(text.find(first), R"({"item": "line/book", "dependsOn": "line/post", "scope": "OrderItem"},)");
  const auto before = world->get("/api/v1/catalog/versions");
  for (const char* query : {"", "?validate=only"}) {
    const Problem problem = problem_of(world->call("POST", std::string("/api/v1/catalog/versions") + query, text));
    EXPECT_EQ(problem.status, 422);
    EXPECT_TRUE(problem.names("BS-2004", "/dependencies")) << problem.body;
    EXPECT_NE(problem.hint, "");
  }
  EXPECT_EQ(world->get("/api/v1/catalog/versions"), before);
  expect_nothing_stored();
}

TEST_F(BadInput, CatalogThatIsNoJson) {
  const Problem problem = problem_of(world->call("POST", "/api/v1/catalog/versions", catalog_text().substr(0, 1000)));
  EXPECT_EQ(problem.status, 422);
  EXPECT_EQ(problem.code, "BS-1101");
  EXPECT_NE(problem.hint, "");
}

TEST_F(BadInput, OrderThatIsNoJson) {
  const Problem problem = problem_of(world->call("POST", "/api/v1/orders", R"({"source":"test","sourceOrderId":)"));
  EXPECT_EQ(problem.status, 422);
  EXPECT_EQ(problem.code, "BS-1101");
  EXPECT_NE(problem.hint, "");
  expect_nothing_stored();
}

TEST_F(BadInput, EveryUnknownProductIsNamed) {
  std::string text = order_of_lines("U-1", 3);
  text.replace(text.find("VOUCHER"), 7, "VUOCHER");
  text.replace(text.rfind("VOUCHER"), 7, "COUPON");
  const Problem problem = problem_of(world->call("POST", "/api/v1/orders", text));
  EXPECT_EQ(problem.status, 422);
  EXPECT_EQ(problem.code, "BS-3105");
  EXPECT_TRUE(problem.names("BS-3105", "/items/0/product") && problem.names("BS-3105", "/items/2/product")) << problem.body;
  EXPECT_EQ(problem.faults.size(), 2u);
  EXPECT_NE(problem.hint, "");
  EXPECT_EQ(world->order_state("U-1"), "");
  expect_nothing_stored();
}

TEST_F(BadInput, TenThousandLinesAreTaken) {
  const HttpAnswer answer = world->call("POST", "/api/v1/orders", order_of_lines("BIG-1", 10'000));
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_TRUE(world->await_state("BIG-1", "Activated", 60'000));
  EXPECT_EQ(world->query("select count(*) from backstitch.order_item where state = 'Activated'").front(), "10000");
}

TEST_F(BadInput, OneLineMoreIsNot) {
  const Problem problem = problem_of(world->call("POST", "/api/v1/orders", order_of_lines("BIG-2", 10'001)));
  EXPECT_EQ(problem.status, 422);
  EXPECT_EQ(problem.code, "BS-3104") << problem.body;
  EXPECT_NE(problem.hint, "");
  EXPECT_EQ(world->order_state("BIG-2"), "");
  expect_nothing_stored();
}

TEST_F(BadInput, TheSameIdWithAnotherBody) {
  const std::string first = order_text("S-1", 1, "VOUCHER"), other = order_text("S-1", 1, "PARCEL");
  EXPECT_EQ(world->call("POST", "/api/v1/orders", first).status, 202);
  EXPECT_EQ(world->call("POST", "/api/v1/orders", first).status, 200);
  const Problem problem = problem_of(world->call("POST", "/api/v1/orders", other));
  EXPECT_EQ(problem.status, 409);
  EXPECT_EQ(problem.code, "BS-3102");
  EXPECT_NE(problem.hint, "");
  EXPECT_EQ(world->records_in("incoming"), inputs_before_ + 1);
  EXPECT_TRUE(world->await_state("S-1", "Activated"));
  EXPECT_EQ(executed_keys(*world, "lookup"), std::set<std::string>{});
}

TEST_F(BadInput, ShortRetentionIsRefusedAtTheStart) {
  for (const char* queue : {"incoming", "order_orderitems"}) {
    const backstitch::testing::ScratchFolder folder;
    const std::string config = folder.path() + "/backstitch.yaml";
    ASSERT_TRUE(write_file_durably(config, fmt::format("queue: {{retention: {{{}: 10m}}}}\n", queue)));
    const auto ran = run({.argv = {PLATFORM_PROGRAM, "--data", folder.path(), "serve", "--port-base", "0"}}, 30'000);
    ASSERT_TRUE(ran) << ran.error().text();
    EXPECT_EQ(ran->exit_status, 2);
    EXPECT_NE((ran->out + ran->err).find("BS-4107"), std::string::npos) << ran->out << ran->err;
    EXPECT_NE((ran->out + ran->err).find("queue.allow_short_retention"), std::string::npos);
    EXPECT_EQ(list_folder(folder.path()), std::vector<std::string>{"backstitch.yaml"}) << "nothing is made before the refusal";
  }
}

}  // namespace
}  // namespace backstitch::e2e
