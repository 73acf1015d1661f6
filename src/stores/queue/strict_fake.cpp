#include "stores/queue/strict_fake.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/assert.h"
#include "base/hash.h"
#include "stores/queue/check.h"

namespace backstitch::queue {
namespace {

std::vector<Record> records_of(const auto& holders) {
  std::vector<Record> records;
  for (const auto& holder : holders) records.push_back(holder.record);
  return records;
}

Status check_strictly(const Append& append) {
  if (append.key.empty()) return fail(Code::append_invalid, "a record for queue {} without a key", append.topic);
  if (append.schema.find('/') == std::string::npos) {
    return fail(Code::append_invalid, "a record for queue {} with schema \"{}\", which has no version", append.topic,
                append.schema);
  }
  if (!append.headers.empty() && (append.headers.front() != '{' || append.headers.back() != '}')) {
    return fail(Code::append_invalid, "a record for queue {} with headers {}, which are no object", append.topic, append.headers);
  }
  return {};
}

}  // namespace

StrictFake::StrictFake(StrictSettings settings) : settings_(std::move(settings)) {
  BS_ASSERT(settings_.partitions > 0, "a queue without partitions keeps nothing");
  identity_.log = random_hex(8);
}

Result<LogIdentity> StrictFake::identity() {
  const std::lock_guard lock(mutex_);
  return identity_;
}

Result<std::string> StrictFake::bind(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  if (identity_.owner.empty()) identity_.owner = owner;
  return identity_.owner;
}

Result<StrictFake::Topic*> StrictFake::find(const std::string& name) {
  const auto found = topics_.find(name);
  if (found == topics_.end()) return fail(Code::topic_unknown, "queue {}", name);
  return &found->second;
}

Result<StrictFake::Log*> StrictFake::find(const std::string& name, Partition partition) {
  const auto topic = find(name);
  if (!topic) return fail(topic.error());
  BS_TRY(check_partition(name, partition, settings_.partitions));
  return &(*topic)->logs[static_cast<std::size_t>(partition)];
}

Status StrictFake::ensure_topic(const std::string& topic, const TopicSettings& settings) {
  if (topic.empty()) return fail(Code::topic_unknown, "a queue needs a name");
  const std::lock_guard lock(mutex_);
  Topic& made = topics_[topic];
  made.settings = settings;
  made.logs.resize(static_cast<std::size_t>(settings_.partitions));
  return {};
}

Status StrictFake::check(const std::vector<Append>& batch) {
  if (batch.empty()) return fail(Code::append_invalid, "an empty batch");
  BS_TRY(check_batch(batch, settings_.partitions));
  for (const Append& append : batch) {
    BS_TRY(find(append.topic));
    BS_TRY(check_strictly(append));
  }
  return {};
}

Result<Time> StrictFake::tick() {
  const Time now = settings_.clock();
  if (now < last_tick_)
    return fail(Code::queue_failed, "the clock stepped back from {} to {}", rfc3339(last_tick_), rfc3339(now));
  return last_tick_ = now;
}

Appended StrictFake::place(Append append, Time now) {
  Topic& topic = topics_.at(append.topic);
  Log& log = topic.logs[static_cast<std::size_t>(append.partition)];
  Appended answer;
  if (append.mode != ClaimMode::none) answer.holders = records_of(topic.claims[append.claim]);
  if (append.mode == ClaimMode::first_only && !answer.holders.empty()) return answer;
  answer.offset = log.end++;
  answer.at = now;
  Record record{answer.offset,          now, std::move(append.key), std::move(append.schema), std::move(append.headers),
                std::move(append.value)};
  if (append.mode != ClaimMode::none) topic.claims[append.claim].push_back({append.partition, record});
  log.records.emplace(answer.offset, std::move(record));
  return answer;
}

Result<std::vector<Appended>> StrictFake::append(std::vector<Append> batch) {
  std::vector<Appended> answers;
  std::set<std::string> touched;
  std::optional<Code> failure;
  {
    const std::lock_guard lock(mutex_);
    BS_TRY(check(batch));
    failure = std::exchange(failure_, std::nullopt);
    if (failure && !failure_appends_) return fail(*failure, "as the test asked");
    const auto now = tick();
    if (!now) return fail(now.error());
    bool synced = false;
    for (Append& append : batch) {
      touched.insert(append.topic);
      synced = synced || topics_.at(append.topic).settings.durable;
      answers.push_back(place(std::move(append), *now));
    }
    for (auto& [name, topic] : topics_) {
      for (Log& log : topic.logs) log.synced_end = synced ? log.end : log.synced_end;
    }
  }
  for (const std::string& topic : touched) subscribers_.wake(topic);
  if (failure) return fail(*failure, "as the test asked");
  return answers;
}

Result<std::vector<Record>> StrictFake::read(const std::string& topic, Partition partition, Offset from,
                                             std::size_t records_max) {
  const std::lock_guard lock(mutex_);
  const auto log = find(topic, partition);
  if (!log) return fail(log.error());
  BS_TRY(check_offset(topic, partition, from, (*log)->begin, (*log)->end));
  std::vector<Record> records;
  for (auto at = (*log)->records.lower_bound(from); at != (*log)->records.end() && records.size() < records_max; ++at) {
    records.push_back(at->second);
  }
  return records;
}

Result<TopicInfo> StrictFake::topic(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = find(name);
  if (!found) return fail(found.error());
  TopicInfo info{name, (*found)->settings.durable, (*found)->settings.retention_ms, {}};
  for (const Log& log : (*found)->logs) {
    const Time first_at = log.records.empty() ? Time{} : log.records.begin()->second.appended;
    info.partitions.push_back({static_cast<Partition>(info.partitions.size()), log.begin, log.end, first_at, log.lost});
  }
  return info;
}

std::vector<std::string> StrictFake::topics() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

Result<Offset> StrictFake::offset_at(const std::string& topic, Partition partition, Time time) {
  const std::lock_guard lock(mutex_);
  const auto log = find(topic, partition);
  if (!log) return fail(log.error());
  for (const auto& [offset, record] : (*log)->records) {
    if (record.appended >= time) return offset;
  }
  return (*log)->end;
}

Result<std::vector<Record>> StrictFake::holders(const std::string& topic, const std::string& claim) {
  const std::lock_guard lock(mutex_);
  const auto found = find(topic);
  if (!found) return fail(found.error());
  const auto holders = (*found)->claims.find(claim);
  return holders == (*found)->claims.end() ? std::vector<Record>{} : records_of(holders->second);
}

Status StrictFake::open_behind(const std::string& topic, Partition partition, Offset position) {
  const std::lock_guard lock(mutex_);
  const auto log = find(topic, partition);
  if (!log) return fail(log.error());
  if ((*log)->end >= position) return {};
  if (!(*log)->records.empty()) (*log)->lost.emplace_back((*log)->end, position);
  (*log)->end = (*log)->synced_end = position;
  if ((*log)->records.empty()) (*log)->begin = position;
  return {};
}

std::uint64_t StrictFake::cut(Log& log, Offset offset) {
  const auto before = log.records.size();
  log.records.erase(log.records.begin(), log.records.lower_bound(offset));
  if (offset > log.begin) log.begin = log.records.empty() ? log.end : log.records.begin()->first;
  std::erase_if(log.lost, [&](const auto& range) { return range.second <= log.begin; });
  return before - log.records.size();
}

Status StrictFake::trim(const std::string& topic, Partition partition, Offset offset) {
  const std::lock_guard lock(mutex_);
  const auto log = find(topic, partition);
  if (!log) return fail(log.error());
  if (offset > (*log)->end) return check_offset(topic, partition, offset, (*log)->begin, (*log)->end);
  if (!hold_) cut(**log, offset);
  return {};
}

Result<std::uint64_t> StrictFake::expire(Time now, const KeepFrom& keep_from) {
  const std::lock_guard lock(mutex_);
  std::uint64_t removed = 0;
  for (auto& [name, topic] : topics_) {
    if (hold_ || topic.settings.retention_ms <= 0) continue;
    const Time oldest = now.plus_ms(-topic.settings.retention_ms);
    for (std::size_t partition = 0; partition < topic.logs.size(); ++partition) {
      Log& log = topic.logs[partition];
      Offset kept = log.begin;
      for (const auto& [offset, record] : log.records) {
        if (record.appended < oldest) kept = offset + 1;
      }
      removed += cut(log, keep_from ? std::min(kept, keep_from(name, static_cast<Partition>(partition))) : kept);
    }
  }
  return removed;
}

void StrictFake::hold_retention(bool hold) {
  const std::lock_guard lock(mutex_);
  hold_ = hold;
}

std::shared_ptr<void> StrictFake::subscribe(const std::string& topic, std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    if (!topics_.contains(topic)) return nullptr;
  }
  return subscribers_.add(topic, std::move(wake));
}

void StrictFake::lose_unsynced_tail() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, topic] : topics_) {
    for (auto& [claim, holders] : topic.claims) {
      std::erase_if(holders, [&](const Holder& holder) {
        return holder.record.offset >= topic.logs[static_cast<std::size_t>(holder.partition)].synced_end;
      });
    }
    for (Log& log : topic.logs) {
      log.records.erase(log.records.lower_bound(log.synced_end), log.records.end());
      log.end = std::max(log.synced_end, log.begin);
    }
  }
}

void StrictFake::fail_next_append(Code code, bool appended) {
  const std::lock_guard lock(mutex_);
  failure_ = code;
  failure_appends_ = appended;
}

}  // namespace backstitch::queue
