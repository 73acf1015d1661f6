#include "services/worker/link.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/net/http_client.h"

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

class HttpLink : public WorkerLink {
 public:
  explicit HttpLink(std::string endpoints_file) : endpoints_file_(std::move(endpoints_file)) {}

  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t wait_ms) override {
    auto answer =
        post(claims_, "/tasks:claim",
             fmt::format("{{\"worker\":{},\"lane\":{},\"max\":{},\"waitMs\":{}}}", quoted(worker), quoted(lane), max, wait_ms),
             wait_ms + 10'000);
    if (!answer) return fail(std::move(answer.error()));
    std::vector<std::string> documents;
    for (const json::value& task : answer->at("tasks").as_array()) documents.push_back(write_json(task));
    return documents;
  }

  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) override {
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

  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers) override {
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
    if (base().empty() && !read_endpoints()) return fail(Code::unreachable, "no worker address in {}", endpoints_file_);
    HttpCall call;
    call.method = "POST", call.url = base() + route, call.body = body, call.timeout_ms = timeout_ms;
    call.headers = {{"Content-Type", "application/json"}};
    const HttpAnswer answer = client.call(call);
    if (answer.delivery != Delivery::answered) {
      read_endpoints();
      return fail(Code::unreachable, "{}: {}", route, answer.error);
    }
    if (answer.status == 409) return fail(Code::task_not_held, "{}", answer.body);
    auto document = parse_json(answer.body);
    if (answer.status != 200 || !document) return fail(Code::unreachable, "{}: status {}", route, answer.status);
    return document;
  }
  std::string base() {
    const std::lock_guard lock(mutex_);
    return base_;
  }
  bool read_endpoints() {
    auto content = read_file(endpoints_file_);
    auto document = content ? parse_json(*content) : fail(Code::file_failed, "{}", endpoints_file_);
    const json::value* url = document && document->is_object() ? document->get_object().if_contains("workers") : nullptr;
    if (!url || !url->is_string()) return false;
    const std::lock_guard lock(mutex_);
    base_ = std::string(url->get_string());
    return true;
  }

  std::string endpoints_file_;
  std::mutex mutex_;
  std::string base_;
  HttpClient claims_, answers_;
};

}  // namespace

std::unique_ptr<WorkerLink> link_to(TaskBroker& broker) { return std::make_unique<LocalLink>(broker); }
std::unique_ptr<WorkerLink> link_over_http(const std::string& endpoints_file) {
  return std::make_unique<HttpLink>(endpoints_file);
}

}  // namespace backstitch
