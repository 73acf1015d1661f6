#include "standins/operator/person.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "standins/common/chance.h"
#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

constexpr std::int64_t call_timeout_ms = 10'000, pause_first_ms = 50, pause_max_ms = 1'000;

bool to_be_sent_again(const HttpAnswer& answer) {
  return answer.delivery != Delivery::answered || answer.status == 408 || answer.status == 429 || answer.status >= 500;
}

bool accepted(int status) { return status >= 200 && status < 300; }

}  // namespace

Person::Person(const PersonSettings& settings, Target& target, Desk& desk) : settings_(settings), target_(target), desk_(desk) {
  for (auto& task : desk_.take_up_again()) waiting_.push_back(std::move(task));
  for (int i = 0; i < settings_.parallel; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { look_around(); });
}

Person::~Person() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Person::look_around() {
  do look_at_list();
  while (pause(settings_.poll_ms));
}

void Person::look_at_list() {
  std::string cursor;
  do {
    const auto list = get_list(cursor);
    if (!list) return;
    const auto* items = list->if_contains("items");
    if (!items || !items->is_array()) {
      log_warn("list.unreadable", "answer={}", write_json(*list));
      return;
    }
    if (!take_from_page(items->get_array())) return;
    cursor = text_of(*list, "next");
  } while (!cursor.empty());
}

std::optional<boost::json::object> Person::get_list(const std::string& cursor) {
  // In whatever state: a task that we hold and could not complete yet is Running. More than we can take, because others' tasks
  // and our own stand in the list too.
  std::string url =
      fmt::format("{}/api/v1/tasks?kind=manual&limit={}", target_.url(), std::min(1000, settings_.parallel * 4 + 50));
  if (!cursor.empty()) url += "&cursor=" + cursor;
  const HttpAnswer answer = http_.call({.url = url, .timeout_ms = call_timeout_ms});
  if (answer.delivery != Delivery::answered) target_.refresh();
  if (!answer.ok()) return std::nullopt;
  auto document = parse_json(answer.body);
  if (!document || !document->is_object()) return std::nullopt;
  return document->get_object();
}

bool Person::take_from_page(const boost::json::array& items) {
  for (const auto& item : items) {
    if (desk_.in_hand() >= settings_.parallel) return false;
    if (!item.is_object()) continue;
    const auto& fields = item.get_object();
    ManualTask task{.id = text_of(fields, "id"), .item_key = text_of(fields, "itemKey")};
    if (!task.id.empty() && desk_.take(task, text_of(fields, "owner"), monotonic_ms())) put_in_hand(std::move(task));
  }
  return true;
}

void Person::put_in_hand(ManualTask task) {
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Person::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    ManualTask task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work_on(std::move(task));
  }
}

void Person::work_on(ManualTask task) {
  std::string answer;
  if (!task.claimed) {
    const int status = command(task, "claim", {{"actor", settings_.actor}}, answer);
    if (status == 0) return desk_.put_back(task);
    if (!accepted(status)) return desk_.skipped(task, status, answer, monotonic_ms());
    desk_.claimed(task, status);
  }
  const std::string round = std::to_string(task.round);
  if (!pause(draw_between(settings_.delay_min_ms, settings_.delay_max_ms, settings_.seed, {"delay", task.id, round}))) return;
  const int status = command(task, "complete", {{"actor", settings_.actor}, {"attributes", boost::json::object{}}}, answer);
  if (status == 0) return;
  if (!accepted(status)) return desk_.skipped(task, status, answer, monotonic_ms());
  desk_.completed(task, status, monotonic_ms());
}

int Person::command(const ManualTask& task, const char* verb, const boost::json::object& body, std::string& answer_body) {
  // The same words for the same deed: sent again after a lost answer, or by our next life, it is one command.
  const std::string key = sha256_hex(fmt::format("{}\n{}\n{}\n{}", settings_.actor, task.id, verb, task.round)).substr(0, 32);
  for (std::int64_t pause_ms = pause_first_ms;; pause_ms = std::min(pause_ms * 2, pause_max_ms)) {
    const HttpAnswer answer = http_.call({.method = "POST",
                                          .url = fmt::format("{}/api/v1/tasks/{}/{}", target_.url(), task.id, verb),
                                          .body = write_json(body),
                                          .headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", key}},
                                          .timeout_ms = call_timeout_ms,
                                          .never_resend = true});
    if (!to_be_sent_again(answer)) {
      answer_body = answer.body;
      return answer.status;
    }
    if (answer.delivery != Delivery::answered) target_.refresh();
    if (!pause(pause_ms)) return 0;
  }
}

bool Person::pause(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
}

}  // namespace backstitch::standin
