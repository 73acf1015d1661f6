// What nobody tells: topics that others made, records that others removed, topics that were deleted and made again (a client of
// Kafka is told nothing of it), a log that has lost its tail, batches whose writer died.
#include <algorithm>

#include "base/log.h"
#include "stores/queue/kafka/log.h"

namespace backstitch::queue::kafka {
namespace {

constexpr int watch_every_ms = 300;
constexpr int missing_looks_max = 6;  // a broker that starts does not know its topics at once

struct Known {  // of a partition, before the brokers were asked
  std::string topic;
  Partition partition;
  Offset low, next, expected;
};

}  // namespace

void Log::watch_loop() {
  for (int waited_ms = 0; !over_; waited_ms += 20) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (waited_ms < watch_every_ms) continue;
    waited_ms = 0;
    watch_once();
    send_lost();
    void_what_nobody_completed();
  }
}

void Log::watch_once() {
  std::vector<std::string> fresh;
  std::vector<std::pair<std::string, Partition>> parts;
  {
    const std::lock_guard lock(state.mutex);
    for (const auto& [name, topic] : state.topics) {
      if (topic.made && !topic.followed) fresh.push_back(name);
      for (Partition partition = 0; topic.made && topic.followed && !topic.replaced && partition < settings.partitions;
           ++partition)
        parts.emplace_back(name, partition);
    }
  }
  for (const std::string& name : fresh)
    if (const Status followed = follow_topic(name); !followed)
      log_warn("queue.follow_failed", "error={}", followed.error().text());
  static_cast<void>(look_at(parts));  // an answer that does not come is asked for again
}

void Log::count_missing(const std::map<std::string, bool>& missing) {
  for (const auto& [name, is_missing] : missing) {
    TopicState& topic = state.topics[name];
    topic.missing_looks = is_missing ? topic.missing_looks + 1 : 0;
    const bool gone = topic.missing_looks >= missing_looks_max;
    if (gone && !topic.replaced) log_error("queue.topic_replaced", "topic={}", kafka_name(name));
    topic.replaced = topic.replaced || gone;
  }
}

// A record that a decision speaks of stays expected until its place is taken: it is told of once.
void Log::tell_lost(const std::string& topic, Partition partition, Offset end, Offset was) {
  if (std::exchange(told_lost_[{topic, partition}], std::pair(end, was)) != std::pair(end, was))
    log_error("queue.tail_lost", "queue={} partition={} end={} was={}", topic, partition, end, was);
}

Status Log::look_at(const std::vector<std::pair<std::string, Partition>>& parts) {
  std::vector<Known> known;
  std::vector<Asker::At> lows, ends;
  {
    const std::lock_guard lock(state.mutex);
    for (const auto& [name, partition] : parts) {
      const PartitionFold& part = state.parts_of(name)[static_cast<std::size_t>(partition)];
      known.push_back({name, partition, part.low(), part.next(), part.last_expected()});
      lows.push_back({kafka_name(name), partition, Asker::earliest});
      ends.push_back({kafka_name(name), partition, Asker::latest});
    }
  }
  BS_TRY(watcher_->offsets(lows));
  BS_TRY(watcher_->offsets(ends));
  std::set<std::string> to_look_at;  // whose first birth is to be read
  std::vector<std::pair<Known, Offset>> shortened;
  std::map<std::string, bool> missing;
  for (std::size_t i = 0; i < known.size(); ++i) missing[known[i].topic] |= lows[i].no_topic || ends[i].no_topic;
  {
    const std::lock_guard lock(state.mutex);
    count_missing(missing);
    for (std::size_t i = 0; i < known.size(); ++i) {
      TopicState& topic = state.topics[known[i].topic];
      PartitionFold& part = topic.parts[static_cast<std::size_t>(known[i].partition)];
      if (missing[topic.name]) continue;
      // No partition of ours is without its birth. A low end that falls proves nothing: a killed broker may forget a removal.
      const bool gone = known[i].next > 0 && ends[i].offset == 0;
      if (known[i].low > 1 && lows[i].offset == 0) to_look_at.insert(topic.name);
      if (gone && !topic.replaced) log_error("queue.topic_replaced", "topic={}", kafka_name(topic.name));
      topic.replaced = topic.replaced || gone;
      if (topic.replaced) continue;
      if (ends[i].offset < known[i].next || (known[i].expected > 0 && ends[i].offset <= known[i].expected)) {
        shortened.emplace_back(known[i], ends[i].offset);
        if (lows[i].offset == 0) to_look_at.insert(topic.name);
      }
      if (lows[i].offset > part.next()) {  // somebody removed what we had not read yet
        part.jump(lows[i].offset);
        start(kafka_name(topic.name), known[i].partition, lows[i].offset);
      }
      if (lows[i].offset > part.low()) part.cut(lows[i].offset);
    }
    // One topic a round is looked at anyway: another one may have grown longer than ours was.
    if (!known.empty()) {
      const auto& next = known[births_looked_at_++ * static_cast<std::size_t>(settings.partitions) % known.size()];
      if (next.low <= 1 && lows[0].offset == 0) to_look_at.insert(next.topic);
    }
    state.moved.notify_all();
  }
  for (const std::string& name : to_look_at) {
    const auto birth = births_->read(kafka_name(name), 0, 0, 1, 1);
    if (!birth && birth.error().code != Code::topic_replaced) continue;
    const std::lock_guard lock(state.mutex);
    TopicState& topic = state.topics[name];
    const auto envelope = birth && !birth->empty() ? decode(birth->front()) : std::nullopt;
    if (envelope && envelope->kind == Kind::birth && envelope->incarnation == topic.incarnation) continue;
    topic.replaced = true;
    state.moved.notify_all();
    log_error("queue.topic_replaced", "topic={}", kafka_name(name));
  }
  const std::lock_guard lock(state.mutex);
  for (const auto& [part, end] : shortened) {
    TopicState& topic = state.topics[part.topic];
    if (topic.replaced || topic.parts[static_cast<std::size_t>(part.partition)].next() < part.next) continue;
    tell_lost(part.topic, part.partition, end, std::max(part.next, part.expected + 1));
    state.rewind(topic, part.partition, end);
    if (part.next > end) start(kafka_name(part.topic), part.partition, end);
    state.moved.notify_all();
  }
  return {};
}

// A late "counts" behind our "void" is none: the first one of a batch is what holds, for everybody.
void Log::void_what_nobody_completed() {
  std::set<BatchId> orphans;
  {
    const std::lock_guard lock(state.mutex);
    const auto before = monotonic_ms() - settings.void_after_ms;
    for (const auto& [name, topic] : state.topics)
      for (const PartitionFold& part : topic.parts)
        if (const auto* oldest = part.oldest_undecided(); oldest != nullptr && oldest->since_ms < before)
          orphans.insert(oldest->batch);
  }
  for (const BatchId& batch : orphans) {
    if (!voiding_.contains(batch)) log_warn("queue.batch_void", "session={} number={}", batch.session, batch.number);
    send_void(batch);  // again until it is read
  }
  voiding_ = std::move(orphans);
}

}  // namespace backstitch::queue::kafka
