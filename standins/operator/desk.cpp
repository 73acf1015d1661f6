#include "standins/operator/desk.h"

#include <boost/json.hpp>

#include "base/time.h"
#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

/// A command is applied some turns after its 202; until then the list shows the task as it was.
constexpr std::int64_t rest_ms = 2'000;
/// What was refused may be possible soon, such as completing a task whose claim is not applied yet.
constexpr std::int64_t rest_after_refusal_ms = 200;

}  // namespace

Result<std::unique_ptr<Desk>> Desk::open(const std::string& data, std::string actor) {
  std::unique_ptr<Desk> desk(new Desk(std::move(actor)));
  auto ledger = Ledger::open(data + "/ledger.jsonl", [&desk](const boost::json::object& line) { return desk->replay(line); });
  if (!ledger) return fail(std::move(ledger.error()));
  desk->ledger_ = std::move(*ledger);
  return desk;
}

Status Desk::replay(const boost::json::object& line) {
  const std::string kind = text_of(line, "kind"), id = text_of(line, "task");
  ++counts_[kind];
  if (kind == "claimed") open_claims_[id] = {.id = id, .item_key = text_of(line, "itemKey"), .claimed = true};
  if (kind == "completed") ++rounds_[id];
  if (kind != "claimed") open_claims_.erase(id);
  return {};
}

std::vector<ManualTask> Desk::take_up_again() {
  std::lock_guard lock(mutex_);
  std::vector<ManualTask> tasks;
  for (auto& [id, task] : open_claims_) {
    if (!in_hand_.insert(id).second) continue;
    task.round = rounds_[id];
    tasks.push_back(task);
  }
  return tasks;
}

bool Desk::take(ManualTask& task, const std::string& owner, std::int64_t now_ms) {
  std::lock_guard lock(mutex_);
  if (!owner.empty() && owner != actor_) return false;
  const auto resting = resting_until_ms_.find(task.id);
  if (resting != resting_until_ms_.end() && now_ms < resting->second) return false;
  if (!in_hand_.insert(task.id).second) return false;
  if (resting != resting_until_ms_.end()) resting_until_ms_.erase(resting);
  task.claimed = owner == actor_;
  task.round = rounds_[task.id];
  return true;
}

void Desk::claimed(const ManualTask& task, int status) { note("claimed", task, status, ""); }

void Desk::completed(const ManualTask& task, int status, std::int64_t now_ms) {
  {
    std::lock_guard lock(mutex_);
    ++rounds_[task.id];
    resting_until_ms_[task.id] = now_ms + rest_ms;
  }
  note("completed", task, status, "");
  put_back(task);
}

void Desk::skipped(const ManualTask& task, int status, const std::string& why, std::int64_t now_ms) {
  {
    std::lock_guard lock(mutex_);
    resting_until_ms_[task.id] = now_ms + rest_after_refusal_ms;
  }
  note("skipped", task, status, why);
  put_back(task);
}

void Desk::put_back(const ManualTask& task) {
  std::lock_guard lock(mutex_);
  in_hand_.erase(task.id);
}

void Desk::note(const char* kind, const ManualTask& task, int status, const std::string& why) {
  boost::json::object line{{"kind", kind},
                           {"actor", actor_},
                           {"task", task.id},
                           {"itemKey", task.item_key},
                           {"status", status},
                           {"round", task.round},
                           {"at", rfc3339(wall_clock())}};
  if (!why.empty()) line["why"] = why;
  std::uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    ++counts_[kind];
    number = ledger_->append(line);
  }
  ledger_->wait_durable(number);
}

int Desk::in_hand() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(in_hand_.size());
}

boost::json::object Desk::summary() const {
  std::unique_lock lock(mutex_);
  boost::json::object json{{"actor", actor_}, {"inHand", in_hand_.size()}};
  for (const char* kind : {"claimed", "completed", "skipped"}) {
    const auto found = counts_.find(kind);
    json[kind] = found == counts_.end() ? 0 : found->second;
  }
  lock.unlock();
  ledger_->settle();  // what is told to anybody is on the disk
  return json;
}

}  // namespace backstitch::standin
