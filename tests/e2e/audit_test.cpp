// The database is what its log says while orders go on, also behind a recovery; one row that somebody wrote past the engine is
// found, with who did it.
#include <gtest/gtest.h>
#include <signal.h>

#include "base/files.h"
#include "base/json.h"
#include "processes.h"
#include "recoveries.h"
#include "submitter.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;

constexpr int deadline_ms = 60'000;

std::int64_t number(const Spoken& spoken, const char* name) {
  const json::value data = spoken.data();
  const json::value* value = data.is_object() ? data.get_object().if_contains(name) : nullptr;
  return value && value->is_number() ? value->to_number<std::int64_t>() : -1;
}

class Auditing : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world.start());
    client.emplace(world, 3, 20);
    ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= 40; }, deadline_ms));
  }
  Spoken audit(const std::string& option = {}) {
    std::vector<std::string> words{"audit"};
    if (!option.empty()) words.push_back(option);
    const Spoken spoken = speak(world, std::move(words));
    for (const std::string& name : list_folder(world.data() + "/pg"))
      EXPECT_TRUE(name.starts_with("e0") || name == "postgres.log") << name << " is left behind";
    return spoken;
  }
  void expect_clean(const Spoken& spoken) {
    EXPECT_EQ(spoken.exit_status, 0) << write_json(spoken.document) << spoken.err;
    EXPECT_GT(number(spoken, "accounts"), 10) << write_json(spoken.document);
    EXPECT_EQ(number(spoken, "equal"), number(spoken, "accounts"));
    EXPECT_EQ(number(spoken, "differences"), 0);
    EXPECT_GT(number(spoken, "inputs"), 40) << "so little that it proves nothing";
  }
  /// A deed that reaches one row of an account, and what the audits say then.
  void expect_found(const std::string& option, const std::string& account, const char* what) {
    const Spoken spoken = audit(option);
    EXPECT_EQ(spoken.exit_status, 1) << write_json(spoken.document) << spoken.err;
    const json::value data = spoken.data();
    ASSERT_TRUE(data.is_object()) << spoken.err;
    EXPECT_EQ(data.at("code"), "BS-6405");
    EXPECT_EQ(data.at("differingAccounts"), (json::array{account.c_str()})) << write_json(data);
    EXPECT_EQ(number(spoken, "equal"), number(spoken, "accounts") - 1);
    EXPECT_EQ(data.at("partitionsDiffering").as_array().size(), 0u) << "its decisions were right";
    const json::array& foreign = data.at("foreignCommits").as_array();
    ASSERT_FALSE(foreign.empty()) << write_json(data);
    EXPECT_EQ(foreign.back().at("role"), "batch");
    EXPECT_EQ(foreign.back().at("rows").at(what), 1) << write_json(foreign);
  }

  World world{{.config = "backup: {full_every: 0s}\n",
               .system_arguments = {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup", "error=0.02,latency=2-40",
                                    "--blind", "latency=2-40"}}};
  std::optional<Submitter> client;
};

TEST_F(Auditing, IsCleanWhileOrdersGoOnAndNamesTheOneAccountThatSomebodyTouched) {
  EXPECT_EQ(audit().code(), "BS-6002") << "there is no backup yet";
  expect_clean(audit("--from-start"));
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  const int before = client->acknowledged();
  ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= before + 60; }, deadline_ms));
  expect_clean(audit());
  EXPECT_GT(client->acknowledged(), before + 60) << "orders went on meanwhile";

  const std::string account = world.query("select account_id from backstitch.asset order by id limit 1").at(0);
  write_past_the_engine(
      world, "batch",
      "update backstitch.asset set quantity = quantity + 1 where id = (select id from backstitch.asset order by id limit 1)");
  expect_found("", account, "asset update");
  expect_found("--from-start", account, "asset update");

  write_past_the_engine(
      world, "batch",
      "update backstitch.asset set quantity = quantity - 1 where id = (select id from backstitch.asset order by id limit 1)");
  const Spoken mended = audit();
  expect_clean(mended);
  EXPECT_EQ(mended.data().at("foreignCommits").as_array().size(), 2u) << "put right by hand is still by hand";
}

TEST_F(Auditing, BehindARecoveryItIsCleanAgain) {
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  const int before = client->acknowledged();
  ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= before + 40; }, deadline_ms));
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = quantity + 1");
  EXPECT_EQ(audit().exit_status, 1);
  const Spoken recovered = go_back(world, plan_recovery(world));
  ASSERT_EQ(recovered.exit_status, 0) << write_json(recovered.document) << recovered.err;
  ASSERT_TRUE(world.start());
  const int since = client->acknowledged();
  ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= since + 40; }, deadline_ms));
  const Spoken after = audit();
  expect_clean(after);
  EXPECT_EQ(after.data().at("foreignCommits").as_array().size(), 0u) << "it lies on the line that was given up";
  expect_clean(audit("--from-start"));
}

TEST_F(Auditing, AnAccountThatIsGoneAndOneThatNobodyOrdered) {
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  client->stop();
  ASSERT_TRUE(testing::wait_until(
      [&] {
        return world.query("select count(*) from backstitch.orders where state = 'InProgress'") == std::vector<std::string>{"0"};
      },
      deadline_ms));
  write_past_the_engine(world, "batch", "update backstitch.asset set account_id = 'A-nobody' where account_id = 'A-1'");
  const Spoken spoken = audit();
  EXPECT_EQ(spoken.exit_status, 1) << write_json(spoken.document) << spoken.err;
  EXPECT_EQ(spoken.data().at("onlyHereAccounts"), (json::array{"A-nobody"}));
  EXPECT_EQ(spoken.data().at("differingAccounts"), (json::array{"A-1"}));
  EXPECT_EQ(spoken.data().at("code"), "BS-6405");
}

TEST_F(Auditing, GivenUpItLeavesNothingBehind) {
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  const auto child = start({.argv = {PLATFORM_PROGRAM, "--data", world.data(), "audit"}});
  ASSERT_TRUE(child) << child.error().text();
  const std::string copy = world.data() + "/pg/audit";
  ASSERT_TRUE(testing::wait_until([&] { return file_exists(copy); }, deadline_ms));
  EXPECT_EQ(speak(world, {"audit"}).code(), "BS-1005") << "one at a time";
  signal_process(child->id, SIGTERM);
  int ended = -1;
  ASSERT_TRUE(testing::wait_until([&] { return (ended = reap(child->id.pid)) >= 0; }, deadline_ms));
  EXPECT_EQ(ended, 5);
  expect_clean(audit());
}

TEST(NightlyAudit, IsMadeByThePlatformItselfAndItsOutcomeIsKept) {
  World world{{.config = "audit: {every: 1s}\n"}};
  ASSERT_TRUE(world.start());
  ASSERT_TRUE(world.call("POST", "/api/v1/orders", order_text("N-1", 1, "LINE")).ok());
  const auto differences = [&] {
    const auto noted = parse_json(read_file(world.data() + "/run/audit.json").value_or(""));
    const json::value* found = noted && noted->is_object() ? noted->get_object().if_contains("differences") : nullptr;
    return found && found->is_int64() ? found->get_int64() : -1;
  };
  ASSERT_TRUE(testing::wait_until([&] { return differences() == 0; }, deadline_ms));
  write_past_the_engine(world, "batch", "delete from backstitch.event");
  EXPECT_TRUE(testing::wait_until([&] { return differences() == 1; }, deadline_ms));
  world.stop_platform();
  EXPECT_FALSE(file_exists(world.data() + "/pg/audit")) << "one that ran takes its copy away";
}

}  // namespace
}  // namespace backstitch::e2e
