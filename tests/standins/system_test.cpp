// The external system: what each interface promises, and that kill -9 takes nothing from it that it answered for.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <mutex>
#include <set>

#include "base/time.h"
#include "harness.h"

namespace backstitch::standin_testing {
namespace {

class SystemTest : public testing::Test {
 protected:
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--data", scratch_ / "system", "--seed", "7"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    system_ = std::make_unique<StandIn>("standin-system", arguments);
  }
  HttpAnswer call(const std::string& interface, const std::string& key, const std::string& subject,
                  const std::string& body = "{\"speed\":500}") {
    return system_->send("POST", "/" + interface + "/v1/provision", body,
                         {{"Idempotency-Key", key}, {"Backstitch-Subject", subject}, {"Backstitch-Epoch", "1"}});
  }
  std::int64_t count(const std::string& interface, const std::string& name) {
    return system_->get_json("/ledger/summary").at("interfaces").at(interface).at(name).to_number<std::int64_t>();
  }
  int look_up(const std::string& interface, const std::string& key) {
    return system_->get("/" + interface + "/effects/" + key).status;
  }

  Scratch scratch_;
  std::unique_ptr<StandIn> system_;
};

TEST_F(SystemTest, KeyedExecutesOncePerKeyAndRemembersTheAnswer) {
  start();
  const auto first = call("keyed", "eff_A.1", "A-1/O1:1/provision"), again = call("keyed", "eff_A.1", "A-1/O1:1/provision");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(parse(first.body).at("key").as_string(), "eff_A.1");
  EXPECT_EQ(count("keyed", "calls"), 2);
  EXPECT_EQ(count("keyed", "executions"), 1);
  EXPECT_EQ(count("keyed", "subjectsExecutedTwice"), 0);
}

TEST_F(SystemTest, KeyedTakesTheSameBodyInAnotherOrderOfMembersAndRefusesAnotherBody) {
  start();
  call("keyed", "eff_A.1", "A-1/O1:1/provision", R"({"a":1,"b":2})");
  EXPECT_EQ(call("keyed", "eff_A.1", "A-1/O1:1/provision", R"({"b":2, "a":1})").status, 200);
  EXPECT_EQ(call("keyed", "eff_A.1", "A-1/O1:1/provision", R"({"a":1,"b":3})").status, 422);
  EXPECT_EQ(count("keyed", "executions"), 1);
}

TEST_F(SystemTest, TwoKeysForOneSubjectAreSeenAsExecutedTwice) {
  start();
  call("keyed", "eff_A.1", "A-1/O1:1/provision");
  call("keyed", "eff_B.1", "A-1/O1:1/provision");
  EXPECT_EQ(count("keyed", "subjectsExecutedTwice"), 1);
  const auto twice = system_->get_json("/ledger/subjects?executed=2").at("items").as_array();
  ASSERT_EQ(twice.size(), 1u);
  EXPECT_EQ(twice[0].at("subject").as_string(), "A-1/O1:1/provision");
  EXPECT_EQ(twice[0].at("interface").as_string(), "keyed");
  EXPECT_EQ(twice[0].at("effects").as_array().size(), 2u);
}

TEST_F(SystemTest, KeyedForgetsAfterTheLifetimeAndSaysSo) {
  start({"--key-lifetime", "1ms"});
  call("keyed", "eff_A.1", "A-1/O1:1/provision");
  ASSERT_TRUE(wait_until([&] { return look_up("keyed", "eff_A.1") == 410; }));
  EXPECT_EQ(look_up("keyed", "eff_B.1"), 404);
  call("keyed", "eff_A.1", "A-1/O1:1/provision");
  EXPECT_EQ(count("keyed", "subjectsExecutedTwice"), 1);
}

TEST_F(SystemTest, LookupExecutesEveryCallAndShowsItAfterTheLag) {
  start({"--lookup-lag", "200ms"});
  const std::int64_t before_ms = monotonic_ms();
  ASSERT_EQ(call("lookup", "eff_A.1", "A-1/O1:1/provision").status, 200);
  const int at_once = look_up("lookup", "eff_A.1");
  // On a machine that stood still for the length of the lag the first look says nothing.
  if (monotonic_ms() - before_ms < 200) {
    EXPECT_EQ(at_once, 404);
  }
  ASSERT_TRUE(wait_until([&] { return look_up("lookup", "eff_A.1") == 200; }));
  EXPECT_GE(monotonic_ms() - before_ms, 200);
  call("lookup", "eff_A.1", "A-1/O1:1/provision");
  EXPECT_EQ(count("lookup", "executions"), 2);
  EXPECT_EQ(count("lookup", "subjectsExecutedTwice"), 1);
  ASSERT_TRUE(wait_until(
      [&] { return system_->get_json("/lookup/effects?subject=A-1%2FO1%3A1%2Fprovision").at("items").as_array().size() == 2; }));
}

TEST_F(SystemTest, ALookUpTellsStateDigestResponseAndTime) {
  start();
  const auto answer = call("keyed", "eff_A.1", "A-1/O1:1/provision");
  const auto effect = system_->get_json("/keyed/effects/eff_A.1");
  EXPECT_EQ(effect.at("state").as_string(), "done");
  EXPECT_EQ(effect.at("digest").as_string().size(), 16u);
  EXPECT_EQ(effect.at("response"), parse(answer.body));
  EXPECT_TRUE(parse_rfc3339(std::string(effect.at("at").as_string())));
}

TEST_F(SystemTest, ACallAtWorkIsRunningToALookUp) {
  start({"--keyed", "latency=400-400"});
  HttpClient http;
  std::atomic<int> status = 0;
  http.call_async({.method = "POST",
                   .url = "http://127.0.0.1:" + std::to_string(system_->port()) + "/keyed/v1/provision",
                   .body = "{}",
                   .headers = {{"Idempotency-Key", "eff_A.1"}, {"Backstitch-Subject", "A-1/O1:1/provision"}}},
                  [&](const HttpAnswer& answer) { status = answer.status; });
  ASSERT_TRUE(wait_until([&] { return look_up("keyed", "eff_A.1") == 200; }));
  EXPECT_EQ(system_->get_json("/keyed/effects/eff_A.1").at("state").as_string(), "running");
  ASSERT_TRUE(wait_until([&] { return status == 200; }));
  EXPECT_EQ(system_->get_json("/keyed/effects/eff_A.1").at("state").as_string(), "done");
}

TEST_F(SystemTest, BlindExecutesEveryCallAndAnswersNoQuestion) {
  start();
  call("blind", "eff_A.1", "A-1/O1:1/provision");
  call("blind", "eff_A.1", "A-1/O1:1/provision");
  EXPECT_EQ(count("blind", "executions"), 2);
  EXPECT_EQ(look_up("blind", "eff_A.1"), 405);
  EXPECT_EQ(system_->send("POST", "/blind/effects/eff_A.1/cancel", "").status, 405);
}

TEST_F(SystemTest, ALostReplyWasExecuted) {
  start({"--blind", "lost=1", "--keyed", "lost=1"});
  for (const char* interface : {"blind", "keyed"}) {
    const auto answer = call(interface, "eff_A.1", "A-1/O1:1/provision");
    EXPECT_EQ(answer.delivery, Delivery::no_answer) << interface << " " << answer.status;
    EXPECT_EQ(count(interface, "executions"), 1);
    EXPECT_EQ(count(interface, "repliesLost"), 1);
  }
  EXPECT_EQ(look_up("keyed", "eff_A.1"), 200);
}

TEST_F(SystemTest, AnErrorDidNothingAndASecondAttemptMayPass) {
  start({"--error-rate", "0.5"});
  int unavailable = 0;
  for (int n = 0; n < 40; ++n) {
    const std::string key = "eff_" + std::to_string(n) + ".1", subject = "A-1/O" + std::to_string(n) + ":1/provision";
    int status = 0;
    for (int attempt = 0; attempt < 50 && (status = call("keyed", key, subject).status) == 503; ++attempt) ++unavailable;
    EXPECT_EQ(status, 200);
  }
  EXPECT_GT(unavailable, 5);
  EXPECT_EQ(count("keyed", "executions"), 40);
  EXPECT_EQ(count("keyed", "calls"), 40 + unavailable);
}

TEST_F(SystemTest, ARefusalIsDecidedPerKeyAndRememberedOverARestart) {
  start({"--refuse-rate", "0.5"});
  std::set<int> refused;
  for (int n = 0; n < 40; ++n)
    if (call("keyed", "eff_" + std::to_string(n) + ".1", "A-1/O" + std::to_string(n) + ":1/provision").status == 422)
      refused.insert(n);
  EXPECT_GT(refused.size(), 5u);
  EXPECT_LT(refused.size(), 35u);
  system_->kill_hard();
  start();  // refuses no new key any more
  for (int n = 0; n < 40; ++n)
    EXPECT_EQ(call("keyed", "eff_" + std::to_string(n) + ".1", "A-1/O" + std::to_string(n) + ":1/provision").status,
              refused.contains(n) ? 422 : 200);
  EXPECT_EQ(count("keyed", "executions"), 40 - static_cast<std::int64_t>(refused.size()));
  EXPECT_EQ(system_->get_json("/keyed/effects/eff_" + std::to_string(*refused.begin()) + ".1").at("state").as_string(), "failed");
}

TEST_F(SystemTest, KillHardKeepsEveryCountAndTheSeedDecidesTheSame) {
  start({"--lost-reply-rate", "0.2"});
  for (int n = 0; n < 30; ++n) {
    const std::string id = std::to_string(n);
    for (const char* interface : {"keyed", "lookup", "blind"}) call(interface, "eff_" + id + ".1", "A-1/O" + id + ":1/provision");
  }
  const auto before = system_->get_json("/ledger/summary");
  system_->kill_hard();
  start();
  EXPECT_EQ(system_->get_json("/ledger/summary"), before);
  EXPECT_GT(count("blind", "repliesLost"), 0);
}

TEST_F(SystemTest, KillHardUnderLoadForgetsNothingThatWasAnswered) {
  start();
  std::mutex mutex;
  std::vector<int> answered;
  int ended = 0;
  const int calls = 2'000;
  {
    HttpClient http;
    for (int n = 0; n < calls; ++n) {
      const std::string id = std::to_string(n);
      http.call_async(
          {.method = "POST",
           .url = "http://127.0.0.1:" + std::to_string(system_->port()) + "/keyed/v1/provision",
           .body = "{}",
           .headers = {{"Idempotency-Key", "eff_" + id + ".1"}, {"Backstitch-Subject", "A-1/O" + id + ":1/provision"}},
           .never_resend = true},
          [&, n](const HttpAnswer& answer) {
            std::lock_guard lock(mutex);
            ++ended;
            if (answer.ok()) answered.push_back(n);
          });
    }
    const auto count_answered = [&] {
      std::lock_guard lock(mutex);
      return answered.size();
    };
    ASSERT_TRUE(wait_until([&] { return count_answered() >= 100; }));
    system_->kill_hard();
    ASSERT_TRUE(wait_until([&] {
      std::lock_guard lock(mutex);
      return ended == calls;
    }));
  }
  start();
  for (const int n : answered) EXPECT_EQ(look_up("keyed", "eff_" + std::to_string(n) + ".1"), 200) << n;
  EXPECT_GE(count("keyed", "executions"), static_cast<std::int64_t>(answered.size()));
}

TEST_F(SystemTest, CancelUndoesAndRedoExecutesAnewWithoutCountingTwice) {
  start();
  call("keyed", "eff_A.1", "A-1/O1:1/provision");
  EXPECT_EQ(system_->send("POST", "/keyed/effects/eff_A.1/cancel", "").status, 200);
  EXPECT_EQ(count("keyed", "subjectsExecuted"), 0);
  EXPECT_EQ(system_->get_json("/keyed/effects/eff_A.1").at("state").as_string(), "failed");
  EXPECT_EQ(call("keyed", "eff_A.1", "A-1/O1:1/provision").status, 409);
  EXPECT_EQ(system_->send("POST", "/keyed/effects/eff_A.1/redo", "").status, 200);
  EXPECT_EQ(system_->send("POST", "/keyed/effects/eff_A.1/accept", "").status, 200);
  EXPECT_EQ(system_->send("POST", "/keyed/effects/eff_B.1/cancel", "").status, 404);
  system_->kill_hard();
  start();
  EXPECT_EQ(count("keyed", "executions"), 2);
  EXPECT_EQ(count("keyed", "executionsUndone"), 1);
  EXPECT_EQ(count("keyed", "subjectsExecuted"), 1);
  EXPECT_EQ(count("keyed", "subjectsExecutedTwice"), 0);
  EXPECT_TRUE(system_->get_json("/keyed/effects/eff_A.1").at("accepted").as_bool());
}

TEST_F(SystemTest, FaultsChangeWhileItRuns) {
  start();
  EXPECT_EQ(call("keyed", "eff_A.1", "A-1/O1:1/provision").status, 200);
  EXPECT_EQ(system_->send("POST", "/faults", R"({"keyed":{"error":1}})").status, 200);
  EXPECT_EQ(call("keyed", "eff_B.1", "A-1/O2:1/provision").status, 503);
  EXPECT_EQ(call("lookup", "eff_B.1", "A-1/O2:1/provision").status, 200);
  EXPECT_EQ(system_->send("POST", "/faults", R"({"keyed":{"error":0},"lookup":{"eror":1}})").status, 422);
  EXPECT_EQ(call("keyed", "eff_C.1", "A-1/O3:1/provision").status, 503) << "a document with a fault changes nothing";
}

TEST_F(SystemTest, ACallWithoutItsHeadersIsNoCall) {
  start();
  EXPECT_EQ(system_->send("POST", "/keyed/v1/provision", "{}").status, 400);
  EXPECT_EQ(system_->get("/keyed/v1/provision").status, 405);
  EXPECT_EQ(system_->get("/other/effects/eff_A.1").status, 404);
  EXPECT_EQ(count("keyed", "calls"), 0);
}

TEST_F(SystemTest, OneFolderHasOneOwner) {
  start();
  const auto second = run({.argv = {std::string(STANDINS_FOLDER) + "/standin-system", "--data", scratch_ / "system"}}, 10'000);
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(second->exit_status, 3);
}

}  // namespace
}  // namespace backstitch::standin_testing
