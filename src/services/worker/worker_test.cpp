#include "services/worker/worker.h"

#include "services/worker/testing.h"

namespace backstitch {
namespace {

using namespace testing;
using systems::CallResult;
using systems::LookupResult;
using systems::LookupState;

/// Answers as the test says; holds calls in the air when told to.
class StubSystems : public systems::Systems {
  template <class Read>
  auto locked(Read read) const {
    const std::lock_guard lock(mutex_);
    return read();
  }

 public:
  std::function<CallResult(int call)> on_call = [](int) { return CallResult{CallOutcome::done, "stub/200", "{\"ok\":1}"}; };
  std::function<LookupResult(int look_up)> on_look_up = [](int) { return LookupResult{LookupState::unknown, {}}; };
  std::atomic<bool> hold{false};

  void call(const systems::CallRequest& request, std::function<void(CallResult)> done) override {
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(request), at_.push_back(wall_clock());
      number = static_cast<int>(calls_.size());
      if (hold) return held_.push_back(std::move(done));
    }
    done(on_call(number));
  }
  LookupResult look_up(const systems::Target&, const std::string&) override { return on_look_up(++look_ups_); }

  /// Ends the oldest call in the air.
  void release() {
    std::function<void(CallResult)> done;
    {
      const std::lock_guard lock(mutex_);
      done = std::move(held_.front());
      held_.erase(held_.begin());
    }
    done({CallOutcome::done, "stub/200", "{}"});
  }
  std::size_t calls() const { return locked([&] { return calls_.size(); }); }
  std::size_t in_the_air() const { return locked([&] { return held_.size(); }); }
  systems::CallRequest request(std::size_t n) const { return locked([&] { return calls_.at(n); }); }
  Time called_at(std::size_t n) const { return locked([&] { return at_.at(n); }); }
  int look_ups() const { return look_ups_; }

 private:
  mutable std::mutex mutex_;
  std::vector<systems::CallRequest> calls_;
  std::vector<Time> at_;
  std::vector<std::function<void(CallResult)>> held_;
  std::atomic<int> look_ups_{0};
};

/// A platform that does not answer every time.
class FlakyLink : public WorkerLink {
 public:
  explicit FlakyLink(TaskBroker& broker) : link_(link_to(broker)) {}
  std::atomic<int> claims_lost{0}, marks_lost{0}, answers_lost{0};
  std::atomic<std::int64_t> marked_earlier_ms{0};  // by so much older the marks of others are

  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max, std::int64_t) override {
    if (claims_lost-- > 0) return fail(Code::unreachable, "claim");
    return link_->claim(lane, worker, max, 20);
  }
  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) override {
    auto replies = link_->mark(worker, keys, resend);
    if (marks_lost-- > 0) return fail(Code::unreachable, "the reply was lost");  // the mark itself stands
    if (replies)
      for (MarkReply& reply : *replies) reply.marked_at = reply.marked_at.plus_ms(-marked_earlier_ms);
    return replies;
  }
  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers) override {
    if (answers_lost-- > 0) return fail(Code::unreachable, "answer");
    return link_->answer(worker, answers);
  }

 private:
  std::unique_ptr<WorkerLink> link_;
};

class WorkerTest : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    broker = open_broker();
    link = std::make_unique<FlakyLink>(*broker);
  }
  void TearDown() override { end_worker(); }

  void start_worker(std::size_t concurrency = 8, std::int64_t resend_tries = 2) {
    worker = std::make_unique<Worker>(WorkerSettings{"w1", "default", concurrency, resend_tries}, *link, systems, code);
    thread = std::thread([this] { worker->run(); });
  }
  void end_worker() {
    if (!worker) return;
    worker->stop(0);
    thread.join();
    worker.reset();
  }
  /// {outcome, code, response} once the answer is in the log.
  boost::json::object answer_of(const std::string& key) {
    EXPECT_TRUE(wait_until([&] { return !holders(key).empty() && holders(key).back().schema == "completer.answer/1"; })) << key;
    return object_of(holders(key).back().value);
  }
  std::size_t marks_of(const std::string& key) {
    std::size_t count = 0;
    for (const queue::Record& record : holders(key)) count += record.schema == "completer.mark/1";
    return count;
  }
  /// Marked by a worker that is gone since: nobody knows how far its call came.
  std::string interrupted(int n, const std::string& system) {
    const std::string key = hand_out(n, system);
    EXPECT_EQ(take(*broker, "dead", key).verdict, MarkVerdict::go);
    broker->worker_gone("dead");
    return key;
  }

  StubSystems systems;
  TaskCode code{{}};
  std::unique_ptr<TaskBroker> broker;
  std::unique_ptr<FlakyLink> link;
  std::unique_ptr<Worker> worker;
  std::thread thread;
};

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
  systems.on_look_up = [](int n) { return n < 3 ? LookupResult{LookupState::running, {}} : LookupResult{LookupState::done, "{\"found\":1}"}; };
  start_worker();
  const auto answer = answer_of(hand_out(1, "lookup"));
  EXPECT_EQ(text_of(answer, "outcome"), "done");
  EXPECT_EQ(answer.at("response").at("found").to_number<int>(), 1);
  EXPECT_EQ(systems.calls(), 1u);
  EXPECT_EQ(systems.look_ups(), 3);
}

// Between the mark and the worker that finds out may lie an outage of any length.
TEST_F(WorkerTest, CallCutOffLongAgoIsLookedUpAllTheSame) {
  systems.on_look_up = [](int n) { return n < 3 ? LookupResult{LookupState::unknown, {}} : LookupResult{LookupState::done, "{}"}; };
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

TEST_F(WorkerTest, PlatformThatIsAwayWhileACallIsSettledLosesNothing) {
  systems.on_call = [this](int call) {
    if (call == 1) link->marks_lost = 2;  // of the repetition
    return CallResult{call == 1 ? CallOutcome::unknown : CallOutcome::done, "stub", {}};
  };
  start_worker();
  EXPECT_EQ(text_of(answer_of(hand_out(1)), "outcome"), "done");
  EXPECT_EQ(systems.calls(), 2u);
}

}  // namespace
}  // namespace backstitch
