#include "stores/queue/embedded/embedded_queue.h"

#include <atomic>

#include "base/assert.h"
#include "base/log.h"
#include "stores/queue/check.h"
#include "stores/queue/embedded/group_writer.h"
#include "stores/queue/embedded/topic_table.h"

namespace backstitch::queue {
namespace {

using namespace embedded;

class EmbeddedQueue final : public Queue {
 public:
  EmbeddedQueue(const EmbeddedSettings& settings, std::unique_ptr<LogStore> store)
      : partitions_(settings.partitions),
        store_(std::move(store)),
        topics_(*store_, settings.partitions),
        writer_(*store_, subscribers_, settings.clock, settings.tail_bytes_max) {}

  Status load() { return topics_.load(); }

  Result<LogIdentity> identity() override { return store_->identity(); }
  Result<std::string> bind(const std::string& owner) override;
  Status ensure_topic(const std::string& topic, const TopicSettings& settings) override {
    const auto paused = writer_.pause();
    return topics_.ensure(topic, settings);
  }

  Result<std::vector<Appended>> append(std::vector<Append> batch) override {
    BS_TRY(check_batch(batch, partitions_));
    std::vector<TopicState*> topics;
    topics.reserve(batch.size());
    for (const Append& append : batch) {
      if (!topics.empty() && topics.back()->name == append.topic) {
        topics.push_back(topics.back());
        continue;
      }
      auto topic = topics_.find(append.topic);
      if (!topic) return fail(std::move(topic.error()));
      topics.push_back(*topic);
    }
    if (batch.empty()) return std::vector<Appended>{};
    return writer_.append(std::move(batch), std::move(topics));
  }

  Result<std::vector<Record>> read(const std::string& topic, Partition partition, Offset from, std::size_t records_max) override;
  Result<TopicInfo> topic(const std::string& name) override;
  std::vector<std::string> topics() override {
    std::vector<std::string> names;
    for (const TopicState* topic : topics_.all()) names.push_back(topic->name);
    return names;
  }
  Result<Offset> offset_at(const std::string& topic, Partition partition, Time time) override;
  Result<std::vector<Record>> holders(const std::string& topic, const std::string& claim) override;
  Status open_behind(const std::string& topic, Partition partition, Offset position) override;
  Status trim(const std::string& topic, Partition partition, Offset offset) override;
  Result<std::uint64_t> expire(Time now, const KeepFrom& keep_from) override;
  void hold_retention(bool hold) override { hold_ = hold; }
  std::shared_ptr<void> subscribe(const std::string& topic, std::function<void()> wake) override {
    return subscribers_.add(topic, std::move(wake));
  }

 private:
  struct Place {
    TopicState* topic;
    Partition partition;
    PartitionLog* log;
  };
  /// Code::topic_unknown, partition_unknown.
  Result<Place> place(const std::string& topic, Partition partition);
  Result<Offset> first_at_or_after(const Place& place, Time time);
  /// Removes the records before `offset`; returns how many.
  Result<std::uint64_t> cut(const Place& place, Offset offset);
  Status write_ends(const Place& place, Offset begin, Offset end, std::vector<Gap> gaps);

  const Partition partitions_;
  std::atomic<bool> hold_{false};
  std::unique_ptr<LogStore> store_;
  Subscribers subscribers_;
  TopicTable topics_;
  GroupWriter writer_;  // last: its thread uses all others
};

Result<EmbeddedQueue::Place> EmbeddedQueue::place(const std::string& topic, Partition partition) {
  const auto found = topics_.find(topic);
  if (!found) return fail(found.error());
  BS_TRY(check_partition(topic, partition, partitions_));
  return Place{*found, partition, &(*found)->partitions[static_cast<std::size_t>(partition)]};
}

Result<std::string> EmbeddedQueue::bind(const std::string& owner) {
  const auto paused = writer_.pause();
  auto found = store_->identity();
  if (!found) return fail(std::move(found.error()));
  if (!found->owner.empty()) return std::move(found->owner);
  BS_TRY(store_->ready_to_write(owner.size()));
  const auto write = store_->begin_write();
  write->put_owner(owner);
  BS_TRY(store_->commit(*write, true));
  return owner;
}

Result<std::vector<Record>> EmbeddedQueue::read(const std::string& topic, Partition partition, Offset from,
                                                std::size_t records_max) {
  const auto at = place(topic, partition);
  if (!at) return fail(at.error());
  const auto view = at->log->view();
  BS_TRY(check_offset(topic, partition, from, view.begin, view.end));
  if (from == view.end) return std::vector<Record>{};
  if (auto records = at->log->from_tail(from, records_max)) return std::move(*records);
  auto records = store_->records(at->topic->id, partition, from, view.end, records_max);
  if (!records) return records;
  // Retention may have passed meanwhile: then what was read begins too late.
  BS_TRY(check_offset(topic, partition, from, at->log->view().begin, view.end));
  return records;
}

Result<TopicInfo> EmbeddedQueue::topic(const std::string& name) {
  const auto found = topics_.find(name);
  if (!found) return fail(found.error());
  TopicInfo info{name, (*found)->durable, (*found)->retention_ms, {}};
  for (Partition partition = 0; partition < partitions_; ++partition) {
    const PartitionLog& log = (*found)->partitions[static_cast<std::size_t>(partition)];
    const auto view = log.view();
    info.partitions.push_back({partition, view.begin, view.end, view.first_at, log.lost()});
  }
  return info;
}

// Append times never decrease within a partition, so the log is its own index: about 20 seeks in a million records.
Result<Offset> EmbeddedQueue::first_at_or_after(const Place& place, Time time) {
  const auto view = place.log->view();
  Offset from = view.begin, to = view.end, found = view.end;
  while (from < to) {
    const Offset middle = from + (to - from) / 2;
    const auto record = store_->records(place.topic->id, place.partition, middle, view.end, 1);
    if (!record) return fail(record.error());
    if (record->empty() || record->front().appended >= time) {
      to = middle;
      found = record->empty() ? view.end : record->front().offset;
    } else {
      from = record->front().offset + 1;
    }
  }
  return found;
}

Result<Offset> EmbeddedQueue::offset_at(const std::string& topic, Partition partition, Time time) {
  const auto at = place(topic, partition);
  if (!at) return fail(at.error());
  return first_at_or_after(*at, time);
}

Result<std::vector<Record>> EmbeddedQueue::holders(const std::string& topic, const std::string& claim) {
  const auto found = topics_.find(topic);
  if (!found) return fail(found.error());
  const auto list = store_->holders(claim_key((*found)->id, claim));
  if (!list) return fail(list.error());
  auto records = decode_holders(*list);
  if (!records) return fail(Code::queue_failed, "the claim {} of queue {} cannot be read back", claim, topic);
  return std::move(*records);
}

Status EmbeddedQueue::write_ends(const Place& place, Offset begin, Offset end, std::vector<Gap> gaps) {
  const auto view = place.log->view();
  const bool removes = view.begin < begin && view.begin < view.end;
  BS_TRY(store_->ready_to_write(0, removes ? Reserve::used : Reserve::kept));
  const auto write = store_->begin_write();
  if (removes) write->remove_records(place.topic->id, place.partition, view.begin, begin);
  write->put_partition(place.topic->id, place.partition, {begin, end, place.log->last_at, std::move(gaps)});
  // Removals may come undone in a power cut, and are done again. Which offsets are gone must not be forgotten.
  return store_->commit(*write, !removes);
}

Status EmbeddedQueue::open_behind(const std::string& topic, Partition partition, Offset position) {
  const auto at = place(topic, partition);
  if (!at) return fail(at.error());
  const auto paused = writer_.pause();
  PartitionLog& log = *at->log;
  if (log.next >= position) return {};
  auto gaps = log.gaps;
  gaps.push_back({log.next, position});
  const auto view = log.view();
  BS_TRY(write_ends(*at, view.begin == view.end ? position : view.begin, position, std::move(gaps)));
  log_warn("queue.tail_lost", "queue={} partition={} end={} position={}", topic, partition, log.next, position);
  log.open_behind(position);
  return {};
}

Result<std::uint64_t> EmbeddedQueue::cut(const Place& place, Offset offset) {
  const auto paused = writer_.pause();
  PartitionLog& log = *place.log;
  const auto view = log.view();
  if (offset <= view.begin) return 0;
  const auto first = store_->records(place.topic->id, place.partition, offset, view.end, 1);
  if (!first) return fail(first.error());
  const Offset begin = first->empty() ? view.end : first->front().offset;
  const auto removed = log.count(view.begin, begin);
  BS_TRY(write_ends(place, begin, log.next, log.gaps));
  log.cut(begin, first->empty() ? Time{} : first->front().appended);
  return removed;
}

Status EmbeddedQueue::trim(const std::string& topic, Partition partition, Offset offset) {
  const auto at = place(topic, partition);
  if (!at) return fail(at.error());
  const auto view = at->log->view();
  if (offset > view.end) return check_offset(topic, partition, offset, view.begin, view.end);
  if (hold_) return {};
  const auto removed = cut(*at, offset);
  if (!removed) return fail(removed.error());
  return {};
}

Result<std::uint64_t> EmbeddedQueue::expire(Time now, const KeepFrom& keep_from) {
  std::uint64_t total = 0;
  for (TopicState* topic : topics_.all()) {
    const std::int64_t retention_ms = topic->retention_ms;
    for (Partition partition = 0; partition < partitions_ && retention_ms > 0 && !hold_; ++partition) {
      const Place place{topic, partition, &topic->partitions[static_cast<std::size_t>(partition)]};
      const Time oldest = now.plus_ms(-retention_ms), first_at = place.log->view().first_at;
      if (!first_at.is_set() || first_at >= oldest) continue;
      const auto offset = first_at_or_after(place, oldest);
      if (!offset) return fail(offset.error());
      const auto removed = cut(place, keep_from ? std::min(*offset, keep_from(topic->name, partition)) : *offset);
      if (!removed) return fail(removed.error());
      total += *removed;
    }
  }
  return total;
}

}  // namespace

Result<std::unique_ptr<Queue>> open_embedded_queue(const EmbeddedSettings& settings) {
  BS_ASSERT(settings.partitions > 0, "a log without partitions keeps nothing");
  auto store = LogStore::open(
      {settings.folder, settings.partitions, settings.faults, settings.free_bytes_min, settings.beside_owner, settings.log});
  if (!store) return fail(std::move(store.error()));
  auto queue = std::make_unique<EmbeddedQueue>(settings, std::move(*store));
  BS_TRY(queue->load());
  return queue;
}

}  // namespace backstitch::queue
