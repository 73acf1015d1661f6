// For tests only: a worker on a broker, systems that answer as the test says, a link that loses what the test wants lost.
#pragma once
#include "services/worker/testing.h"
#include "services/worker/worker.h"

namespace backstitch::testing {

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
  Result<std::vector<systems::SubjectEffect>> look_up_subject(const systems::Target&, const std::string& subject) override {
    return fail(Code::unreachable, "{}", subject);
  }
  Status settle(const systems::Target&, const std::string& key, systems::SettleVerb) override {
    return fail(Code::unknown_outcome, "{}", key);
  }

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
  std::size_t calls() const {
    return locked([&] { return calls_.size(); });
  }
  std::size_t in_the_air() const {
    return locked([&] { return held_.size(); });
  }
  systems::CallRequest request(std::size_t n) const {
    return locked([&] { return calls_.at(n); });
  }
  Time called_at(std::size_t n) const {
    return locked([&] { return at_.at(n); });
  }
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

  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t) override {
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

}  // namespace backstitch::testing
