#include "services/scheduler/scheduler.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/json.h"
#include "base/log.h"

namespace backstitch {
namespace {
constexpr auto retry_pause = std::chrono::milliseconds(100);
}

Scheduler::Scheduler(queue::Queue& queue, int partitions, std::uint64_t epoch, Load load)
    : queue_(queue), epoch_(epoch), load_(std::move(load)) {
  positions_.assign(static_cast<std::size_t>(partitions), 1);
  if (auto topic = queue_.topic("schedule"))
    for (const auto& end : topic->partitions) positions_[static_cast<std::size_t>(end.partition)] = end.end;
  subscription_ = queue_.subscribe("schedule", [this] {
    {
      const std::lock_guard lock(mutex_);
      news_ = true;
    }
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  subscription_.reset();
}

std::size_t Scheduler::waiting() const {
  const std::lock_guard lock(mutex_);
  return timers_.size();
}

std::set<std::pair<std::string, Time>> Scheduler::timers() const {
  const std::lock_guard lock(mutex_);
  std::set<std::pair<std::string, Time>> out;
  for (const auto& [at, due] : timers_) out.emplace(due.item, at);
  return out;
}

void Scheduler::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    std::int64_t wait_us = 1'000'000;
    if (load_) wait_us = 100'000;
    if (!timers_.empty()) wait_us = std::clamp<std::int64_t>(timers_.begin()->first.us - wall_clock().us, 0, wait_us);
    wake_.wait_for(lock, std::chrono::microseconds(wait_us), [this] { return stop_ || news_; });
    if (stop_) return;
    const bool news = news_;
    news_ = false;
    lock.unlock();
    if (load_) load();
    const bool read_on = news && !read();
    const bool taken = fire(wall_clock());
    lock.lock();
    news_ |= read_on;  // nobody need write again for what could not be read
    if (!taken || read_on) wake_.wait_for(lock, retry_pause, [this] { return stop_; });
  }
}

void Scheduler::load() {
  auto waiting = load_();
  if (!waiting) return log_warn("timers_load", "error=\"{}\"", waiting.error().text());
  load_ = {};
  const std::lock_guard lock(mutex_);
  for (Waiting& one : *waiting)
    timers_.emplace(one.due, Due{std::move(one.item), std::move(one.kind), std::move(one.account), one.partition});
}

bool Scheduler::read() {
  bool whole = true;
  for (std::size_t partition = 0; partition < positions_.size(); ++partition) {
    while (true) {
      auto records = queue_.read("schedule", static_cast<Partition>(partition), positions_[partition], 512);
      if (!records) {
        log_error("schedule_read", "partition={} error=\"{}\"", partition, records.error().text());
        whole = false;
        break;
      }
      if (records->empty()) break;
      for (const queue::Record& record : *records) take_in(record);
      positions_[partition] = records->back().offset + 1;
    }
  }
  return whole;
}

void Scheduler::take_in(const queue::Record& record) {
  if (record.schema != "schedule.timer/1") return;  // a seal is no timer
  auto document = parse_json(record.value);
  if (!document || !document->is_object()) return log_error("timer_broken", "offset={}", record.offset);
  const auto& timer = document->get_object();
  auto text = [&](const char* name) { return std::string(timer.at(name).as_string()); };
  Due due{text("itemId"), text("timer"), text("accountId"), static_cast<Partition>(timer.at("partition").as_int64())};
  const std::lock_guard lock(mutex_);
  timers_.emplace(Time{timer.at("dueUs").as_int64()}, std::move(due));
}

bool Scheduler::fire(Time now) {
  std::vector<std::pair<Time, Due>> due;
  {
    const std::lock_guard lock(mutex_);
    while (!timers_.empty() && timers_.begin()->first <= now && due.size() < 1024)
      due.push_back(timers_.extract(timers_.begin()).value());
  }
  if (due.empty()) return true;
  std::vector<queue::Append> batch;
  for (const auto& [at, timer] : due) {
    queue::Append append;
    append.topic = "completer", append.partition = timer.partition, append.key = timer.account, append.schema = "completer.due/1";
    append.value =
        fmt::format("{{\"itemId\":\"{}\",\"timer\":\"{}\",\"dueUs\":{},\"epoch\":{}}}", timer.item, timer.kind, at.us, epoch_);
    batch.push_back(std::move(append));
  }
  if (const auto appended = queue_.append(std::move(batch)); !appended) {
    log_error("timer_append", "count={} error=\"{}\"", due.size(), appended.error().text());
    const std::lock_guard lock(mutex_);  // tried again: a timer is never dropped while its process lives
    for (auto& timer : due) timers_.insert(std::move(timer));
    return false;
  }
  return true;
}

}  // namespace backstitch
