// The broker as one of several: which tasks are for it to hand out, and what it can know of workers that are not beside it.
#include "base/log.h"
#include "services/worker/broker.h"
#include "stores/workers/port.h"

namespace backstitch {
namespace {
constexpr std::int64_t pause_longest_ms = 60'000;  // of a worker, beyond the time-out of its call
}

bool TaskBroker::takes(Partition partition) const {
  const std::lock_guard lock(mutex_);
  return !settings_.one_of_several || owned_.contains(partition);
}

void TaskBroker::begin_at_end(const std::string& lane, const std::set<Partition>& fresh) {
  const auto topic = queue_.topic("tasks." + lane);
  if (!topic) return log_warn("tasks_position", "lane={} error=\"{}\"", lane, topic.error().text());
  for (const auto& end : topic->partitions)
    if (fresh.contains(end.partition)) positions_[lane][static_cast<std::size_t>(end.partition)] = end.end;
}

void TaskBroker::own(const std::set<Partition>& partitions) {
  const std::lock_guard reading(positions_mutex_);  // the reader is between two lanes
  std::set<Partition> fresh;
  {
    const std::lock_guard lock(mutex_);
    if (owned_ == partitions) return;
    for (const Partition partition : partitions)
      if (!owned_.contains(partition)) fresh.insert(partition);
    owned_ = partitions;
    std::vector<std::string> over;  // those whose queue names them no more are passed over there
    for (const auto& [key, task] : tasks_)
      if (task.worker.empty() ? !owned_.contains(task.partition) : fresh.contains(task.partition)) over.push_back(key);
    for (const std::string& key : over) forget(key);
  }
  for (const std::string& lane : settings_.lanes) begin_at_end(lane, fresh);
}

void TaskBroker::note_term(Partition partition, std::uint64_t term) {
  const std::lock_guard lock(mutex_);
  terms_[partition] = term;
}

// A recovery seals the log when every lease has run out: no call begins behind the seal because of a mark before it.
Status TaskBroker::lead() const {
  if (!settings_.leads || settings_.leads()) return {};
  return fail(Code::not_running, "it was not heard of for as long as other members wait, or a recovery is under way");
}

Result<std::vector<queue::Appended>> TaskBroker::append_marks(std::vector<queue::Append> marks) {
  BS_TRY(lead());
  auto appended = queue_.append(std::move(marks));
  if (appended) BS_TRY(lead());  // it stands, and is found when it is asked for again
  return appended;
}

// Its worker asks again, or has given the task up: then it claims, and whoever claims gets it.
void TaskBroker::not_presented(const std::string& worker, const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  for (const std::string& key : keys)
    if (const auto task = tasks_.find(key); task != tasks_.end() && task->second.worker == worker) task->second.presented = false;
}

// A worker on another machine cannot be looked at: its call ends by itself after its time-out.
bool TaskBroker::may_live(const std::string& key, const std::string& worker, Time marked_at) const {
  if (!alive_(worker)) return false;
  if (!settings_.one_of_several || workers::is_of_this_host(worker)) return true;
  const std::lock_guard lock(mutex_);
  if (gone_.contains(worker)) return false;  // its own manager has seen it end
  const auto task = tasks_.find(key);
  return task == tasks_.end() || wall_clock() < marked_at.plus_ms(task->second.timeout_ms + pause_longest_ms);
}

void TaskBroker::look_at_holders() {
  std::vector<std::string> holders;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(heard_ms_, [&](const auto& one) { return !held_by_.contains(one.first); });
    for (const auto& [worker, keys] : held_by_)
      if (!keys.empty()) holders.push_back(worker);
  }
  for (const std::string& worker : holders) {
    if (!workers::is_of_this_host(worker))
      give_up(worker, monotonic_ms());
    else if (!alive_(worker))
      worker_gone(worker);
  }
}

// One that has all it can do does not claim: it is heard of again when a call has ended. It may be cut off and have sent its
// calls all the same: whoever gets them next is told by the marks.
void TaskBroker::give_up(const std::string& worker, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto held = held_by_.find(worker);
  if (held == held_by_.end()) return;
  const std::int64_t silent_ms = now_ms - heard_ms_.try_emplace(worker, now_ms).first->second;
  const std::set<std::string> keys = held->second;
  for (const std::string& key : keys)
    if (const auto task = tasks_.find(key);
        task != tasks_.end() && silent_ms > task->second.timeout_ms + settings_.worker_silent_ms)
      requeue(key, 0);
}

std::uint64_t TaskBroker::term_of(Partition partition) const {
  const auto term = terms_.find(partition);
  return term == terms_.end() ? 0 : term->second;
}

}  // namespace backstitch
