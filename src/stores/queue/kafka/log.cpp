#include "stores/queue/kafka/log.h"

#include <algorithm>

#include "base/log.h"

namespace backstitch::queue::kafka {

Log::Log(const KafkaSettings& given, std::uint64_t session)
    : settings(given),
      state(given.prefix, given.partitions, session, given.tail_bytes_max),
      pieces(given),
      positions(given),
      session_(session) {}

Log::~Log() {
  over_ = true;
  if (following_.joinable()) following_.join();
  if (watching_.joinable()) watching_.join();
  producer.reset();  // its reports need the state
}

Result<Offset> Log::put(const std::string& kafka_topic, const std::string& key, const std::string& value, Headers headers) {
  struct Told {
    std::mutex mutex;
    std::condition_variable come;
    std::optional<Result<Offset>> result;
  };
  const auto told = std::make_shared<Told>();
  const auto done = [told](Result<Offset> result) {
    const std::lock_guard lock(told->mutex);
    told->result = std::move(result);
    told->come.notify_all();
  };
  std::vector<Producer::Outgoing> one;
  one.push_back({kafka_topic, 0, key, value, std::move(headers), done});
  producer->send(std::move(one));
  std::unique_lock lock(told->mutex);
  if (!told->come.wait_for(lock, std::chrono::milliseconds(settings.timeout_ms + 2'000),
                           [&] { return told->result.has_value(); }))
    return fail(Code::queue_failed, "Kafka: {} was not acknowledged in time", kafka_topic);
  return std::move(*told->result);
}

void Log::send_void(BatchId batch) {
  std::vector<Producer::Outgoing> one;
  one.push_back(
      {kafka_name("_decisions"), 0, "", encode(Decision{Decision::Kind::is_void, batch, {}, {}}), {}, [](const Result<Offset>&) {
       }});
  producer->send(std::move(one));
}

void Log::send_lost() {
  Decision lost{Decision::Kind::lost, {}, {}, {}};
  {
    const std::lock_guard lock(state.mutex);
    lost.lost = state.take_lost();
  }
  if (lost.lost.empty()) return;
  log_error("queue.claims_lost", "claims={}", lost.lost.size());
  if (const auto sent = put(kafka_name("_decisions"), "", encode(lost)); sent) return;
  const std::lock_guard lock(state.mutex);
  for (const KeptClaim& claim : lost.lost) state.report_lost(claim.claim, claim.holder);
}

Status Log::catch_up(const std::string& kafka_topic) {
  const auto end = asker->offset(kafka_topic, 0, Asker::latest);
  if (!end) return fail(end.error());
  std::unique_lock lock(state.mutex);
  if (state.moved.wait_for(lock, std::chrono::milliseconds(settings.timeout_ms),
                           [&] { return state.next_of(kafka_topic) >= *end; }))
    return {};
  return fail(Code::queue_failed, "Kafka: {} could not be read to its end in time", kafka_topic);
}

Status Log::catch_up(const std::string& topic, Partition partition) {
  const auto end = asker->offset(kafka_name(topic), partition, Asker::latest);
  if (!end) return fail(end.error());
  std::unique_lock lock(state.mutex);
  PartitionFold& part = state.parts_of(topic)[static_cast<std::size_t>(partition)];
  if (state.moved.wait_for(lock, std::chrono::milliseconds(settings.timeout_ms), [&] { return part.next() >= *end; })) return {};
  return fail(Code::queue_failed, "Kafka: queue {}, partition {}, could not be read to its end in time", topic, partition);
}

Status Log::note(const Words& words) {
  const auto at = put(kafka_name("_meta"), words[0], encode(words));
  if (!at) return fail(at.error());
  if (*at == Producer::somewhere) return catch_up(kafka_name("_meta"));
  std::unique_lock lock(state.mutex);
  if (state.moved.wait_for(lock, std::chrono::milliseconds(settings.timeout_ms),
                           [&] { return state.next_of(kafka_name("_meta")) > *at; }))
    return {};
  return fail(Code::queue_failed, "Kafka: what was written to _meta could not be read back in time");
}

void Log::start(const std::string& kafka_topic, Partition partition, Offset from) {
  const std::lock_guard lock(starting_);
  to_start_.emplace_back(kafka_topic, partition, from);
}

void Log::follow_loop() {
  while (!over_) {
    {
      const std::lock_guard lock(starting_);
      if (!to_start_.empty()) follower_->learn(1'000);
      for (; !to_start_.empty(); to_start_.pop_front()) {
        const auto& [topic, partition, from] = to_start_.front();
        if (!started_.insert({topic, partition}).second) follower_->leave(topic, partition);
        if (const Status done = follower_->follow(topic, partition, from); !done)
          log_warn("queue.follow_failed", "error={}", done.error().text());
      }
    }
    std::vector<Message> messages;
    std::vector<std::tuple<std::string, Partition, Follower::Lost>> lost;
    follower_->poll(20, messages, lost);
    if (messages.empty()) continue;
    std::set<std::string> woken;
    {
      const std::lock_guard lock(state.mutex);
      const auto now = monotonic_ms();
      for (Message& message : messages) state.apply(std::move(message), now, woken);
      state.moved.notify_all();
    }
    for (const std::string& topic : woken) subscribers.wake(topic);
  }
}

}  // namespace backstitch::queue::kafka
