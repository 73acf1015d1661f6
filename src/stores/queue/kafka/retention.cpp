#include "stores/queue/kafka/retention.h"

#include <algorithm>

#include "base/log.h"
#include "stores/queue/kafka/append.h"

namespace backstitch::queue::kafka {
namespace {

constexpr std::size_t piece_records = 1'000;

std::int64_t ms_at_or_after(Time time) { return std::max<std::int64_t>((time.us + 999) / 1000, 0); }

/// Waits until all reports of one send() have come.
class Reports {
 public:
  explicit Reports(std::size_t count) : told_(std::make_shared<Told>()) { told_->offsets.resize(count), told_->left = count; }
  Producer::Done at(std::size_t i) const {
    return [told = told_, i](Result<Offset> result) {
      const std::lock_guard lock(told->mutex);
      if (result) told->offsets[i] = *result;
      if (!result) told->error = std::move(result.error());
      --told->left;
      told->come.notify_all();
    };
  }
  Result<std::vector<Offset>> wait(std::int64_t timeout_ms) const {
    std::unique_lock lock(told_->mutex);
    const bool all = told_->come.wait_for(lock, std::chrono::milliseconds(timeout_ms + 2'000), [&] { return told_->left == 0; });
    if (told_->error) return fail(*told_->error);
    if (!all) return fail(Code::queue_failed, "Kafka: no acknowledgement in time");
    return told_->offsets;
  }

 private:
  struct Told {
    std::mutex mutex;
    std::condition_variable come;
    std::vector<Offset> offsets;
    std::size_t left = 0;
    std::optional<Error> error;
  };
  std::shared_ptr<Told> told_;
};

struct Claimed {
  Bits128 claim;
  Holder holder;
};

std::vector<Claimed> claimed_before(Log& log, const std::string& topic, Partition partition, Offset offset) {
  std::vector<Claimed> out;
  const std::lock_guard lock(log.state.mutex);
  const PartitionFold& part = log.state.parts_of(topic)[static_cast<std::size_t>(partition)];
  for (const auto& [at, claim] : part.claimed) {
    if (at >= offset) break;
    const auto* holders = log.state.holders(claim);
    for (std::size_t i = 0; holders != nullptr && i < holders->size(); ++i) {
      const Holder& holder = (*holders)[i];
      if (holder.partition == partition && holder.offset == at && !holder.kept) out.push_back({claim, holder});
    }
  }
  return out;
}

/// First the record, then the claim that points to it.
Status keep(Log& log, const std::string& topic, const std::vector<Claimed>& claimed) {
  std::vector<Record> records;
  std::vector<KeptClaim> claims;
  for (const Claimed& one : claimed) {
    auto record = records_of(log, topic, "", {one.holder});
    if (!record) return fail(std::move(record.error()));
    if (record->empty()) continue;
    records.push_back(std::move(record->front()));
    claims.push_back({one.claim, one.holder});
  }
  if (records.empty()) return {};
  const Reports kept(records.size()), noted(records.size());
  std::vector<Producer::Outgoing> out;
  for (std::size_t i = 0; i < records.size(); ++i)
    out.push_back({log.kafka_name("_kept"), 0, records[i].key, records[i].value, encode_kept(records[i]), kept.at(i)});
  log.producer->send(std::move(out));
  const auto places = kept.wait(log.settings.timeout_ms);
  if (!places) return fail(places.error());
  for (const Offset place : *places)
    if (place == Producer::somewhere)
      return fail(Code::queue_failed, "Kafka: where a claim was kept is not known; it is kept again");
  out.clear();
  for (std::size_t i = 0; i < claims.size(); ++i) {
    claims[i].holder.kept = (*places)[i];
    out.push_back({log.kafka_name("_claims"), 0, key_of(claims[i]), encode(claims[i]), {}, noted.at(i)});
  }
  log.producer->send(std::move(out));
  const auto done = noted.wait(log.settings.timeout_ms);
  return done ? Status{} : fail(done.error());
}

Status keep_claimed(Log& log, const std::string& topic, Partition partition, Offset offset) {
  const auto claimed = claimed_before(log, topic, partition, offset);
  for (std::size_t from = 0; from < claimed.size(); from += piece_records) {
    const auto to = std::min(claimed.size(), from + piece_records);
    BS_TRY(keep(log, topic,
                {claimed.begin() + static_cast<std::ptrdiff_t>(from), claimed.begin() + static_cast<std::ptrdiff_t>(to)}));
  }
  return {};
}

/// The last append time of what goes: times must not step back behind it, also for one who never saw it.
Status note_begin(Log& log, const std::string& topic, Partition partition, Offset offset, Time last) {
  const Words words{topic, std::to_string(partition), std::to_string(offset), std::to_string(last.us)};
  const auto at = log.put(log.kafka_name("_claims"), "begin " + topic + " " + std::to_string(partition), encode(words));
  return at ? Status{} : fail(at.error());
}

Result<Time> time_before(Log& log, const std::string& topic, Partition partition, Offset offset) {
  const auto last = log.pieces.read(log.kafka_name(topic), partition, offset - 1, offset, 1);
  if (!last) return fail(last.error());
  const std::lock_guard lock(log.state.mutex);
  const PartitionFold& part = log.state.parts_of(topic)[static_cast<std::size_t>(partition)];
  return last->empty() ? Time{} : part.time_of(offset - 1, last->front().appended);
}

Status note_first_of_rest(Log& log, const std::string& topic, Partition partition) {
  Offset begin = 0, end = 0;
  {
    const std::lock_guard lock(log.state.mutex);
    const PartitionFold& part = log.state.parts_of(topic)[static_cast<std::size_t>(partition)];
    begin = part.begin(), end = part.end();
    if (part.first_at().is_set() || begin == end) return {};
  }
  const auto first = log.pieces.read(log.kafka_name(topic), partition, begin, begin + 1, 1);
  if (!first) return fail(first.error());
  const std::lock_guard lock(log.state.mutex);
  PartitionFold& part = log.state.parts_of(topic)[static_cast<std::size_t>(partition)];
  if (first->empty()) return {};
  Record record;
  record.offset = begin, record.appended = part.time_of(begin, first->front().appended);
  if (part.begin() == begin) part.note_first(record);
  return {};
}

void remove_needless_decisions(Log& log) {
  Offset needed = 0;
  {
    const std::lock_guard lock(log.state.mutex);
    needed = log.state.first_needed_decision();
  }
  if (needed == 0) return;
  if (const Status removed = log.asker->remove_records(log.kafka_name("_decisions"), 0, needed); !removed)
    log_warn("queue.decisions_kept", "error={}", removed.error().text());
}

Result<std::uint64_t> expire_topic(Log& log, const std::string& name, std::int64_t retention_ms, Time now,
                                   const Queue::KeepFrom& keep_from) {
  const Time oldest = now.plus_ms(-retention_ms);
  std::vector<std::pair<Partition, Offset>> old;
  for (Partition partition = 0; partition < log.settings.partitions; ++partition) {
    const std::lock_guard lock(log.state.mutex);
    const PartitionFold& part = log.state.parts_of(name)[static_cast<std::size_t>(partition)];
    if (part.begin() == part.end() || (part.first_at().is_set() && part.first_at() >= oldest)) continue;
    old.emplace_back(partition, 0);
  }
  std::uint64_t removed = 0;
  for (auto& [partition, offset] : old) {
    const auto found = offset_at(log, name, partition, oldest);
    if (!found) return fail(found.error());
    const auto gone = cut(log, name, partition, keep_from ? std::min(*found, keep_from(name, partition)) : *found);
    if (!gone) return fail(gone.error());
    removed += *gone;
  }
  return removed;
}

}  // namespace

Result<std::uint64_t> cut(Log& log, const std::string& topic, Partition partition, Offset offset) {
  BS_TRY(log.catch_up(log.kafka_name("_meta")));
  std::uint64_t count = 0;
  {
    const std::lock_guard lock(log.state.mutex);
    const auto found = log.state.find(topic);
    if (!found) return fail(found.error());
    const PartitionFold& part = (*found)->parts[static_cast<std::size_t>(partition)];
    const Offset begin = part.begin(), end = part.end();
    offset = std::min(part.holes().next_record(offset), end);
    if (log.state.hold || offset <= part.low() || offset <= begin) return 0;
    count = offset - begin - part.holes().count(begin, offset);
  }
  BS_TRY(keep_claimed(log, topic, partition, offset));
  const auto last = time_before(log, topic, partition, offset);
  if (!last) return fail(last.error());
  BS_TRY(note_begin(log, topic, partition, offset, *last));
  BS_TRY(log.catch_up(log.kafka_name("_claims")));
  BS_TRY(log.catch_up(log.kafka_name("_meta")));
  {
    const std::lock_guard lock(log.state.mutex);
    if (log.state.hold) return 0;
  }
  BS_TRY(log.asker->remove_records(log.kafka_name(topic), partition, offset));
  {
    const std::lock_guard lock(log.state.mutex);
    log.state.parts_of(topic)[static_cast<std::size_t>(partition)].cut(offset);
  }
  BS_TRY(note_first_of_rest(log, topic, partition));
  return count;
}

Result<std::uint64_t> expire(Log& log, Time now, const Queue::KeepFrom& keep_from) {
  std::vector<std::pair<std::string, std::int64_t>> topics;
  BS_TRY(log.catch_up(log.kafka_name("_meta")));
  {
    const std::lock_guard lock(log.state.mutex);
    if (log.state.hold) return 0;
    for (const auto& [name, topic] : log.state.topics)
      if (topic.made && topic.followed && topic.settings.retention_ms > 0) topics.emplace_back(name, topic.settings.retention_ms);
  }
  std::uint64_t removed = 0;
  std::size_t failed = 0;
  std::optional<Error> error;
  for (const auto& [name, retention_ms] : topics) {
    Result<std::uint64_t> gone = 0;
    {
      const std::lock_guard lock(log.state.mutex);
      if (const auto found = log.state.find(name); !found) gone = fail(found.error());
    }
    if (gone) gone = expire_topic(log, name, retention_ms, now, keep_from);
    if (gone) {
      removed += *gone;
      continue;
    }
    log_warn("queue.not_expired", "queue={} error={}", name, gone.error().text());
    error = gone.error(), ++failed;
  }
  if (removed > 0) remove_needless_decisions(log);
  if (error && failed == topics.size()) return fail(std::move(*error));
  return removed;
}

Result<Offset> offset_at(Log& log, const std::string& topic, Partition partition, Time time) {
  std::vector<Asker::At> one{{log.kafka_name(topic), partition, ms_at_or_after(time)}};
  BS_TRY(log.asker->offsets(one));
  if (one[0].no_topic) return fail(Code::topic_replaced, "queue {}, topic {} of Kafka", topic, log.kafka_name(topic));
  const std::lock_guard lock(log.state.mutex);
  const PartitionFold& part = log.state.parts_of(topic)[static_cast<std::size_t>(partition)];
  Offset found = one[0].none ? part.end() : one[0].offset;
  if (const auto put_right = part.put_right_at(time)) found = std::min(found, *put_right);
  return std::min(part.holes().next_record(std::max(found, part.begin())), part.end());
}

Status open_behind(Log& log, const std::string& topic, Partition partition, Offset position) {
  constexpr std::size_t fillers_max = 10'000;
  BS_TRY(log.catch_up(topic, partition));
  for (;;) {
    Offset next = 0;
    {
      const std::lock_guard lock(log.state.mutex);
      next = log.state.parts_of(topic)[static_cast<std::size_t>(partition)].next();
    }
    if (next >= position) break;
    const auto count = std::min<std::size_t>(position - next, fillers_max);
    log_warn("queue.tail_lost", "queue={} partition={} end={} position={}", topic, partition, next, position);
    const Reports written(count);
    std::vector<Producer::Outgoing> fillers;
    for (std::size_t i = 0; i < count; ++i)
      fillers.push_back({log.kafka_name(topic), partition, "", "", encode(Envelope{}), written.at(i)});
    log.producer->send(std::move(fillers));
    if (const auto done = written.wait(log.settings.timeout_ms); !done) return fail(done.error());
    BS_TRY(log.catch_up(topic, partition));
  }
  return {};
}

}  // namespace backstitch::queue::kafka
