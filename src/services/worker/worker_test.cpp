#include "services/worker/worker_testing.h"

namespace backstitch {
namespace {

using namespace testing;

TEST_F(WorkerTest, CallCarriesKeySubjectEpochAndBody) {
  start_worker();
  const auto answer = answer_of(hand_out(1, "lookup"));
  EXPECT_EQ(text_of(answer, "outcome"), "done");
  EXPECT_EQ(answer.at("response").at("ok").to_number<int>(), 1);
  const auto request = systems.request(0);
  EXPECT_EQ(request.key, key_of(1));
  EXPECT_EQ(request.subject, "A-1/O:1/do");
  EXPECT_EQ(request.body, "{\"n\":1}");
  EXPECT_EQ(request.epoch, 7u);
  EXPECT_EQ(request.timeout_ms, 5'000);
  EXPECT_EQ(request.target.base, "http://127.0.0.1:9/lookup");
  EXPECT_EQ(request.target.method, "PUT");
}

TEST_F(WorkerTest, RefusedAndNotTakenAreDeliveredAsTheyAre) {
  for (const CallOutcome outcome : {CallOutcome::refused, CallOutcome::not_taken}) {
    systems.on_call = [outcome](int) { return CallResult{outcome, "stub/4xx", {}}; };
    start_worker();
    const int n = static_cast<int>(outcome);
    const auto answer = answer_of(hand_out(n));
    EXPECT_EQ(text_of(answer, "outcome"), to_text(outcome));
    EXPECT_EQ(text_of(answer, "code"), "stub/4xx");
    EXPECT_EQ(marks_of(key_of(n)), 1u);
    end_worker();
  }
  EXPECT_EQ(systems.calls(), 2u);
}

TEST_F(WorkerTest, TaskOfNoSystemThatIsKnownIsRefused) {
  start_worker();
  const auto answer = answer_of(hand_out(1, "nobody"));
  EXPECT_EQ(text_of(answer, "outcome"), "refused");
  EXPECT_EQ(text_of(answer, "code"), "system/unknown");
  EXPECT_EQ(systems.calls(), 0u);
}

TEST_F(WorkerTest, AutoTaskRunsItsCode) {
  start_worker();
  const auto answer = answer_of(hand_out(1, ""));
  EXPECT_EQ(text_of(answer, "code"), "echo/done");
  EXPECT_EQ(answer.at("response").at("n").to_number<int>(), 1);
  EXPECT_EQ(systems.calls(), 0u);
  EXPECT_EQ(marks_of(key_of(1)), 1u);
}

TEST_F(WorkerTest, NoMoreCallsAreInTheAirThanAllowed) {
  systems.hold = true;
  for (int n = 0; n < 10; ++n) hand_out(n);
  ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == 10; }));
  start_worker(3);
  for (std::size_t ended = 0; ended < 10; ++ended) {
    const std::size_t expected = std::min<std::size_t>(ended + 3, 10);
    ASSERT_TRUE(wait_until([&] { return systems.calls() == expected; })) << systems.calls();
    EXPECT_LE(systems.in_the_air(), 3u);
    systems.release();
  }
  EXPECT_TRUE(wait_until([&] { return answers().size() == 10; }));
  EXPECT_EQ(systems.calls(), 10u);
}

TEST_F(WorkerTest, StopEndsWhatIsInTheAirAndTakesNothingNew) {
  systems.hold = true;
  const std::string key = hand_out(1);
  start_worker();
  ASSERT_TRUE(wait_until([&] { return systems.in_the_air() == 1; }));
  std::thread stopping([&] { worker->stop(20'000); });
  thread.join();  // it claims no more
  hand_out(2);
  systems.release();
  stopping.join();
  EXPECT_EQ(holders(key).size(), 2u);  // the answer was in the log when stop() returned
  EXPECT_EQ(systems.calls(), 1u);
  worker.reset();
}

TEST_F(WorkerTest, CallMayEndAfterItsWorker) {
  systems.hold = true;
  const std::string key = hand_out(1);
  start_worker();
  ASSERT_TRUE(wait_until([&] { return systems.in_the_air() == 1; }));
  end_worker();
  systems.release();
  EXPECT_EQ(holders(key).size(), 1u);  // the mark: whoever comes next finds out
}

TEST_F(WorkerTest, PlatformThatIsAwayDelaysAnswersAndLosesNone) {
  link->claims_lost = 2, link->marks_lost = 2, link->answers_lost = 3;
  for (int n = 0; n < 20; ++n) hand_out(n);
  start_worker(4);
  for (int n = 0; n < 20; ++n) EXPECT_EQ(text_of(answer_of(key_of(n)), "outcome"), "done");
  EXPECT_EQ(systems.calls(), 20u);
  EXPECT_EQ(answers().size(), 20u);
  EXPECT_LE(link->answers_lost, 0);
}

}  // namespace
}  // namespace backstitch
