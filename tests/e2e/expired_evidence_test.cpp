// The queues keep ten seconds, and the window is thirty: the recovery ends all the same, takes what it can from archive and CRM,
// names the periods nobody can tell about, and does not call itself whole.
#include "base/files.h"
#include "base/json.h"
#include "base/time.h"
#include "going_back_world.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;
using standin_testing::StandIn;

constexpr std::int64_t window_ms = 30'000;
constexpr const char* retention =
    "queue: {allow_short_retention: true, retention: {incoming: 10s, completer: 10s, order_orderitems: 10s, schedule: 10s,"
    " tasks: 10s}}\nworkers: {lanes: {default: {count: 2, concurrency: 16}}}\nbackup: {full_every: 24h}\n";

const json::object* row_of(const json::value& rows, const char* evidence) {
  for (const json::value& row : rows.as_array())
    if (row.at("evidence") == evidence) return &row.as_object();
  return nullptr;
}

class ExpiredEvidence : public ::testing::TestWithParam<const char*> {
 protected:
  std::string words(const std::vector<std::string>& verb) {
    std::vector<std::string> argv = {PLATFORM_PROGRAM, "--data", world.data()};
    argv.insert(argv.end(), verb.begin(), verb.end());
    const auto ended = run({.argv = std::move(argv)}, 60'000);
    return ended ? ended->out : ended.error().text();
  }
  /// Until the window is as long as it must be and retention has been at work in it.
  bool live_for_the_window() {
    const std::int64_t begun_ms = monotonic_ms();
    return testing::wait_until([&] { return monotonic_ms() - begun_ms > window_ms + 2'000 && client->acknowledged() > 60; },
                               90'000);
  }

  testing::ScratchFolder folder;
  StandIn org{"standin-org", {"--data", folder / "org"}};
  World world{{.config = fmt::format("crm: {{adapter: standin, url: \"http://127.0.0.1:{}\"}}\n{}", org.port(), retention),
               .system_arguments = {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup",
                                    "lost=0.05,error=0.02,latency=2-40", "--blind", "error=0.02,latency=2-40"}}};
  std::optional<Submitter> client;
};

TEST_P(ExpiredEvidence, IsNamedAndTheRecoveryEndsWithStatusOne) {
  ASSERT_TRUE(world.start());
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  client.emplace(world, 2, 100);
  ASSERT_TRUE(live_for_the_window());

  const Spoken planned = speak(world, {"recover", "plan", "--to", "30s", "--policy", GetParam(), "--cause", "a test"});
  ASSERT_EQ(planned.exit_status, 0) << write_json(planned.document) << planned.err;
  const json::value plan = planned.data().at("plan");
  const std::string id = json::value_to<std::string>(plan.at("id")), since = json::value_to<std::string>(plan.at("time"));
  const json::value shown = planned.data().at("evidence");
  const json::object* updates = row_of(shown, "order_orderitems");
  ASSERT_TRUE(updates && updates->at("expired").is_object()) << write_json(shown);
  EXPECT_EQ(updates->at("expired").at("from"), since.c_str());
  EXPECT_EQ(updates->at("retentionMs"), 10'000);
  EXPECT_EQ(updates->at("state"), "expires");
  EXPECT_LE(updates->at("leftMs").to_number<std::int64_t>(), 10'000);
  EXPECT_EQ(row_of(shown, "incoming")->at("state"), "kept") << "it is archived";
  EXPECT_NE(words({"recover", "status", id}).find("expired: period " + since + " – "), std::string::npos)
      << words({"recover", "status", id});
  EXPECT_NE(words({"recover", "range"}).find("queue-order_orderitems  tells from "), std::string::npos)
      << words({"recover", "range"});

  EXPECT_LE(go_back(world, id, "capture").exit_status, 1);
  const json::value held = speak(world, {"recover", "status", id}).data().at("evidence");
  EXPECT_EQ(row_of(held, "order_orderitems")->at("state"), "held") << write_json(held);
  EXPECT_TRUE(row_of(held, "order_orderitems")->at("expired").is_object()) << write_json(held);

  const Spoken recovered = go_back(world, id);
  EXPECT_EQ(recovered.exit_status, 1) << write_json(recovered.document) << recovered.err;
  ASSERT_EQ(recovered.code(), "") << "it did not end: " << faults_of(world, id);
  EXPECT_EQ(starts_of(world, id)["resume"], 1);
  const json::value report = recovered.data();
  EXPECT_TRUE(report.at("closed").as_bool()) << "what can be told closes: " << write_json(report);
  bool named = false;
  for (const json::value& gap : report.at("window").at("evidenceGaps").as_array()) {
    EXPECT_TRUE(gap.at("from").is_string() && gap.at("to").is_string() && gap.at("why").is_string()) << write_json(gap);
    named = named || (gap.at("store") == "order_orderitems" && gap.at("from") == since.c_str() && gap.at("why") == "expired");
    EXPECT_NE(gap.at("store"), "crm") << "the CRM answered";
  }
  EXPECT_TRUE(named) << write_json(report.at("window"));
  EXPECT_NE(write_json(recovered.document).find("BS-6404"), std::string::npos);
  EXPECT_NE(read_file(world.data() + "/safe/evidence/" + id + "/crm-changes.jsonl").value_or("").find("\"Order\""),
            std::string::npos)
      << "the CRM told what it knows of the window";
  EXPECT_EQ(speak(world, {"recover", "report", id}).exit_status, 1);

  ASSERT_TRUE(world.start());
  await_rest(world, *client);
  EXPECT_EQ(client->faults(), std::vector<std::string>{});
  expect_proven_outside(world, *client);
}

INSTANTIATE_TEST_SUITE_P(Policy, ExpiredEvidence, ::testing::Values("settle", "fatally-fail"), [](const auto& policy) {
  return std::string(policy.param) == "settle" ? std::string("Settle") : std::string("FatallyFail");
});

}  // namespace
}  // namespace backstitch::e2e
