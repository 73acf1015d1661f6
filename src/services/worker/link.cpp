#include "services/worker/link.h"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <limits>
#include <map>
#include <mutex>
#include <unordered_map>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "base/net/http_client.h"
#include "base/time.h"

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

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

MarkVerdict verdict_from(std::string_view text) {
  for (const MarkVerdict verdict : {MarkVerdict::go, MarkVerdict::settle, MarkVerdict::adopted, MarkVerdict::busy})
    if (text == to_text(verdict)) return verdict;
  return MarkVerdict::dropped;
}

/// One platform process as a worker sees it. Thread-safe; a claim that waits is in nobody's way.
class Broker {
 public:
  Broker(std::string base, std::string token) : base_(std::move(base)), token_(std::move(token)) {}

  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t wait_ms) {
    auto answer =
        post(claims_, "/tasks:claim",
             fmt::format("{{\"worker\":{},\"lane\":{},\"max\":{},\"waitMs\":{}}}", quoted(worker), quoted(lane), max, wait_ms),
             wait_ms + 10'000);
    if (!answer) return fail(std::move(answer.error()));
    std::vector<std::string> documents;
    for (const json::value& task : answer->at("tasks").as_array()) documents.push_back(write_json(task));
    return documents;
  }

  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) {
    std::string body = fmt::format("{{\"worker\":{},\"resend\":{},\"keys\":[", quoted(worker), resend);
    for (std::size_t i = 0; i < keys.size(); ++i) body += (i ? "," : "") + quoted(keys[i]);
    auto answer = post(claims_, "/tasks:mark", body + "]}", 30'000);
    if (!answer) return fail(std::move(answer.error()));
    std::vector<MarkReply> replies;
    for (const json::value& entry : answer->at("marks").as_array()) {
      const json::object& mark = entry.as_object();
      replies.push_back({std::string(mark.at("key").as_string()), verdict_from(mark.at("verdict").as_string()),
                         Time{mark.at("markedUs").to_number<std::int64_t>()},
                         !mark.contains("sameRequest") || mark.at("sameRequest").as_bool()});
    }
    return replies;
  }

  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers) {
    std::string body = fmt::format("{{\"worker\":{},\"answers\":[", quoted(worker));
    for (std::size_t i = 0; i < answers.size(); ++i)
      body += fmt::format("{}{{\"key\":{},\"outcome\":{},\"code\":{},\"response\":{}}}", i ? "," : "", quoted(answers[i].key),
                          quoted(answers[i].outcome), quoted(answers[i].code),
                          answers[i].response.empty() ? "null" : answers[i].response);
    auto posted = post(answers_, "/tasks:answer", body + "]}", 30'000);
    return posted ? Status() : fail(std::move(posted.error()));
  }

 private:
  Result<json::value> post(HttpClient& client, const char* route, const std::string& body, std::int64_t timeout_ms) {
    HttpCall call;
    call.method = "POST", call.url = base_ + route, call.body = body, call.timeout_ms = timeout_ms;
    call.headers = {{"Content-Type", "application/json"}};
    if (!token_.empty()) call.headers.emplace_back("Authorization", "Bearer " + token_);
    const HttpAnswer answer = client.call(call);
    if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "{}: {}", route, answer.error);
    if (answer.status == 401 && !refused_.exchange(true))
      log_error("worker_link", "platform={} error=\"it does not take the token of this worker\"", base_);
    if (answer.status == 409) return fail(Code::task_not_held, "{}", answer.body);
    auto document = parse_json(answer.body);
    if (answer.status != 200 || !document) return fail(Code::unreachable, "{}: status {}", route, answer.status);
    return document;
  }

  const std::string base_, token_;
  std::atomic<bool> refused_ = false;
  HttpClient claims_, answers_;
};

/// Whom there is to ask: one process, or several of which each hands out the tasks of its partitions.
class Brokers {
 public:
  Brokers(std::string file, std::string token) : file_(std::move(file)), token_(std::move(token)) {}

  using BrokerPtr = std::shared_ptr<Broker>;
  std::vector<BrokerPtr> all() {
    const std::lock_guard lock(mutex_);
    if (monotonic_ms() - read_ms_ >= read_again_ms) read_locked();
    std::vector<BrokerPtr> out;
    for (const auto& [base, broker] : brokers_) out.push_back(broker);
    return out;
  }
  /// Somebody did not answer: who follows him may have another address.
  void read_again() {
    const std::lock_guard lock(mutex_);
    read_locked();
  }
  /// Whether others may be there, or come, beside the one that is named.
  bool several() const {
    const std::lock_guard lock(mutex_);
    return several_;
  }
  tl::unexpected<Error> nobody() const { return fail(Code::unreachable, "no worker address in {}", file_); }

 private:
  static constexpr std::int64_t read_again_ms = 500;
  void read_locked() {
    read_ms_ = monotonic_ms();
    const auto content = read_file(file_);
    const auto document = content ? parse_json(*content) : fail(content.error());
    if (!document || !document->is_object()) return;  // those of before, until there are others
    std::vector<std::string> bases;
    if (const json::value* one = document->get_object().if_contains("workers");
        one && one->is_string() && !one->get_string().empty())
      bases.emplace_back(one->get_string());
    if (const json::value* several = document->get_object().if_contains("brokers"); several && several->is_array()) {
      bases.clear(), several_ = true;
      for (const json::value& one : several->get_array())
        if (one.is_string()) bases.emplace_back(one.get_string());
    }
    std::map<std::string, BrokerPtr> now;
    for (const std::string& base : bases) {
      const auto known = brokers_.find(base);
      now[base] = known == brokers_.end() ? std::make_shared<Broker>(base, token_) : known->second;
    }
    brokers_ = std::move(now);
  }

  const std::string file_, token_;
  mutable std::mutex mutex_;
  bool several_ = false;
  std::int64_t read_ms_ = std::numeric_limits<std::int64_t>::min() / 2;
  std::map<std::string, BrokerPtr> brokers_;
};

class HttpLink : public WorkerLink {
 public:
  HttpLink(const std::string& endpoints_file, const std::string& token) : brokers_(endpoints_file, token) {}

  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t wait_ms) override {
    const std::int64_t end_ms = monotonic_ms() + wait_ms;
    while (true) {
      const auto brokers = brokers_.all();
      if (brokers.empty()) return brokers_.nobody();
      Result<std::vector<std::string>> nothing = brokers_.nobody();  // or what the last one said that answered
      for (std::size_t i = 0; i < brokers.size(); ++i) {
        const auto& broker = brokers[next_++ % brokers.size()];
        const std::int64_t left_ms = std::max<std::int64_t>(end_ms - monotonic_ms(), 0);
        auto answer = broker->claim(lane, worker, max, brokers.size() == 1 ? left_ms : std::min(left_ms, turn_ms));
        if (answer && !answer->empty()) return remember(*answer, broker), answer;
        if (!answer) brokers_.read_again();
        if (answer || !nothing) nothing = std::move(answer);
      }
      if (!nothing || monotonic_ms() >= end_ms) return nothing;
    }
  }

  // Whoever handed a task out knows it. When he is gone, nobody does, and another worker will get it.
  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) override {
    std::map<std::shared_ptr<Broker>, std::vector<std::string>> by_broker;
    for (const std::string& key : keys) by_broker[home_of(key)].push_back(key);
    std::vector<MarkReply> out;
    for (const auto& [home, of_home] : by_broker) {
      // Nobody else is asked while he is one of them: he may have set the mark before he fell silent.
      auto replies = home ? home->mark(worker, of_home, resend) : nobody_knows(of_home);
      if (!replies) {
        brokers_.read_again();
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
    std::map<std::shared_ptr<Broker>, std::vector<TaskAnswer>> by_broker;
    for (const TaskAnswer& answer : answers) by_broker[home_of(answer.key)].push_back(answer);
    for (const auto& [home, of_home] : by_broker) {
      const Status done = ask(home, [&](Broker& broker) { return broker.answer(worker, of_home); });
      if (!done) return done;  // what was taken before is taken again, to no effect
      for (const TaskAnswer& answer : of_home) forget({answer.key});
    }
    return {};
  }

 private:
  static constexpr std::int64_t turn_ms = 100;  // at one of several, before the next is asked

  void remember(const std::vector<std::string>& documents, const std::shared_ptr<Broker>& broker) {
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
  std::shared_ptr<Broker> home_of(const std::string& key) {
    const auto brokers = brokers_.all();
    const std::lock_guard lock(mutex_);
    const auto found = homes_.find(key);
    if (found != homes_.end() && std::find(brokers.begin(), brokers.end(), found->second) != brokers.end()) return found->second;
    return brokers.size() == 1 && !brokers_.several() ? brokers.front() : nullptr;
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
  auto ask(const std::shared_ptr<Broker>& first, Question question) -> decltype(question(*first)) {
    decltype(question(*first)) answer = brokers_.nobody();
    if (first) answer = question(*first);
    if (answer || answer.error().code != Code::unreachable) return answer;
    if (first) brokers_.read_again();
    for (const auto& other : brokers_.all()) {
      if (other == first) continue;
      answer = question(*other);
      if (answer || answer.error().code != Code::unreachable) break;
    }
    return answer;
  }

  Brokers brokers_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Broker>> homes_;  // of what is in the worker's hand
};

}  // namespace

std::unique_ptr<WorkerLink> link_to(TaskBroker& broker) { return std::make_unique<LocalLink>(broker); }
std::unique_ptr<WorkerLink> link_over_http(const std::string& endpoints_file, const std::string& token) {
  return std::make_unique<HttpLink>(endpoints_file, token);
}

}  // namespace backstitch
