#include "services/worker/link.h"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <unordered_map>

#include "base/json.h"
#include "base/time.h"
#include "services/worker/broker_client.h"

namespace backstitch {
namespace json = boost::json;
namespace {

class LocalLink : public WorkerLink {
 public:
  explicit LocalLink(TaskBroker& broker) : broker_(broker) {}
  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t wait_ms) override {
    return broker_.claim(lane, worker, max, wait_ms);
  }
  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) override {
    return broker_.mark(worker, keys, resend);
  }
  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers) override {
    return broker_.answer(worker, answers);
  }

 private:
  TaskBroker& broker_;
};

class HttpLink : public WorkerLink {
 public:
  HttpLink(const std::string& endpoints_file, const std::string& token) : brokers_(endpoints_file, token) {}

  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t wait_ms) override {
    const std::int64_t end_ms = monotonic_ms() + wait_ms;
    while (true) {
      auto brokers = brokers_.all();
      if (brokers.empty()) look_round(nullptr), brokers = brokers_.all();
      if (brokers.empty()) return brokers_.nobody();
      Result<std::vector<std::string>> nothing = brokers_.nobody();  // or what the last one said that answered
      for (std::size_t i = 0; i < brokers.size(); ++i) {
        const auto& broker = brokers[next_++ % brokers.size()];
        const std::int64_t left_ms = std::max<std::int64_t>(end_ms - monotonic_ms(), 0);
        auto answer = broker->claim(lane, worker, max, brokers.size() == 1 ? left_ms : std::min(left_ms, turn_ms));
        if (answer && !answer->brokers.empty()) brokers_.heard(answer->brokers);
        if (answer && !answer->documents.empty()) return remember(answer->documents, broker), std::move(answer->documents);
        if (!answer) look_round(broker);
        if (answer)
          nothing = std::vector<std::string>();
        else if (!nothing)
          nothing = fail(std::move(answer.error()));
      }
      if (!nothing || monotonic_ms() >= end_ms) return nothing;
    }
  }

  // Whoever handed a task out knows it. When he is gone, nobody does, and another worker will get it.
  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) override {
    std::map<BrokerPtr, std::vector<std::string>> by_broker;
    for (const std::string& key : keys) by_broker[home_of(key)].push_back(key);
    std::vector<MarkReply> out;
    for (const auto& [home, of_home] : by_broker) {
      // Nobody else is asked while he is one of them: he may have set the mark before he fell silent.
      auto replies = home ? home->mark(worker, of_home, resend) : nobody_knows(of_home);
      if (!replies) {
        look_round(home);
        return fail(std::move(replies.error()));
      }
      for (MarkReply& reply : *replies) {
        if (reply.verdict != MarkVerdict::go && reply.verdict != MarkVerdict::settle) forget({reply.key});
        out.push_back(std::move(reply));
      }
    }
    return out;
  }

  // Every one of them can bring it into the log: the mark there says whose call it is.
  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers) override {
    std::map<BrokerPtr, std::vector<TaskAnswer>> by_broker;
    for (const TaskAnswer& answer : answers) by_broker[home_of(answer.key)].push_back(answer);
    for (const auto& [home, of_home] : by_broker) {
      const Status done = ask(home, [&](BrokerClient& broker) { return broker.answer(worker, of_home); });
      if (!done) return done;  // what was taken before is taken again, to no effect
      for (const TaskAnswer& answer : of_home) forget({answer.key});
    }
    return {};
  }

 private:
  static constexpr std::int64_t turn_ms = 100;  // at one of several, before the next is asked

  void remember(const std::vector<std::string>& documents, const BrokerPtr& broker) {
    const std::lock_guard lock(mutex_);
    for (const std::string& document : documents)
      if (const auto task = parse_json(document); task && task->is_object())
        if (const json::value* key = task->get_object().if_contains("effectKey"); key && key->is_string())
          homes_[std::string(key->get_string())] = broker;
  }
  void forget(const std::vector<std::string>& keys) {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : keys) homes_.erase(key);
  }
  /// Who handed the task out, as long as he is one of those that there are; then his next life, where only one process ever is.
  /// Null when there may be several: then nobody knows it.
  BrokerPtr home_of(const std::string& key) {
    const auto brokers = brokers_.all();
    const std::lock_guard lock(mutex_);
    const auto found = homes_.find(key);
    if (found != homes_.end() && std::find(brokers.begin(), brokers.end(), found->second) != brokers.end()) return found->second;
    return brokers.size() == 1 && !brokers_.several() ? brokers.front() : nullptr;
  }

  /// This one does not answer, or nobody does: who follows him may have another address, and when he is dead only the others
  /// know it.
  void look_round(const BrokerPtr& silent) {
    brokers_.read_again();
    if (!brokers_.several()) return;
    for (const auto& other : brokers_.all()) {
      if (other == silent) continue;
      const auto there = other->who_is_there();
      if (there && !there->empty()) return brokers_.heard(*there);
    }
    const BrokerPtr seed = brokers_.seed();
    const auto there = seed ? seed->who_is_there() : std::vector<std::string>();
    if (there && !there->empty()) return brokers_.heard(*there);
    brokers_.fall_back();
  }

  /// His partitions are others' by now, who hand everything that runs out once more.
  Result<std::vector<MarkReply>> nobody_knows(const std::vector<std::string>& keys) {
    if (brokers_.all().empty()) return brokers_.nobody();
    std::vector<MarkReply> replies;
    for (const std::string& key : keys) replies.push_back({key, MarkVerdict::dropped, {}});
    return replies;
  }

  /// Asks the one, and all others when it does not answer.
  template <class Question>
  auto ask(const BrokerPtr& first, Question question) -> decltype(question(*first)) {
    decltype(question(*first)) answer = brokers_.nobody();
    if (first) answer = question(*first);
    if (answer || answer.error().code != Code::unreachable) return answer;
    if (first) look_round(first);
    for (const auto& other : brokers_.all()) {
      if (other == first) continue;
      answer = question(*other);
      if (answer || answer.error().code != Code::unreachable) return answer;
    }
    if (!first) look_round(nullptr);
    return answer;
  }

  KnownBrokers brokers_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, BrokerPtr> homes_;  // of what is in the worker's hand
};

}  // namespace

std::unique_ptr<WorkerLink> link_to(TaskBroker& broker) { return std::make_unique<LocalLink>(broker); }
std::unique_ptr<WorkerLink> link_over_http(const std::string& endpoints_file, const std::string& token) {
  return std::make_unique<HttpLink>(endpoints_file, token);
}

}  // namespace backstitch
