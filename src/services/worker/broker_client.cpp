#include "services/worker/broker_client.h"

#include <boost/json.hpp>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::int64_t read_again_ms = 500, short_ms = 2'000;
constexpr std::int64_t named_for_ms = 1'000;  // two beats of a member: until all have heard of the same ones

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::vector<std::string> texts_of(const json::value* list) {
  std::vector<std::string> out;
  if (list && list->is_array())
    for (const json::value& one : list->get_array())
      if (one.is_string()) out.emplace_back(one.get_string());
  return out;
}

MarkVerdict verdict_from(std::string_view text) {
  for (const MarkVerdict verdict : {MarkVerdict::go, MarkVerdict::settle, MarkVerdict::adopted, MarkVerdict::busy})
    if (text == to_text(verdict)) return verdict;
  return MarkVerdict::dropped;
}

}  // namespace

Result<BrokerClient::Claimed> BrokerClient::claim(const std::string& lane, const std::string& worker, std::size_t max,
                                                  std::int64_t wait_ms) {
  auto answer =
      post(claims_, "/tasks:claim",
           fmt::format("{{\"worker\":{},\"lane\":{},\"max\":{},\"waitMs\":{}}}", quoted(worker), quoted(lane), max, wait_ms),
           wait_ms + 10'000);
  if (!answer) return fail(std::move(answer.error()));
  Claimed claimed;
  for (const json::value& task : answer->at("tasks").as_array()) claimed.documents.push_back(write_json(task));
  claimed.brokers = texts_of(answer->get_object().if_contains("brokers"));
  return claimed;
}

Result<std::vector<MarkReply>> BrokerClient::mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) {
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

Result<std::vector<std::string>> BrokerClient::who_is_there() {
  auto answer = post(claims_, "/tasks:brokers", "{}", short_ms);
  if (!answer) return fail(std::move(answer.error()));
  return answer->is_object() ? texts_of(answer->get_object().if_contains("brokers")) : std::vector<std::string>();
}

Status BrokerClient::worker_gone(const std::string& worker) {
  const auto told = post(answers_, "/tasks:gone", fmt::format("{{\"worker\":{}}}", quoted(worker)), short_ms);
  return told ? Status() : fail(told.error());
}

Result<std::map<std::string, std::size_t>> BrokerClient::waiting() {
  const auto answer = post(answers_, "/tasks:depth", "{}", short_ms);
  if (!answer) return fail(answer.error());
  std::map<std::string, std::size_t> out;
  if (const json::value* lanes = answer->is_object() ? answer->get_object().if_contains("waiting") : nullptr;
      lanes && lanes->is_object())
    for (const auto& [lane, count] : lanes->get_object())
      if (count.is_int64()) out[std::string(lane)] = static_cast<std::size_t>(count.get_int64());
  return out;
}

Status BrokerClient::answer(const std::string& worker, const std::vector<TaskAnswer>& answers) {
  std::string body = fmt::format("{{\"worker\":{},\"answers\":[", quoted(worker));
  for (std::size_t i = 0; i < answers.size(); ++i)
    body += fmt::format("{}{{\"key\":{},\"outcome\":{},\"code\":{},\"response\":{}}}", i ? "," : "", quoted(answers[i].key),
                        quoted(answers[i].outcome), quoted(answers[i].code),
                        answers[i].response.empty() ? "null" : answers[i].response);
  auto posted = post(answers_, "/tasks:answer", body + "]}", 30'000);
  return posted ? Status() : fail(std::move(posted.error()));
}

Result<json::value> BrokerClient::post(HttpClient& client, const char* route, const std::string& body, std::int64_t timeout_ms) {
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

std::vector<BrokerPtr> KnownBrokers::all() {
  const std::lock_guard lock(mutex_);
  if (monotonic_ms() - read_ms_ >= read_again_ms) read_locked();
  prune_locked();
  std::vector<BrokerPtr> out;
  for (const auto& [base, known] : brokers_) out.push_back(known.broker);
  return out;
}

BrokerPtr KnownBrokers::seed() {
  const std::lock_guard lock(mutex_);
  return seed_;
}

void KnownBrokers::read_again() {
  const std::lock_guard lock(mutex_);
  read_locked();
}

void KnownBrokers::heard(const std::vector<std::string>& bases) {
  const std::lock_guard lock(mutex_);
  several_ = true;
  name_locked(bases);
}

// Beside those that are known: they may only be out of reach.
void KnownBrokers::fall_back() {
  const std::lock_guard lock(mutex_);
  for (const std::string& base : in_file_)
    if (!brokers_.contains(base)) brokers_[base] = {client_of(base), named_ms_};
}

bool KnownBrokers::several() const {
  const std::lock_guard lock(mutex_);
  return several_;
}

void KnownBrokers::read_locked() {
  read_ms_ = monotonic_ms();
  const auto content = read_file(file_);
  if (!content || *content == content_) return;
  const auto document = parse_json(*content);
  if (!document || !document->is_object()) return;  // those of before, until there are others
  content_ = *content;
  take_locked(*document);
}

void KnownBrokers::take_locked(const json::value& document) {
  const json::object& object = document.get_object();
  if (const json::value* several = object.if_contains("brokers"); several && several->is_array()) {
    several_ = true;
    name_locked(in_file_ = texts_of(several));
    const json::value* seed = object.if_contains("seed");
    const std::string base = seed && seed->is_string() ? std::string(seed->get_string()) : std::string();
    if (std::exchange(seed_base_, base) != base) seed_ = base.empty() ? nullptr : client_of(base);
    return;
  }
  const json::value* one = object.if_contains("workers");
  const std::string base = one && one->is_string() ? std::string(one->get_string()) : std::string();
  std::erase_if(brokers_, [&](const auto& known) { return known.first != base; });
  if (!base.empty()) name_locked({base});
}

void KnownBrokers::name_locked(const std::vector<std::string>& bases) {
  if (bases.empty()) return;  // it does not know either
  named_ms_ = monotonic_ms();
  for (const std::string& base : bases) {
    Known& known = brokers_[base];
    if (!known.broker) known.broker = client_of(base);
    known.named_ms = named_ms_;
  }
}

void KnownBrokers::prune_locked() {
  const std::int64_t now_ms = monotonic_ms();
  std::erase_if(brokers_,
                [&](const auto& one) { return one.second.named_ms < named_ms_ && now_ms - one.second.named_ms > named_for_ms; });
}

}  // namespace backstitch
