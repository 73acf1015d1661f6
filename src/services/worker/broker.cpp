#include "services/worker/broker.h"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "base/json.h"
#include "base/log.h"
#include "base/probe.h"

namespace backstitch {
namespace json = boost::json;
namespace {
constexpr std::size_t claim_bytes_max = 4 << 20;  // one answer to a claim stays below what a body may hold
constexpr std::int64_t address_again_ms = 200, look_at_holders_every_ms = 1'000;
}  // namespace

const char* to_text(MarkVerdict verdict) {
  switch (verdict) {
    case MarkVerdict::go: return "go";
    case MarkVerdict::settle: return "settle";
    case MarkVerdict::adopted: return "adopted";
    case MarkVerdict::busy: return "busy";
    case MarkVerdict::dropped: return "dropped";
  }
  return "";
}

TaskBroker::TaskBroker(BrokerSettings settings, queue::Queue& queue, CatalogLibrary& library,
                       std::function<bool(const std::string&)> alive)
    : settings_(std::move(settings)), queue_(queue), library_(library), alive_(std::move(alive)) {
  auto news = [this] {
    {
      const std::lock_guard lock(mutex_);
      news_ = true;
    }
    wake_reader_.notify_one();
  };
  for (const std::string& lane : settings_.lanes) {
    arrived_[lane];
    // Only what is handed out from now on counts: running items of before are derived anew by the shards.
    auto topic = queue_.topic("tasks." + lane);
    std::vector<queue::Offset>& positions = positions_[lane];
    positions.assign(static_cast<std::size_t>(settings_.partitions), 1);
    if (topic)
      for (const auto& end : topic->partitions) positions[static_cast<std::size_t>(end.partition)] = end.end;
    subscriptions_.push_back(queue_.subscribe("tasks." + lane, news));
  }
  reader_ = std::thread([this] { read_loop(); });
}

TaskBroker::~TaskBroker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_reader_.notify_all();
  for (auto& [lane, arrived] : arrived_) arrived.notify_all();
  reader_.join();
  subscriptions_.clear();
}

void TaskBroker::read_loop() {
  std::unique_lock lock(mutex_);
  for (std::int64_t look_ms = 0; !stop_;) {
    wake_reader_.wait_for(lock, std::chrono::milliseconds(200), [this] { return stop_ || news_; });
    if (stop_) return;
    news_ = false;
    lock.unlock();
    for (const std::string& lane : settings_.lanes) read_lane(lane);
    if (settings_.one_of_several && monotonic_ms() > look_ms) {
      look_at_holders();
      look_ms = monotonic_ms() + look_at_holders_every_ms;
    }
    lock.lock();
  }
}

void TaskBroker::read_lane(const std::string& lane) {
  const std::lock_guard reading(positions_mutex_);
  std::vector<queue::Offset>& positions = positions_[lane];
  for (Partition partition = 0; partition < settings_.partitions; ++partition) {
    if (!takes(partition)) continue;
    queue::Offset& position = positions[static_cast<std::size_t>(partition)];
    while (true) {
      auto records = queue_.read("tasks." + lane, partition, position, 512);
      if (!records) {
        find_place(lane, partition, records.error());
        break;
      }
      if (records->empty()) break;
      for (const queue::Record& record : *records) take_in(record);
      position = records->back().offset + 1;
    }
  }
}

// What cannot be read now is read later: whoever handed it out does not do so again. Only where the log has gone on without us
// (what was kept too short, a tail that was lost) the reader does, too.
void TaskBroker::find_place(const std::string& lane, Partition partition, const Error& error) {
  log_warn("tasks_position", "lane={} partition={} error=\"{}\"", lane, partition, error.text());
  if (error.code != Code::offset_expired && error.code != Code::offset_behind_end) return;
  const auto topic = queue_.topic("tasks." + lane);
  if (!topic) return;
  const auto& now = topic->partitions[static_cast<std::size_t>(partition)];
  positions_[lane][static_cast<std::size_t>(partition)] = error.code == Code::offset_expired ? now.begin : now.end;
}

TaskBroker::Target TaskBroker::target_of(const json::object& task) {
  const json::value* system = task.if_contains("system");
  if (!system) return {};
  const std::string route = std::string(system->get_string()) + "." + std::string(task.at("interface").as_string());
  const std::string digest(task.at("catalog").as_string()), cache_key = digest + route;
  if (const auto known = targets_.find(cache_key); known != targets_.end()) return known->second;
  if (const Status loaded = library_.load(digest); !loaded) return {};
  const auto [found, interface] = library_.find(digest)->find_interface(route);
  if (!found || !interface) return {};
  const auto base = settings_.bases.find(found->url);
  const std::string url = base == settings_.bases.end() ? found->url : base->second;
  std::string out = fmt::format(
      "{{\"method\":\"{}\",\"async\":{},\"idempotent\":{},\"lookup\":{},\"keyLifetimeMs\":{},\"settlingTimeMs\":{},"
      "\"base\":",
      interface->method, interface->asynchronous, found->effects.idempotent, found->effects.lookup,
      found->effects.key_lifetime_ms, found->effects.settling_time_ms);
  append_json_string(out, url);
  out += ",\"path\":";
  append_json_string(out, interface->path);
  out += "}";
  return targets_[cache_key] = {std::move(out), interface->asynchronous};
}

void TaskBroker::take_in(const queue::Record& record) {
  if (record.schema != "tasks.execute/1") return;  // a seal is no task
  auto parsed = parse_json(record.value);
  if (!parsed || !parsed->is_object()) return log_error("task_broken", "partition offset={}", record.offset);
  const json::object& task = parsed->get_object();
  auto text = [&](const char* name) {
    const json::value* value = task.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  const Target target = target_of(task);
  Held held;
  held.document = record.value;
  if (!target.json.empty()) held.document.replace(held.document.size() - 1, 1, ",\"target\":" + target.json + "}");
  held.asynchronous = target.asynchronous;
  held.item = text("itemId"), held.account = text("accountId"), held.lane = text("lane"), held.system = text("system");
  held.subject = text("subject"), held.digest = text("digest");
  held.partition = static_cast<Partition>(task.at("partition").as_int64());
  if (const json::value* timeout = task.if_contains("timeoutMs"); timeout && timeout->is_int64())
    held.timeout_ms = timeout->get_int64();
  const std::string key = text("effectKey");
  const std::string lane = held.lane;
  {
    const std::lock_guard lock(mutex_);
    if (!tasks_.emplace(key, std::move(held)).second) return;  // handed out twice: once is enough
    waiting_[lane].push_back(key);
  }
  arrived_.at(lane).notify_one();
}

Result<std::vector<std::string>> TaskBroker::claim(const std::string& lane, const std::string& worker, std::size_t max,
                                                   std::int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  const auto arrived = arrived_.find(lane);
  if (arrived == arrived_.end()) return fail(Code::lane_unknown, "{}", lane);
  requeue_unknown(lane, worker);
  heard_ms_[worker] = monotonic_ms();
  std::vector<std::string> documents;
  const std::int64_t end_ms = monotonic_ms() + wait_ms;
  while (!stop_) {
    if (closed_) return fail(Code::not_running, "nothing is handed out any more");
    if (gone_.contains(worker)) {    // it died while its claim waited here: what it got now nobody would ever give back
      arrived->second.notify_one();  // the wake-up was for somebody else
      break;
    }
    const std::int64_t again_at_ms = take_waiting(lane, worker, max, documents), now_ms = monotonic_ms();
    if (!documents.empty() || now_ms >= end_ms) break;
    arrived->second.wait_for(lock, std::chrono::milliseconds(std::max<std::int64_t>(std::min(end_ms, again_at_ms) - now_ms, 1)));
  }
  return documents;
}

void TaskBroker::hand_out_no_more() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (auto& [lane, arrived] : arrived_) arrived.notify_all();
}

// Returns when the next of those that must wait a little may go.
std::int64_t TaskBroker::take_waiting(const std::string& lane, const std::string& worker, std::size_t max,
                                      std::vector<std::string>& documents) {
  std::deque<std::string>& waiting = waiting_[lane];
  std::int64_t again_at_ms = std::numeric_limits<std::int64_t>::max();
  const std::int64_t now = monotonic_ms();
  std::size_t bytes = 0;
  for (std::size_t looked = waiting.size(); looked > 0 && documents.size() < max && bytes < claim_bytes_max; --looked) {
    const std::string key = std::move(waiting.front());
    waiting.pop_front();
    const auto task = tasks_.find(key);
    if (task == tasks_.end()) continue;
    if (task->second.not_before_ms > now) {
      again_at_ms = std::min(again_at_ms, task->second.not_before_ms);
      waiting.push_back(key);
      continue;
    }
    auto document = document_of(key, task->second);
    if (!document) {
      again_at_ms = std::min(again_at_ms, task->second.not_before_ms = now + address_again_ms);
      waiting.push_back(key);
      continue;
    }
    task->second.worker = worker;
    held_by_[worker].insert(key);
    documents.push_back(std::move(*document));
    bytes += documents.back().size();
  }
  return again_at_ms;
}

/// None while nobody knows where its system would call back: a result that is sent nowhere is waited for until its time is over.
std::optional<std::string> TaskBroker::document_of(const std::string& key, const Held& held) const {
  if (!held.asynchronous || !settings_.callback_url) return held.document;
  const std::string url = settings_.callback_url(key);
  if (url.empty()) return std::nullopt;
  std::string out = held.document.substr(0, held.document.size() - 1) + ",\"callbackUrl\":";
  append_json_string(out, url);
  return out + "}";
}

// A worker asks for the marks of what it got before it claims again. What it has not asked for never reached it: the answer to
// its claim was lost on the way.
void TaskBroker::requeue_unknown(const std::string& lane, const std::string& worker) {
  const auto held = held_by_.find(worker);
  if (held == held_by_.end()) return;
  const std::set<std::string> keys = held->second;
  for (const std::string& key : keys)
    if (const auto task = tasks_.find(key); task != tasks_.end() && !task->second.presented && task->second.lane == lane)
      requeue(key, 0);
}

void TaskBroker::requeue(const std::string& key, std::int64_t delay_ms) {
  const auto task = tasks_.find(key);
  if (task == tasks_.end()) return;
  held_by_[task->second.worker].erase(key);
  if (settings_.one_of_several && !owned_.contains(task->second.partition)) {  // somebody else hands it out by now
    tasks_.erase(task);
    return;
  }
  task->second.worker.clear();
  task->second.presented = false;
  task->second.not_before_ms = delay_ms > 0 ? monotonic_ms() + delay_ms : 0;
  waiting_[task->second.lane].push_back(key);
  arrived_.at(task->second.lane).notify_one();
}

void TaskBroker::worker_gone(const std::string& worker) {
  const std::lock_guard lock(mutex_);
  gone_.insert(worker);
  const auto held = held_by_.find(worker);
  if (held == held_by_.end()) return;
  const std::set<std::string> keys = held->second;
  for (const std::string& key : keys) requeue(key, 0);
  held_by_.erase(worker);
}

void TaskBroker::forget(const std::string& key) {
  const auto task = tasks_.find(key);
  if (task == tasks_.end()) return;
  held_by_[task->second.worker].erase(key);
  tasks_.erase(task);
}

TaskBroker::Depth TaskBroker::depth(const std::string& lane) const {
  const std::lock_guard lock(mutex_);
  Depth depth;
  for (const auto& [key, held] : tasks_)
    if (held.lane == lane) ++(held.worker.empty() ? depth.waiting : depth.claimed);
  return depth;
}

}  // namespace backstitch
