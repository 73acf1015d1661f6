// What a worker does about a call of which nobody knows how far it came.
#include "services/worker/worker_testing.h"

namespace backstitch {
namespace {

using namespace testing;

TEST_F(WorkerTest, LostAnswerOfAKeyedSystemIsAskedForUnderTheSameKey) {
  systems.on_call = [](int call) { return CallResult{call < 3 ? CallOutcome::unknown : CallOutcome::done, "stub", {}}; };
  start_worker();
  const auto answer = answer_of(hand_out(1));
  EXPECT_EQ(text_of(answer, "outcome"), "done");
  ASSERT_EQ(systems.calls(), 3u);
  for (std::size_t n = 0; n < 3; ++n) EXPECT_EQ(systems.request(n).key, key_of(1));
  EXPECT_EQ(marks_of(key_of(1)), 3u);  // each repetition was announced first
}

TEST_F(WorkerTest, RepetitionsAreBounded) {
  systems.on_call = [](int) { return CallResult{CallOutcome::unknown, "stub", {}}; };
  start_worker(8, 2);
  const auto answer = answer_of(hand_out(1));
  EXPECT_EQ(text_of(answer, "outcome"), "unknown");
  EXPECT_EQ(systems.calls(), 3u);
}

TEST_F(WorkerTest, InterruptedCallOfAKeyedSystemIsRepeated) {
  const std::string key = interrupted(1, "keyed");
  start_worker();
  EXPECT_EQ(text_of(answer_of(key), "outcome"), "done");
  EXPECT_EQ(systems.calls(), 1u);
  EXPECT_EQ(marks_of(key), 2u);
}

TEST_F(WorkerTest, KeyThatTheSystemHasForgottenIsNotUsedAgain) {
  clock_behind_ms = 25 * 3'600'000;  // the mark is older than the system's memory
  const std::string key = interrupted(1, "keyed");
  {
    const std::lock_guard lock(mutex);
    clock_behind_ms = 0;
  }
  start_worker();
  EXPECT_EQ(text_of(answer_of(key), "outcome"), "unknown");
  EXPECT_EQ(systems.calls(), 0u);
}

TEST_F(WorkerTest, LookedUpCallIsNotMadeAgain) {
  systems.on_call = [](int) { return CallResult{CallOutcome::unknown, "stub", {}}; };
  systems.on_look_up = [](int n) {
    return n < 3 ? LookupResult{LookupState::running, {}} : LookupResult{LookupState::done, "{\"found\":1}"};
  };
  start_worker();
  const auto answer = answer_of(hand_out(1, "lookup"));
  EXPECT_EQ(text_of(answer, "outcome"), "done");
  EXPECT_EQ(answer.at("response").at("found").to_number<int>(), 1);
  EXPECT_EQ(systems.calls(), 1u);
  EXPECT_EQ(systems.look_ups(), 3);
}

TEST_F(WorkerTest, ASystemThatWillCallBackIsNotWaitedFor) {
  systems.on_call = [](int) { return CallResult{CallOutcome::unknown, "stub", {}}; };
  systems.on_look_up = [](int) { return LookupResult{LookupState::running, {}}; };
  start_worker();
  const auto answer = answer_of(hand_out(1, "later"));
  EXPECT_EQ(text_of(answer, "outcome"), "accepted");
  EXPECT_EQ(text_of(answer, "code"), "looked-up");
  EXPECT_EQ(systems.calls(), 1u);
  EXPECT_EQ(systems.request(0).callback_url, "http://127.0.0.1:9/callbacks/" + key_of(1));
  EXPECT_TRUE(systems.request(0).target.asynchronous);
}

// Between the mark and the worker that finds out may lie an outage of any length.

TEST_F(WorkerTest, CallCutOffLongAgoIsLookedUpAllTheSame) {
  systems.on_look_up = [](int n) {
    return n < 3 ? LookupResult{LookupState::unknown, {}} : LookupResult{LookupState::done, "{}"};
  };
  const std::string key = interrupted(1, "lookup");
  link->marked_earlier_ms = 3'600'000;
  start_worker();
  EXPECT_EQ(text_of(answer_of(key), "outcome"), "done");
  EXPECT_EQ(systems.calls(), 0u);
  EXPECT_EQ(systems.look_ups(), 3);
}

TEST_F(WorkerTest, LookedUpFailureIsARefusal) {
  systems.on_look_up = [](int) { return LookupResult{LookupState::failed, "{\"why\":\"full\"}"}; };
  const std::string key = interrupted(1, "lookup");
  start_worker();
  EXPECT_EQ(text_of(answer_of(key), "outcome"), "refused");
  EXPECT_EQ(systems.calls(), 0u);
}

TEST_F(WorkerTest, AbsentCountsOnlyBehindTheSettlingTime) {
  systems.on_call = [](int call) { return CallResult{call == 1 ? CallOutcome::unknown : CallOutcome::done, "stub", {}}; };
  systems.on_look_up = [](int) { return LookupResult{LookupState::absent, {}}; };
  start_worker();
  EXPECT_EQ(text_of(answer_of(hand_out(1, "lookup")), "outcome"), "done");
  ASSERT_EQ(systems.calls(), 2u);
  EXPECT_GE(systems.called_at(1), systems.called_at(0).plus_ms(60));
  EXPECT_GE(systems.look_ups(), 2);  // the first one came too early to count
  EXPECT_EQ(marks_of(key_of(1)), 2u);
}

TEST_F(WorkerTest, ExpiredMemoryOfALookupSystemLeavesItUnknown) {
  systems.on_look_up = [](int) { return LookupResult{LookupState::expired, {}}; };
  const std::string key = interrupted(1, "lookup");
  start_worker();
  EXPECT_EQ(text_of(answer_of(key), "outcome"), "unknown");
  EXPECT_EQ(systems.calls(), 0u);
}

TEST_F(WorkerTest, BlindCallIsNeverMadeTwice) {
  systems.on_call = [](int) { return CallResult{CallOutcome::unknown, "stub/no-answer", {}}; };
  start_worker();
  const auto answer = answer_of(hand_out(1, "blind"));
  EXPECT_EQ(text_of(answer, "outcome"), "unknown");
  EXPECT_EQ(text_of(answer, "code"), "stub/no-answer");
  EXPECT_EQ(systems.calls(), 1u);
  EXPECT_EQ(systems.look_ups(), 0);
  end_worker();
  const std::string key = interrupted(2, "blind");
  start_worker();
  EXPECT_EQ(text_of(answer_of(key), "outcome"), "unknown");
  EXPECT_EQ(systems.calls(), 1u);
}

TEST_F(WorkerTest, PlatformThatIsAwayWhileACallIsSettledLosesNothing) {
  systems.on_call = [this](int call) {
    if (call == 1) link->marks_lost = 2;  // of the repetition
    return CallResult{call == 1 ? CallOutcome::unknown : CallOutcome::done, "stub", {}};
  };
  start_worker();
  EXPECT_EQ(text_of(answer_of(hand_out(1)), "outcome"), "done");
  EXPECT_EQ(systems.calls(), 2u);
}

// A call was marked, its worker is gone, the platform came back, and the task has another body by now: what another item's answer
// set. What was sent then was another request.
class ChangedRequestTest : public WorkerTest {
 protected:
  std::string interrupted_and_changed(const std::string& system) {
    interrupted(1, system);
    link.reset();
    broker = open_broker();
    link = std::make_unique<FlakyLink>(*broker);
    Task changed = task_number(1);
    changed.catalog_digest = catalog, changed.system = system, changed.interface = "do";
    changed.body = "{\"n\":\"changed\"}", changed.digest = 1;
    return hand_out(changed);
  }
};

TEST_F(ChangedRequestTest, IsNeverRepeatedUnderItsKey) {
  const std::string key = interrupted_and_changed("keyed");
  start_worker();
  const auto answer = answer_of(key);
  EXPECT_EQ(text_of(answer, "outcome"), "unknown");
  EXPECT_EQ(text_of(answer, "code"), "interrupted-other-request");
  EXPECT_EQ(systems.calls(), 0u) << "the key would stand for two requests";
  EXPECT_EQ(marks_of(key), 1u);
}

TEST_F(ChangedRequestTest, IsLookedUp) {
  systems.on_look_up = [](int n) {
    return n < 3 ? LookupResult{LookupState::running, {}} : LookupResult{LookupState::done, "{\"found\":1}"};
  };
  const std::string key = interrupted_and_changed("lookup");
  start_worker();
  const auto answer = answer_of(key);
  EXPECT_EQ(text_of(answer, "outcome"), "done");
  EXPECT_EQ(text_of(answer, "code"), "looked-up");
  EXPECT_EQ(systems.calls(), 0u);
}

TEST_F(ChangedRequestTest, ThatIsAbsentIsForAPersonToSettle) {
  systems.on_look_up = [](int) { return LookupResult{LookupState::absent, {}}; };
  const std::string key = interrupted_and_changed("lookup");
  start_worker();
  const auto answer = answer_of(key);
  EXPECT_EQ(text_of(answer, "outcome"), "unknown");
  EXPECT_EQ(text_of(answer, "code"), "not-found-out");
  EXPECT_GE(systems.look_ups(), 2) << "absent counts only behind the settling time";
  EXPECT_EQ(systems.calls(), 0u);
  EXPECT_EQ(marks_of(key), 1u);
}

}  // namespace
}  // namespace backstitch
