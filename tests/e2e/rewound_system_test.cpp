// An external system was restored from its own backup and has lost the tail of what it did. Named in the plan, nothing that it
// answered since is believed: what it has lost is listed for people, and what it still has stays done.
#include "base/json.h"
#include "base/time.h"
#include "going_back_world.h"
#include "problem.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;
using standin_testing::StandIn;

/// Without the lines of /keyed from then on, as the same system's backup of that moment has it.
void cut_ledger(const std::string& file, Time from, std::set<std::string>& lost) {
  std::string kept;
  for (const json::object& line : standin_testing::read_lines(file)) {
    const bool cut = line.at("interface") == "keyed" && *parse_rfc3339(json::value_to<std::string>(line.at("at"))) >= from;
    if (!cut) kept += write_json(line) + "\n";
    const json::value* outcome = line.if_contains("outcome");
    if (cut && outcome && *outcome == "executed") lost.insert(json::value_to<std::string>(line.at("key")));
  }
  standin_testing::write_all(file, kept);
}

class RewoundSystem : public GoingBack {
 protected:
  /// Orders before and behind the moment, all of them ended; then the system is not what it was.
  void live_and_lose_a_tail() {
    live(30);
    since = rfc3339(wall_clock());
    const int before = client->acknowledged();
    ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= before + 40; }, 60'000));
    come_to_rest();
    const std::string port = std::to_string(world.system().port());
    world.system().kill_hard();
    cut_ledger(world.path("system/ledger.jsonl"), *parse_rfc3339(since), lost);
    ASSERT_GT(lost.size(), 3u);
    restored.emplace("standin-system", std::vector<std::string>{"--data", world.path("system"), "--port", port});
  }
  void expect_refused(const std::string& words, const char* code) {
    const Spoken planned = speak(world, {"recover", "plan", "--to", since, "--system-rewound", words});
    EXPECT_EQ(planned.code(), code) << write_json(planned.document);
  }
  HttpAnswer ask_for_plan(const std::string& system) {
    return world.call("POST", "/api/v1/recovery/plans",
                      fmt::format(R"({{"to":"{}","systemsRewound":[{{"system":"{}","since":"{}"}}]}})", since, system, since));
  }
  /// Calls that the work list has as contradicted: the item is Completed, and the system has nothing of it.
  std::set<std::string> listed(const std::string& id) {
    std::set<std::string> out;
    const json::value rows = speak(world, {"recover", "work", id}).data();
    for (const json::value& row : rows.at("items").at("items").as_array())
      if (row.at("kind") == "E2") out.insert(json::value_to<std::string>(row.at("subject")));
    return out;
  }
  std::string since;
  std::set<std::string> lost;
  std::optional<StandIn> restored;
};

TEST_F(RewoundSystem, WhatItLostIsListedAndNotTakenForDone) {
  live_and_lose_a_tail();
  expect_refused("bookin=" + since, "BS-3401");
  expect_refused("booking=soon", "BS-1001");
  expect_refused("booking=2999-01-01T00:00:00Z", "BS-1001");
  expect_refused("booking", "BS-1001");
  EXPECT_EQ(problem_of(ask_for_plan("bookin")).code, "BS-3401");
  const HttpAnswer asked = ask_for_plan("booking");
  ASSERT_EQ(asked.status, 201) << asked.body;
  const json::value named = json::array{json::object{{"system", "booking"}, {"since", since}}};
  EXPECT_EQ(standin_testing::parse(asked.body).at("plan").at("systemsRewound"), named);

  const std::string id = plan_recovery(world, {"--to", since, "--system-rewound", "booking=" + since});
  EXPECT_EQ(speak(world, {"recover", "status", id}).data().at("systemsRewound"), named);
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  const json::value report = recovered.data();
  EXPECT_EQ(report.at("systemsRewound"), named);
  EXPECT_GE(number_in(report, "effects", "asked"), static_cast<std::int64_t>(lost.size()));
  EXPECT_EQ(report.at("effects").at("rows").at(2).to_number<std::size_t>(), lost.size());
  EXPECT_EQ(listed(id), lost);
  ASSERT_TRUE(world.start());
  come_to_rest();
  expect_proven();
}

// Nobody said so: the log is believed, and what the system lost is lost without a word. That is what the option is for.
TEST_F(RewoundSystem, UnnamedItIsBelieved) {
  live_and_lose_a_tail();
  const std::string id = plan_recovery(world, {"--to", since});
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  EXPECT_EQ(listed(id), std::set<std::string>{});
}

}  // namespace
}  // namespace backstitch::e2e
