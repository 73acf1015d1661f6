#include "services/worker/worker.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "base/json_member.h"
#include "base/log.h"
#include "base/probe.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::int64_t claim_wait_ms = 500;
constexpr auto link_retry = std::chrono::milliseconds(100);
constexpr std::size_t answers_in_one_post = 256, post_bytes_max = 1 << 20, answer_bytes_max = 4 << 20;

std::int64_t number(const json::object& object, const char* name, std::int64_t otherwise) {
  const json::value* value = object.if_contains(name);
  return value && value->is_int64() ? value->get_int64() : otherwise;
}
bool truth(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

}  // namespace

Worker::Worker(WorkerSettings settings, WorkerLink& link, systems::Systems& systems, TaskCode& code)
    : settings_(std::move(settings)), link_(link), systems_(systems), code_(code), gate_(std::make_shared<Gate>()) {
  gate_->worker = this;
  threads_.emplace_back([this] { answer_loop(); });
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { settle_loop(); }), threads_.emplace_back([this] { code_loop(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(gate_->mutex);
    gate_->worker = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);  // else a thread that has just looked at abandon_ would miss the call and wait for ever
    stopping_ = abandon_ = true;
  }
  answers_wake_.notify_all(), settle_wake_.notify_all(), room_.notify_all(), code_wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Worker::stop(std::int64_t grace_ms) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  room_.notify_all();
  finished_.wait_for(lock, std::chrono::milliseconds(grace_ms),
                     [this] { return !claiming_ && jobs_.empty() && answers_.empty(); });
  abandon_ = true;  // a platform that is gone does not keep its workers: run() stops asking for marks
  answers_wake_.notify_all(), settle_wake_.notify_all();
}

void Worker::run() {
  {
    const std::lock_guard lock(mutex_);
    claiming_ = true;
  }
  claim_loop();
  const std::lock_guard lock(mutex_);
  claiming_ = false;
  finished_.notify_all();
}

void Worker::claim_loop() {
  while (!stopping_) {
    std::size_t room = 0;
    {
      std::unique_lock lock(mutex_);
      room_.wait_for(lock, link_retry, [this] { return stopping_ || jobs_.size() < settings_.concurrency; });
      room = settings_.concurrency - std::min(jobs_.size(), settings_.concurrency);
    }
    if (room == 0 || stopping_) continue;
    auto documents = link_.claim(settings_.lane, settings_.name, room, claim_wait_ms);
    if (stopping_) return;  // not marked, so not sent: the platform hands them to another when it sees this one gone
    if (documents && !documents->empty()) take(*documents);
    if (!documents) {
      std::unique_lock lock(mutex_);
      room_.wait_for(lock, link_retry, [this] { return stopping_.load(); });
    }
  }
}

void Worker::take(const std::vector<std::string>& documents) {
  std::vector<JobPtr> jobs;
  std::vector<std::string> keys;
  for (const std::string& document : documents) {
    auto parsed = parse_json(document);
    if (!parsed || !parsed->is_object()) continue;
    const json::object& task = parsed->get_object();
    auto job = std::make_shared<Job>();
    job->key = text_in(task, "effectKey"), job->item = text_in(task, "itemId"), job->subject = text_in(task, "subject");
    job->implementation = text_in(task, "implementation"), job->epoch = static_cast<std::uint64_t>(number(task, "epoch", 1));
    job->timeout_ms = number(task, "timeoutMs", 30'000), job->callback_url = text_in(task, "callbackUrl");
    if (const json::value* body = task.if_contains("body")) job->body = write_json(*body);
    if (const json::value* value = task.if_contains("target"); value && value->is_object()) {
      const json::object& target = value->get_object();
      job->target = {text_in(target, "base"),
                     text_in(target, "method"),
                     text_in(target, "path"),
                     truth(target, "idempotent"),
                     truth(target, "lookup"),
                     number(target, "keyLifetimeMs", 0),
                     number(target, "settlingTimeMs", 0)};
      job->target.asynchronous = truth(target, "async");
    }
    const std::lock_guard lock(mutex_);
    if (!jobs_.emplace(job->key, job).second) continue;  // in our hand already: the platform forgot, the call is in the air
    jobs.push_back(job), keys.push_back(job->key);
  }
  if (jobs.empty()) return;
  // Nothing was sent yet. Whether our mark stands is for the log to say: asking again finds it, or is told that the task is not
  // ours.
  const auto replies = mark_until_told(keys, false);
  if (!replies) return;
  if (std::any_of(replies->begin(), replies->end(), [](const MarkReply& reply) { return reply.verdict == MarkVerdict::go; }))
    hit(Probe::after_mark);
  for (const MarkReply& reply : *replies) {
    const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const JobPtr& candidate) { return candidate->key == reply.key; });
    if (job != jobs.end()) act_on(*job, reply);
  }
}

Result<std::vector<MarkReply>> Worker::mark_until_told(const std::vector<std::string>& keys, bool resend) {
  auto replies = link_.mark(settings_.name, keys, resend);
  while (!replies && !abandon_) {
    log_warn("mark_unanswered", "tasks={} error=\"{}\"", keys.size(), replies.error().text());
    std::unique_lock lock(mutex_);
    settle_wake_.wait_for(lock, link_retry, [this] { return abandon_.load(); });
    lock.unlock();
    replies = link_.mark(settings_.name, keys, resend);
  }
  return replies;
}

void Worker::act_on(const JobPtr& job, const MarkReply& reply) {
  switch (reply.verdict) {
    case MarkVerdict::go: return perform(job);
    case MarkVerdict::settle: {
      job->marked_at = reply.marked_at, job->cut_off_at = wall_clock(), job->same_request = reply.same_request;
      const std::lock_guard lock(mutex_);
      unsettled_.push_back(job);
      return settle_wake_.notify_all();
    }
    case MarkVerdict::adopted:
    case MarkVerdict::busy:
    case MarkVerdict::dropped: return drop(job);
  }
}

void Worker::perform(const JobPtr& job) {
  ++job->tries;
  if (!job->marked_at.is_set()) job->marked_at = wall_clock();
  if (!job->implementation.empty() &&
      job->implementation != "echo") {  // may take its time: calls marked beside it must not wait for it
    const std::lock_guard lock(mutex_);
    code_jobs_.push_back(job);
    return code_wake_.notify_one();
  }
  if (!job->implementation.empty()) {
    const systems::CallResult result = code_.run(job->implementation, job->item, job->body, job->timeout_ms);
    hit(Probe::after_send);
    return ended(job, result);
  }
  if (job->target.base.empty()) return ended(job, {CallOutcome::refused, "system/unknown", {}});
  systems_.call({job->target, job->key, job->subject, job->body, job->callback_url, job->epoch, job->timeout_ms},
                [gate = gate_, job](systems::CallResult result) {
                  const std::lock_guard lock(gate->mutex);
                  if (gate->worker) gate->worker->ended(job, std::move(result));
                });
}

void Worker::code_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    code_wake_.wait(lock, [this] { return abandon_ || !code_jobs_.empty(); });
    if (abandon_) return;
    const JobPtr job = code_jobs_.front();
    code_jobs_.pop_front();
    lock.unlock();
    const systems::CallResult result = code_.run(job->implementation, job->item, job->body, job->timeout_ms);
    hit(Probe::after_send);
    ended(job, result);
    lock.lock();
  }
}

// A lost answer in normal running takes the same road as a crash: settle.
void Worker::ended(const JobPtr& job, systems::CallResult result) {
  const bool can_settle = job->target.idempotent || job->target.lookup;
  if (result.outcome != CallOutcome::unknown || !can_settle) return deliver(job, result);
  job->cut_off_at = wall_clock();
  const std::lock_guard lock(mutex_);
  unsettled_.push_back(job);
  settle_wake_.notify_all();
}

void Worker::deliver(const JobPtr& job, const systems::CallResult& result) {
  const std::lock_guard lock(mutex_);
  answers_.push_back({job->key, to_text(result.outcome), result.code, result.response});
  answers_wake_.notify_one();
}

void Worker::drop(const JobPtr& job) {
  const std::lock_guard lock(mutex_);
  jobs_.erase(job->key);
  room_.notify_one();
  finished_.notify_all();
}

// A post stays far below what a body may hold; an answer too large for any post keeps its outcome and loses its response.
std::vector<TaskAnswer> Worker::next_answers() {
  std::vector<TaskAnswer> batch;
  std::size_t bytes = 0;
  for (TaskAnswer& answer : answers_) {
    if (answer.response.size() > answer_bytes_max) answer.response.clear(), answer.code += "/response-too-large";
    bytes += answer.response.size() + answer.key.size() + answer.code.size() + 64;
    if (!batch.empty() && (bytes > post_bytes_max || batch.size() == answers_in_one_post)) break;
    batch.push_back(answer);
  }
  return batch;
}

void Worker::answer_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    answers_wake_.wait(lock, [this] { return abandon_ || !answers_.empty(); });
    if (abandon_) return;
    const std::vector<TaskAnswer> batch = next_answers();
    const std::size_t count = batch.size();
    lock.unlock();
    const Status delivered = link_.answer(settings_.name, batch);
    const bool final_answer = delivered || delivered.error().code == Code::task_not_held;
    if (!delivered) log_warn("answer", "count={} error=\"{}\"", count, delivered.error().text());
    lock.lock();
    if (!final_answer) {  // held until the platform takes it: an answer is never dropped
      answers_wake_.wait_for(lock, link_retry, [this] { return abandon_.load(); });
      continue;
    }
    answers_.erase(answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(count));
    for (const TaskAnswer& answer : batch) jobs_.erase(answer.key);
    room_.notify_one();
    finished_.notify_all();
  }
}

}  // namespace backstitch
