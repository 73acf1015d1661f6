#include "stores/queue/kafka/kafka_queue.h"

#include <algorithm>

#include "base/log.h"
#include "stores/queue/check.h"
#include "stores/queue/kafka/append.h"
#include "stores/queue/kafka/faults.h"
#include "stores/queue/kafka/retention.h"
#include "stores/queue/tails.h"

namespace backstitch::queue {
namespace {

using namespace kafka;

class KafkaQueue final : public Queue, public KnowsTails {
 public:
  explicit KafkaQueue(std::unique_ptr<Log> log) : log_(std::move(log)) {}

  Result<LogIdentity> identity() override {
    BS_TRY(log_->catch_up(log_->kafka_name("_meta")));
    const std::lock_guard lock(log_->state.mutex);
    return LogIdentity{log_->state.instance, log_->state.owner};
  }

  Result<std::string> bind(const std::string& owner) override {
    auto found = identity();
    if (found && found->owner.empty()) {
      BS_TRY(log_->note({"owner", owner}));
      found = identity();  // of two that ask at the same time, the first one counts
    }
    return found ? Result<std::string>(found->owner) : fail(std::move(found.error()));
  }

  Status ensure_topic(const std::string& topic, const TopicSettings& settings) override {
    return log_->ensure_topic(topic, settings);
  }

  Result<std::vector<Appended>> append(std::vector<Append> batch) override {
    BS_TRY(check_batch(batch, log_->settings.partitions));
    for (const Append& append : batch) BS_TRY(check(append.topic));
    return kafka::append(*log_, batch);
  }

  Result<std::vector<Record>> read(const std::string& topic, Partition partition, Offset from, std::size_t records_max) override;
  Result<TopicInfo> topic(const std::string& name) override;
  std::vector<std::string> topics() override;
  std::vector<std::pair<Offset, Offset>> tails(const std::string& topic, Partition partition) override;

  Result<Offset> offset_at(const std::string& topic, Partition partition, Time time) override {
    BS_TRY(check(topic, partition));
    return kafka::offset_at(*log_, topic, partition, time);
  }

  Result<std::vector<Record>> holders(const std::string& topic, const std::string& claim) override;

  Status open_behind(const std::string& topic, Partition partition, Offset position) override {
    BS_TRY(check(topic, partition));
    return kafka::open_behind(*log_, topic, partition, position);
  }

  Status trim(const std::string& topic, Partition partition, Offset offset) override;

  Result<std::uint64_t> expire(Time now, const KeepFrom& keep_from) override { return kafka::expire(*log_, now, keep_from); }

  // Stands in the log, so that it binds every process; without an answer it is not known to bind any but this one.
  void hold_retention(bool hold) override {
    if (const Status noted = log_->note({"hold", hold ? "on" : "off"}); !noted)
      log_error("queue.hold_failed", "hold={} error={}", hold, noted.error().text());
  }

  std::shared_ptr<void> subscribe(const std::string& topic, std::function<void()> wake) override {
    return log_->subscribers.add(topic, std::move(wake));
  }

  void show_positions(const std::string& reader, const std::string& topic, const std::map<Partition, Offset>& next) override {
    if (check(topic)) log_->positions.show(log_->kafka_name(reader), log_->kafka_name(topic), next);
  }

  void fail_producer_for_good() { log_->producer->fail_for_good(); }

 private:
  Status check(const std::string& topic) {
    const std::lock_guard lock(log_->state.mutex);
    const auto found = log_->state.find(topic);
    return found ? Status{} : fail(found.error());
  }
  Status check(const std::string& topic, Partition partition) {
    BS_TRY(check(topic));
    return check_partition(topic, partition, log_->settings.partitions);
  }
  const PartitionFold& part(const std::string& topic, Partition partition) {
    return log_->state.parts_of(topic)[static_cast<std::size_t>(partition)];
  }

  const std::unique_ptr<Log> log_;
};

Result<std::vector<Record>> KafkaQueue::read(const std::string& topic, Partition partition, Offset from,
                                             std::size_t records_max) {
  BS_TRY(check(topic, partition));
  Offset end = 0;
  {
    const std::lock_guard lock(log_->state.mutex);
    const PartitionFold& known = part(topic, partition);
    end = known.end();
    BS_TRY(check_offset(topic, partition, from, known.first(), end));
    if (auto records = known.from_tail(from, records_max)) return std::move(*records);
    from = known.holes().next_record(from);
  }
  std::vector<Record> out;
  while (from < end && out.size() < records_max) {
    const auto messages = log_->pieces.read(log_->kafka_name(topic), partition, from, end, records_max - out.size());
    if (!messages) return fail(messages.error());  // also when retention has passed meanwhile
    const std::lock_guard lock(log_->state.mutex);
    const PartitionFold& known = part(topic, partition);
    if (messages->empty()) break;
    for (const Message& message : *messages) {
      if (known.holes().contains(message.offset)) continue;
      const auto envelope = decode(message).value_or(Envelope{});
      out.push_back({message.offset, known.time_of(message.offset, message.appended), message.key, envelope.schema,
                     envelope.headers, message.value});
    }
    from = known.holes().next_record(messages->back().offset + 1);
  }
  return out;
}

Result<TopicInfo> KafkaQueue::topic(const std::string& name) {
  const std::lock_guard lock(log_->state.mutex);
  const auto found = log_->state.find(name);
  if (!found) return fail(found.error());
  TopicInfo info{name, (*found)->settings.durable, (*found)->settings.retention_ms, {}};
  for (const PartitionFold& known : (*found)->parts) {
    const Offset begin = known.first(), end = known.end();
    info.partitions.push_back(
        {static_cast<Partition>(info.partitions.size()), begin, end, known.first_at(), known.holes().within(begin, end)});
  }
  return info;
}

std::vector<std::pair<Offset, Offset>> KafkaQueue::tails(const std::string& topic, Partition partition) {
  const std::lock_guard lock(log_->state.mutex);
  const auto found = log_->state.find(topic);
  if (!found || static_cast<std::size_t>(partition) >= (*found)->parts.size()) return {};
  const PartitionFold& known = (*found)->parts[static_cast<std::size_t>(partition)];
  return known.tails().within(known.first(), known.end());
}

std::vector<std::string> KafkaQueue::topics() {
  std::vector<std::string> names;
  const std::lock_guard lock(log_->state.mutex);
  for (const auto& [name, topic] : log_->state.topics)
    if (topic.made) names.push_back(name);
  return names;
}

Result<std::vector<Record>> KafkaQueue::holders(const std::string& topic, const std::string& claim) {
  BS_TRY(check(topic));
  BS_TRY(log_->catch_up(log_->kafka_name("_decisions")));  // others write, too
  std::vector<Holder> holders;
  {
    const std::lock_guard lock(log_->state.mutex);
    if (const auto* found = log_->state.holders(claim_number(topic, claim))) holders = *found;
  }
  return records_of(*log_, topic, claim, holders);
}

Status KafkaQueue::trim(const std::string& topic, Partition partition, Offset offset) {
  BS_TRY(check(topic, partition));
  {
    const std::lock_guard lock(log_->state.mutex);
    const PartitionFold& known = part(topic, partition);
    if (offset > known.end()) return check_offset(topic, partition, offset, known.begin(), known.end());
  }
  const auto removed = cut(*log_, topic, partition, offset);
  return removed ? Status{} : fail(removed.error());
}

}  // namespace

Result<std::unique_ptr<Queue>> open_kafka_queue(const KafkaSettings& settings) {
  auto log = Log::open(settings);
  if (!log) return fail(std::move(log.error()));
  return std::make_unique<KafkaQueue>(std::move(*log));
}

void kafka::fail_producer_for_good(Queue& queue) { dynamic_cast<KafkaQueue&>(queue).fail_producer_for_good(); }

}  // namespace backstitch::queue
