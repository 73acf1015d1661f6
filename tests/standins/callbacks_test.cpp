// A result is sent until it is taken, over restarts of either side.
#include <signal.h>

#include <atomic>
#include <set>

#include "base/time.h"
#include "later_testing.h"

namespace backstitch::standin_testing {
namespace {

/// Reads what it is sent, and answers when it is let go: at the end at the latest.
class SlowReceiver {
 public:
  ~SlowReceiver() { let_go(); }
  std::string url() const { return url_of(*server_); }
  void wait_for_arrival() {
    EXPECT_TRUE(wait_until([this] { return arrived_.load(); }));
  }
  void let_go() {
    if (!gone_.exchange(true)) gone_.notify_all();
  }

 private:
  std::atomic<bool> arrived_ = false, gone_ = false;
  std::unique_ptr<HttpServer> server_ = serve([this](const HttpRequest&) {
    arrived_ = true;
    gone_.wait(false);
    return HttpResponse{.status = 202};
  });
};

using Callbacks = LaterTest;

TEST_F(Callbacks, TheLedgerHasOneLineOfTheCallAndOneOfItsDelivery) {
  Receiver receiver;
  start();
  call(1, receiver.url());
  ASSERT_TRUE(delivered(1));
  const auto calls = lines("call");
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].at("outcome").as_string(), "executed");
  EXPECT_EQ(calls[0].at("callbackUrl").as_string(), receiver.url());
  ASSERT_TRUE(wait_until([&] { return lines("callback").size() == 1; }));
  const auto line = lines("callback")[0];
  EXPECT_EQ(line.at("interface").as_string(), "later");
  EXPECT_EQ(line.at("key").as_string(), key(1));
  EXPECT_EQ(line.at("status").as_int64(), 202);
  EXPECT_EQ(line.at("outcome").as_string(), "done");
  EXPECT_TRUE(parse_rfc3339(std::string(line.at("at").as_string())));
}

TEST_F(Callbacks, TriesWhileNobodyListensAndUntilItIsTaken) {
  const int port = quiet_port();
  start("callback=0");
  call(1, url_at(port));
  ASSERT_TRUE(wait_until([&] { return state(1) == "done"; }));
  EXPECT_EQ(count("callbacksDelivered"), 0);
  Receiver receiver({503, 429, 408}, port);
  ASSERT_TRUE(delivered(1));
  const auto bodies = receiver.bodies();
  EXPECT_EQ(bodies.size(), 4u);
  EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(), 1u) << "the same each time";
}

TEST_F(Callbacks, ADecisionOfTheReceiverIsTheEndOfIt) {
  Receiver receiver({409});
  start("callback=0");
  call(1, receiver.url());
  ASSERT_TRUE(delivered(1));
  ASSERT_TRUE(wait_until([&] { return lines("callback").size() == 1; }));
  EXPECT_EQ(lines("callback")[0].at("status").as_int64(), 409);
  EXPECT_EQ(receiver.bodies().size(), 1u);
}

TEST_F(Callbacks, ARestartSendsWhatWasNotDeliveredAndNothingElse) {
  const int port = quiet_port();
  start("callback=0");
  Receiver before;
  call(1, before.url());
  ASSERT_TRUE(delivered(1));
  ASSERT_TRUE(wait_until([&] { return lines("callback").size() == 1; })) << "on the disk";
  call(2, url_at(port));
  ASSERT_TRUE(wait_until([&] { return state(2) == "done"; }));
  change(R"({"callback":"60000"})");
  call(3, url_at(port));
  start_again("callback=0");
  EXPECT_EQ(count("executions"), 3);
  Receiver receiver({}, port);
  ASSERT_TRUE(delivered(3));
  EXPECT_EQ(receiver.bodies().size(), 2u);
  EXPECT_EQ(before.bodies().size(), 1u);
  start_again();
  EXPECT_EQ(count("callbacksDelivered"), 3);
  EXPECT_EQ(count("callbacksWaiting"), 0);
}

TEST_F(Callbacks, WordFromHalfwayThenTheResultTwice) {
  Receiver receiver;
  start("interim=1,repeat=1");
  call(1, receiver.url());
  ASSERT_TRUE(receiver.has(3));
  const auto bodies = receiver.bodies();
  EXPECT_EQ(parse(bodies[0]), parse(R"({"outcome":"interim","code":"later/working","response":null})"));
  EXPECT_EQ(parse(bodies[1]).at("outcome").as_string(), "done");
  EXPECT_EQ(bodies[2], bodies[1]);
  EXPECT_EQ(count("callbacksDelivered"), 1);
}

TEST_F(Callbacks, TheCallersLatestWordSaysWhereToSend) {
  Receiver receiver;
  start("callback=60000");
  call(1, url_at(quiet_port()));
  EXPECT_EQ(call(1, receiver.url()).status, 202);
  start_again("callback=0");
  EXPECT_TRUE(receiver.has(1));
}

TEST_F(Callbacks, EndsInOrderWhileAReceiverKeepsItWaiting) {
  SlowReceiver receiver;
  start("callback=0");
  call(1, receiver.url());
  receiver.wait_for_arrival();
  signal_process(system_->id(), SIGTERM);
  EXPECT_EQ(system_->wait_for_exit(), 0);
  EXPECT_TRUE(lines("callback").empty());
}

TEST_F(Callbacks, WhatIsCancelledOnItsWayIsNoDelivery) {
  SlowReceiver receiver;
  start("callback=0");
  call(1, receiver.url());
  receiver.wait_for_arrival();
  EXPECT_EQ(system_->send("POST", "/later/effects/" + key(1) + "/cancel", "").status, 200);
  receiver.let_go();
  call(2, receiver.url());
  ASSERT_TRUE(wait_until([&] { return lines("callback").size() == 1; }));
  EXPECT_EQ(lines("callback")[0].at("key").as_string(), key(2));
  EXPECT_EQ(count("callbacksDelivered"), 1);
}

}  // namespace
}  // namespace backstitch::standin_testing
