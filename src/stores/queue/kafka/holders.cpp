#include "base/log.h"
#include "stores/queue/kafka/append.h"

namespace backstitch::queue::kafka {
namespace {

Result<std::optional<Record>> kept_record(Log& log, Offset kept) {
  const auto messages = log.pieces.read(log.kafka_name("_kept"), 0, kept, kept + 1, 1);
  if (!messages) return fail(messages.error());
  if (messages->empty()) return std::optional<Record>{};
  return decode_kept(messages->front());
}

/// From memory, from its place in the log, or from where it was kept when retention removed it.
Result<std::optional<Record>> record_of(Log& log, const std::string& topic, Holder holder, const Bits128& claim) {
  const auto kept_now = [&] {
    const auto* holders = log.state.holders(claim);
    for (std::size_t i = 0; holders != nullptr && i < holders->size(); ++i)
      if ((*holders)[i].partition == holder.partition && (*holders)[i].offset == holder.offset) holder.kept = (*holders)[i].kept;
    return holder.kept;
  };
  {
    const std::lock_guard lock(log.state.mutex);
    const PartitionFold& part = log.state.parts_of(topic)[static_cast<std::size_t>(holder.partition)];
    const auto records = part.from_tail(holder.offset, 1);
    if (records && !records->empty() && records->front().offset == holder.offset) return std::optional(records->front());
    kept_now();
  }
  if (holder.kept) return kept_record(log, *holder.kept);
  const auto messages = log.pieces.read(log.kafka_name(topic), holder.partition, holder.offset, holder.offset + 1, 1);
  if (messages) {
    const auto envelope = messages->empty() ? std::nullopt : decode(messages->front());
    if (!envelope || envelope->batch != holder.batch) return std::optional<Record>{};
    const Message& message = messages->front();
    const std::lock_guard lock(log.state.mutex);
    const PartitionFold& part = log.state.parts_of(topic)[static_cast<std::size_t>(holder.partition)];
    return std::optional(Record{message.offset, part.time_of(message.offset, message.appended), message.key, envelope->schema,
                                envelope->headers, message.value});
  }
  if (messages.error().code != Code::offset_expired) return fail(messages.error());
  BS_TRY(log.catch_up(log.kafka_name("_claims")));  // removed a moment ago, or lost
  {
    const std::lock_guard lock(log.state.mutex);
    kept_now();
  }
  if (!holder.kept) return std::optional<Record>{};
  return kept_record(log, *holder.kept);
}

}  // namespace

Result<std::vector<Record>> records_of(Log& log, const std::string& topic, const std::string& claim,
                                       const std::vector<Holder>& holders) {
  std::vector<Record> out;
  const Bits128 number = claim_number(topic, claim);
  for (const Holder& holder : holders) {
    auto record = record_of(log, topic, holder, number);
    if (!record) return fail(std::move(record.error()));
    if (*record) {
      out.push_back(std::move(**record));
      continue;
    }
    log_warn("queue.holder_lost", "queue={} partition={} offset={}", topic, holder.partition, holder.offset);
    const std::lock_guard lock(log.state.mutex);
    log.state.report_lost(number, holder);
  }
  return out;
}

}  // namespace backstitch::queue::kafka
