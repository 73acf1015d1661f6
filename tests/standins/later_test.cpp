// The interface that calls back: accepted now, and running until the result is out.
#include "later_testing.h"

namespace backstitch::standin_testing {
namespace {

TEST_F(LaterTest, AcceptedThenCalledBack) {
  Receiver receiver;
  start();
  const auto accepted = call(1, receiver.url());
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(parse(accepted.body), parse(R"({"state":"running","key":"eff_1.1"})"));
  EXPECT_EQ(count("executions"), 1) << "decided when it was accepted";
  ASSERT_TRUE(delivered(1));
  const auto callback = parse(receiver.bodies().at(0));
  EXPECT_EQ(callback.at("outcome").as_string(), "done");
  EXPECT_EQ(callback.at("code").as_string(), "later/200");
  EXPECT_EQ(callback.at("response"), look_up(1).at("response"));
  EXPECT_EQ(state(1), "done");
  const auto again = call(1, receiver.url());
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(parse(again.body), callback.at("response"));
  EXPECT_EQ(call(1, receiver.url(), R"({"speed":1})").status, 422) << "another body";
  EXPECT_EQ(count("executions"), 1);
  EXPECT_EQ(count("callbacksWaiting"), 0);
}

TEST_F(LaterTest, ShowsRunningWhileItIsHeldBackUntilItIsLetGo) {
  Receiver receiver;
  start("callback=60000");
  call(1, receiver.url());
  EXPECT_EQ(state(1), "running");
  EXPECT_FALSE(look_up(1).as_object().contains("response"));
  const auto items = system_->get_json("/later/effects?subject=A-1%2FO1%3A1%2Fprovision").at("items").as_array();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].at("state").as_string(), "running");
  EXPECT_EQ(call(1, receiver.url()).status, 202);
  EXPECT_EQ(count("executions"), 1);
  EXPECT_EQ(count("callbacksWaiting"), 1);
  start_again("callback=60000");
  EXPECT_EQ(state(1), "running");
  change(R"({"callback":"0-0"})");
  ASSERT_TRUE(delivered(1));
  EXPECT_EQ(state(1), "done");
}

TEST_F(LaterTest, WhatIsOutStaysOutWhateverTheFaultsSay) {
  start("callback=0");
  const int port = quiet_port();
  call(1, url_at(port));
  ASSERT_TRUE(wait_until([&] { return state(1) == "done"; }));
  change(R"({"callback":"60000"})");
  EXPECT_EQ(state(1), "done");
  start_again("callback=60000");
  EXPECT_EQ(state(1), "done");
  EXPECT_EQ(count("callbacksWaiting"), 1);
  Receiver receiver({}, port);
  EXPECT_TRUE(delivered(1));
}

TEST_F(LaterTest, ARefusalMayComeLater) {
  Receiver receiver;
  start("refuse-later=1");
  EXPECT_EQ(call(1, receiver.url()).status, 202);
  ASSERT_TRUE(delivered(1));
  const auto callback = parse(receiver.bodies().at(0));
  EXPECT_EQ(callback.at("outcome").as_string(), "refused");
  EXPECT_EQ(callback.at("code").as_string(), "later/422");
  EXPECT_EQ(callback.at("response").at("code").as_string(), "REFUSED");
  EXPECT_EQ(state(1), "failed");
  EXPECT_EQ(call(1, receiver.url()).status, 422);
  EXPECT_EQ(count("executions"), 0);
  ASSERT_TRUE(wait_until([&] { return lines("callback").size() == 1; }));
  EXPECT_EQ(lines("callback")[0].at("outcome").as_string(), "refused");
}

TEST_F(LaterTest, ARefusalAtOnceIsTheAnswerAndHasNoCallback) {
  Receiver receiver;
  start("refuse-of=/O1:");
  EXPECT_EQ(call(1, receiver.url()).status, 422);
  EXPECT_EQ(state(1), "failed");
  EXPECT_EQ(call(1, receiver.url()).status, 422);
  EXPECT_EQ(count("callbacksWaiting"), 0);
  call(2, receiver.url());
  ASSERT_TRUE(delivered(1));
  EXPECT_EQ(parse(receiver.bodies().at(0)).at("response").at("key").as_string(), key(2));
}

TEST_F(LaterTest, WhatIsCancelledIsNotCalledBack) {
  Receiver receiver;
  start("callback=60000");
  call(1, receiver.url());
  EXPECT_EQ(system_->send("POST", "/later/effects/" + key(1) + "/cancel", "").status, 200);
  EXPECT_EQ(state(1), "failed");
  EXPECT_EQ(call(1, receiver.url()).status, 409);
  EXPECT_EQ(count("subjectsExecuted"), 0);
  EXPECT_EQ(count("callbacksWaiting"), 0);
  change(R"({"callback":"0"})");
  call(2, receiver.url());
  ASSERT_TRUE(delivered(1));
  EXPECT_EQ(parse(receiver.bodies().at(0)).at("response").at("key").as_string(), key(2));
}

TEST_F(LaterTest, AKeyIsNotForgottenWhileItRuns) {
  Receiver receiver;
  start("callback=60000", {"--key-lifetime", "1ms"});
  call(1, receiver.url());
  EXPECT_EQ(call(1, receiver.url()).status, 202);
  EXPECT_EQ(state(1), "running");
  EXPECT_EQ(count("executions"), 1);
  change(R"({"callback":"0"})");
  EXPECT_TRUE(wait_until([&] { return system_->get("/later/effects/" + key(1)).status == 410; }));
}

TEST_F(LaterTest, ALostReplyIsCalledBackAllTheSame) {
  Receiver receiver;
  start("lost=1");
  EXPECT_EQ(call(1, receiver.url()).delivery, Delivery::no_answer);
  EXPECT_TRUE(delivered(1));
  change(R"({"lost":0,"error":1})");
  EXPECT_EQ(call(2, receiver.url()).status, 503);
  EXPECT_EQ(count("callbacksWaiting"), 0);
}

TEST_F(LaterTest, ACallWithoutAnAddressIsNoCall) {
  start();
  const auto answer = call(1, "");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(parse(answer.body).at("code").as_string(), "CALLBACK_URL_MISSING");
  EXPECT_EQ(count("calls"), 0);
}

}  // namespace
}  // namespace backstitch::standin_testing
