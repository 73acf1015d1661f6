#include "services/shard/publisher.h"

#include <chrono>

#include "base/json.h"
#include "base/log.h"
#include "base/probe.h"

namespace backstitch {
namespace {

constexpr auto retry_pause = std::chrono::milliseconds(100);

/// Errors of the queue as a whole, which pass; any other is about one of the records. A broker that is away is no fault of a
/// record.
bool is_of_the_queue(Code code) { return code == Code::queue_failed || code == Code::disk_full || info(code).retryable; }

void text_member(std::string& out, const char* name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

queue::Append record(std::string topic, Partition partition, std::string key, std::string schema, std::string value) {
  queue::Append append;
  append.topic = std::move(topic), append.partition = partition, append.key = std::move(key);
  append.schema = std::move(schema), append.value = std::move(value);
  return append;
}

std::string timer_json(const Timer& timer, std::uint64_t epoch) {
  std::string out = fmt::format("{{\"itemId\":\"{}\",\"epoch\":{},\"dueUs\":{}", timer.item.text(), epoch, timer.due_at.us);
  text_member(out, "timer", timer.kind);
  text_member(out, "accountId", timer.account_id);
  out += fmt::format(",\"partition\":{},\"dueAt\":\"{}\"}}", timer.partition, rfc3339(timer.due_at));
  return out;
}

}  // namespace

std::string task_json(const Task& task, std::uint64_t epoch) {
  std::string out = fmt::format(
      "{{\"itemId\":\"{}\",\"effectKey\":\"{}\",\"epoch\":{},\"partition\":{},\"timeoutMs\":{},\"digest\":\"{:016x}\"",
      task.item.text(), task.key.text(), epoch, task.partition, task.timeout_ms, task.digest);
  text_member(out, "accountId", task.account_id);
  text_member(out, "lane", task.lane);
  if (!task.system.empty()) text_member(out, "system", task.system), text_member(out, "interface", task.interface);
  if (!task.implementation.empty()) text_member(out, "implementation", task.implementation);
  text_member(out, "subject", task.subject);
  text_member(out, "catalog", task.catalog_digest);
  out += ",\"body\":" + (task.body.empty() ? "{}" : task.body) + "}";
  return out;
}

Publisher::Publisher(queue::Queue& queue, std::uint64_t epoch) : queue_(queue), epoch_(epoch), thread_([this] { run(); }) {}

Publisher::~Publisher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Publisher::publish(Effects effects, std::vector<std::pair<Partition, std::uint64_t>> turns) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(effects), std::move(turns)});
  }
  wake_.notify_one();
}

std::uint64_t Publisher::published(Partition partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = published_.find(partition);
  return found == published_.end() ? 0 : found->second;
}

void Publisher::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return waiting_.empty() || failing_ || stop_; });
}

void Publisher::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    const Batch& batch = waiting_.front();  // stays until it is in the queue: nothing may count as published that is not
    lock.unlock();
    hit(Probe::between_commit_and_publish);
    const bool done = append(batch);
    lock.lock();
    failing_ = !done;
    if (!done) {
      idle_.notify_all();
      wake_.wait_for(lock, retry_pause, [this] { return stop_; });
      continue;
    }
    for (const auto& [partition, turn] : batch.turns) published_[partition] = turn;
    waiting_.pop_front();
    if (waiting_.empty()) idle_.notify_all();
  }
}

std::vector<queue::Append> Publisher::records_of(const Batch& batch) const {
  std::vector<queue::Append> records;
  records.reserve(batch.effects.tasks.size() + batch.effects.timers.size() + batch.effects.crm.size());
  for (const Task& task : batch.effects.tasks)
    records.push_back(record("tasks." + task.lane, task.partition, task.account_id, "tasks.execute/1", task_json(task, epoch_)));
  for (const Timer& timer : batch.effects.timers)
    records.push_back(record("schedule", timer.partition, timer.account_id, "schedule.timer/1", timer_json(timer, epoch_)));
  for (const CrmUpdate& update : batch.effects.crm) {
    records.push_back(
        record("order_orderitems", update.partition, update.account_id, "order_orderitems." + update.type + "/1", update.body));
    records.back().headers = fmt::format("{{\"bs-epoch\":{}}}", epoch_);
  }
  return records;
}

// A record that the queue refuses for good (a lane nobody has) is named and left out: it must not keep back what others wait for.
// A queue that takes nothing now is asked again, in the order of the turns: an update counted as published is never derived
// again.
bool Publisher::append(const Batch& batch) {
  auto records = records_of(batch);
  if (records.empty()) return true;
  auto appended = queue_.append(std::move(records));
  if (appended) return true;
  log_error("publish_failed", "error=\"{}\"", appended.error().text());
  if (is_of_the_queue(appended.error().code)) return false;
  for (queue::Append& record : records_of(batch)) {
    const std::string topic = record.topic, key = record.key;
    appended = queue_.append({std::move(record)});
    if (appended) continue;
    if (is_of_the_queue(appended.error().code)) return false;
    log_error("record_left_out", "queue={} key={} error=\"{}\"", topic, key, appended.error().text());
  }
  return true;
}

}  // namespace backstitch
